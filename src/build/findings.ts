import type { ErrorCode } from '../core/error-codes.js'
import { type Diagnostic, type Place } from '../core/errors.js'
import { groupBy } from '../core/group-by.js'
import type { TextSpan } from '../core/source-text.js'
import { placeOf, type SourceText } from '../core/source-text.js'
import { suggestNearest } from '../core/suggest.js'

/** Codes of names that nothing bears. */
const NAMELESS: ReadonlySet<ErrorCode> = new Set(['UNKNOWN_NODE', 'UNKNOWN_MODULE', 'UNKNOWN_CONTEXT', 'UNKNOWN_GLOBAL'])

/** Collects what a build finds in one flow file, so that all of it can be reported together. */
export class Findings {
  readonly #source: SourceText
  readonly #found: Diagnostic[] = []

  constructor(source: SourceText) {
    this.#source = source
  }

  get hasErrors(): boolean {
    return this.errorCount > 0
  }

  /** How many errors there are so far. */
  get errorCount(): number {
    return this.#found.filter((finding) => finding.severity === 'error').length
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

  /** In order of place. A name that nothing bears is one finding, however often it stands in the file. */
  list(): readonly Diagnostic[] {
    const sorted = this.#found.toSorted((a, b) => (a.at?.line ?? 0) - (b.at?.line ?? 0) || (a.at?.column ?? 0) - (b.at?.column ?? 0))
    const groups = groupBy(sorted, (finding) => (NAMELESS.has(finding.code) ? `${finding.code} ${finding.message}` : finding))
    return [...groups.values()].flatMap(([first, ...others]) => {
      if (first === undefined) return []
      const also = others.flatMap(({ at }) => at ?? [])
      return [also.length === 0 ? first : { ...first, also }]
    })
  }

  #add(severity: Diagnostic['severity'], code: ErrorCode, at: Place | undefined, message: string, hint: string | undefined): void {
    this.#found.push({ severity, code, message, ...(hint === undefined ? {} : { hint }), ...(at === undefined ? {} : { at }) })
  }
}

/** A hint that names the nearest known word, or all of them when they are few. */
export function suggestName(word: string, known: readonly string[], otherwise: string): string {
  return suggestNearest(word, known, known.length > 0 && known.length <= 12 ? `known are: ${known.join(', ')}` : otherwise)
}
