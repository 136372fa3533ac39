import type { ErrorCode } from '../core/error-codes.js'
import { type Diagnostic, type Place } from '../core/errors.js'
import type { TextSpan } from '../core/source-text.js'
import { placeOf, type SourceText } from '../core/source-text.js'
import { suggestNearest } from '../core/suggest.js'

/** Collects what a build finds in one flow file, so that all of it can be reported together. */
export class Findings {
  readonly #source: SourceText
  readonly #found: Diagnostic[] = []

  constructor(source: SourceText) {
    this.#source = source
  }

  get hasErrors(): boolean {
    return this.#found.some((finding) => finding.severity === 'error')
  }

  /** Whether something with one of these codes was found. */
  has(...codes: readonly ErrorCode[]): boolean {
    return this.#found.some((finding) => codes.includes(finding.code))
  }

  error(code: ErrorCode, at: TextSpan, message: string, hint?: string): void {
    this.#add('error', code, placeOf(this.#source, at), message, hint)
  }

  warn(code: ErrorCode, at: TextSpan, message: string, hint?: string): void {
    this.#add('warning', code, placeOf(this.#source, at), message, hint)
  }

  /** An error in another file, or in none. */
  errorAt(code: ErrorCode, at: Place | undefined, message: string, hint?: string): void {
    this.#add('error', code, at, message, hint)
  }

  /** In order of place. */
  list(): readonly Diagnostic[] {
    return this.#found.toSorted((a, b) => (a.at?.line ?? 0) - (b.at?.line ?? 0) || (a.at?.column ?? 0) - (b.at?.column ?? 0))
  }

  #add(severity: Diagnostic['severity'], code: ErrorCode, at: Place | undefined, message: string, hint: string | undefined): void {
    this.#found.push({ severity, code, message, ...(hint === undefined ? {} : { hint }), ...(at === undefined ? {} : { at }) })
  }
}

/** A hint that names the nearest known word, or all of them when they are few. */
export function suggestName(word: string, known: readonly string[], otherwise: string): string {
  return suggestNearest(word, known, known.length > 0 && known.length <= 12 ? `known are: ${known.join(', ')}` : otherwise)
}
