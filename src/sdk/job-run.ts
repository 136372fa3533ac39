import type { ErrorCode } from '../core/error-codes.js'
import type { JsonObject } from '../core/json.js'

/** A value with its SQL type and its exact text (null for NULL): what JavaScript has no value for stays exact. */
export class ExactValue {
  readonly type: string
  readonly text: string | null

  constructor(type: string, text: string | null) {
    this.type = type
    this.text = text
  }
}

/** How another job is to be run. */
export interface JobRequest {
  /** A context file, or the name of a context of the job; its default one when undefined. */
  readonly context?: string | undefined
  /** Values over the context. */
  readonly set?: JsonObject | undefined
  /** The logical date or time; that of this run when undefined. */
  readonly date?: string | undefined
}

/** What came of the run of another job. */
export interface JobOutcome {
  readonly status: 'completed' | 'failed' | 'cancelled'
  readonly runId: string
  /** The folder of the run, with its log. */
  readonly folder: string
  /** What its nodes published, by `node__name`. */
  readonly globals: { readonly [name: string]: ExactValue }
  readonly errors: readonly {
    readonly code: ErrorCode
    readonly message: string
    readonly hint?: string
    readonly node?: string
    readonly at?: { readonly file: string; readonly line: number; readonly column: number }
  }[]
}
