import type { ErrorCode } from './error-codes.js'

/** A span in a text file. Lines and columns count from 1, columns in UTF-16 units. */
export interface Place {
  readonly file: string
  readonly line: number
  readonly column: number
  /** Length of the span on its first line; 1 when unknown. */
  readonly length?: number
  /** Hash of the file that was meant, where it may be another one by the time somebody looks. */
  readonly hash?: string
}

/** The file that places lie in. */
export type PlacedFile = Pick<Place, 'file' | 'hash'>

/** One finding of a build or a validation. */
export interface Diagnostic {
  readonly severity: 'error' | 'warning'
  readonly code: ErrorCode
  /** What is wrong: what was found and what was expected. */
  readonly message: string
  /** The next action, often a command. */
  readonly hint?: string
  readonly at?: Place
  /** Other places of the same fault, in their order. */
  readonly also?: readonly Place[]
}

/** What a {@link PypeError} may have beside its code and its message. */
export interface PypeErrorOptions {
  readonly hint?: string | undefined
  readonly at?: Place | undefined
  readonly cause?: unknown
  /** The node that failed, as `id` or `id#frame`. */
  readonly node?: string | undefined
}

/** Every failure that a user can meet: a stable code, a message, and the next step. */
export class PypeError extends Error {
  readonly code: ErrorCode
  readonly hint: string | undefined
  readonly at: Place | undefined
  readonly node: string | undefined

  constructor(code: ErrorCode, message: string, options: PypeErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'PypeError'
    this.code = code
    this.hint = options.hint
    this.at = options.at
    this.node = options.node
  }

  /** The same error with what is known only further out: the node, its place. Values that are set already stay. */
  with(options: Pick<PypeErrorOptions, 'at' | 'node' | 'hint'>): PypeError {
    return new PypeError(this.code, this.message, {
      hint: this.hint ?? options.hint,
      at: this.at ?? options.at,
      node: this.node ?? options.node,
      cause: this.cause,
    })
  }
}

/** Thrown by build and validate: all findings of a file at once, errors and warnings, in order of place. */
export class DiagnosticsError extends Error {
  readonly diagnostics: readonly Diagnostic[]
  /** What was thrown and became a finding, for a reader of stacks. */
  readonly causes: readonly unknown[]

  constructor(diagnostics: readonly Diagnostic[], causes: readonly unknown[] = []) {
    super(diagnostics.map((d) => `${d.code} ${d.message}`).join('\n'))
    this.name = 'DiagnosticsError'
    this.diagnostics = diagnostics
    this.causes = causes
  }
}

/** The message of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** The error itself when it is coded; anything else is a defect of ours: INTERNAL, with it as the cause. */
export function toCodedError(error: unknown): PypeError {
  return error instanceof PypeError ? error : new PypeError('INTERNAL', messageOf(error), { cause: error })
}

/** The closest of `candidates` to `word`: by edit distance, else the one that it abbreviates; undefined when none is near. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const known = [...candidates]
  return nearestByEdits(word, known) ?? findAbbreviated(word, known)
}

/** The shortest candidate that begins with the word (`filter`, `filter_mod`), or has its letters in their order (`csv_src`, `csv_source`). */
function findAbbreviated(word: string, candidates: readonly string[]): string | undefined {
  const short = word.toLowerCase()
  if (short.length < 3) return undefined
  const shortest = (found: readonly string[]) => found.toSorted((a, b) => a.length - b.length)[0]
  const begun = shortest(candidates.filter((candidate) => candidate.toLowerCase().startsWith(short)))
  if (begun !== undefined || short.length < 5) return begun
  return shortest(candidates.filter((candidate) => candidate.length < 2 * short.length && hasLetters(candidate.toLowerCase(), short)))
}

function hasLetters(text: string, letters: string): boolean {
  let matched = 0
  for (const letter of text) if (letter === letters[matched]) matched++
  return matched === letters.length && text[0] === letters[0]
}

function nearestByEdits(word: string, candidates: readonly string[]): string | undefined {
  const limit = Math.max(1, Math.floor(word.length / 3))
  let best: string | undefined
  let bestDistance = limit + 1
  for (const candidate of candidates) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase(), bestDistance)
    // Of a short word all letters may be other ones.
    if (distance < bestDistance && distance < Math.max(word.length, candidate.length)) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

/** Levenshtein distance with transpositions, given up (as `bound`) once it cannot be below `bound`. */
function editDistance(a: string, b: string, bound: number): number {
  if (Math.abs(a.length - b.length) >= bound) return bound
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      let distance = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1))
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        distance = Math.min(distance, (beforeLast[j - 2] ?? 0) + 1)
      }
      row.push(distance)
    }
    beforeLast = last
    last = row
  }
  return last[b.length] ?? bound
}
