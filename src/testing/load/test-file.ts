import type { FlowEntry, FlowValue } from '../../core/flow.js'
import type { JsonObject } from '../../core/json.js'
import type { SourceText, TextSpan } from '../../core/source-text.js'

/** A test file, read. What stands beside its cases is in each of them. */
export interface TestFile {
  readonly source: SourceText
  /** The flow file, as a path that can be read from where the command was called. */
  readonly flow: string
  /** Where the file names it; undefined where the name of the file says so. */
  readonly flowAt: TextSpan | undefined
  readonly cases: readonly TestCase[]
}

/** One run of the flow, and what has to come of it. */
export interface TestCase {
  readonly name: string
  readonly nameAt: TextSpan
  /** Its place among the cases of the file, from 0. */
  readonly index: number
  readonly skip: string | undefined
  readonly context: Named | undefined
  readonly set: JsonObject
  readonly env: { readonly [name: string]: string }
  readonly date: Named | undefined
  readonly files: readonly TestEntry<FileContent>[]
  readonly replace: readonly TestEntry<StandInSpec>[]
  /** By `node__global`. */
  readonly globals: readonly TestEntry<FlowValue>[]
  readonly allow: readonly Named[]
  readonly kill: { readonly point: KillPoint; readonly subFlow: Named } | undefined
  readonly expect: ExpectSpec
}

/** A text of the file and where it stands. */
export interface Named {
  readonly text: string
  readonly at: TextSpan
}

/** One key of a map of the file. */
export interface TestEntry<T> {
  readonly key: string
  readonly keyAt: TextSpan
  readonly value: T
}

/** Where a run is killed: when a sub flow starts, before its commit, in it, or after it. */
export const KILL_POINTS = ['start', 'before_commit', 'in_commit', 'after'] as const
export type KillPoint = (typeof KILL_POINTS)[number]

/** What a file holds: what another file does, or a text. */
export type FileContent =
  | { readonly kind: 'file'; readonly path: Named }
  | { readonly kind: 'text'; readonly text: string; readonly at: TextSpan }

/** Rows as the test file gives them. */
export interface RowsSpec {
  readonly at: TextSpan
  /** In the file itself; undefined: in `file`. */
  readonly rows: readonly RowSpec[] | undefined
  readonly file: Named | undefined
  /** Names and types. */
  readonly columns: readonly ColumnSpec[] | undefined
}

export interface ColumnSpec {
  readonly name: string
  readonly type: string
  readonly at: TextSpan
}

export interface RowSpec {
  readonly at: TextSpan
  readonly cells: readonly FlowEntry[]
}

/** What stands in for a node. */
export interface StandInSpec {
  /** By output port; of the first port under the empty text. */
  readonly ports: readonly TestEntry<RowsSpec>[]
  readonly globals: readonly TestEntry<FlowValue>[]
  readonly items: FlowValue | undefined
  readonly error: { readonly code: Named | undefined; readonly message: string } | undefined
}

/** What has to come of a run. */
export interface ExpectSpec {
  readonly status: 'completed' | 'failed'
  /** Of the status, or of what it follows from. */
  readonly at: TextSpan
  readonly error: ErrorSpec | undefined
  readonly subFlows: readonly TestEntry<Named>[]
  readonly rows: readonly TestEntry<ExpectedRowsSpec>[]
  readonly globals: readonly TestEntry<FlowValue>[]
  /** Null: must not be there. */
  readonly files: readonly TestEntry<FileContent | null>[]
}

export interface ErrorSpec {
  readonly at: TextSpan
  readonly code: Named | undefined
  readonly message: Named | undefined
  readonly node: Named | undefined
}

/** Rows that a port has to carry. */
export interface ExpectedRowsSpec extends RowsSpec {
  readonly ordered: boolean
  readonly tolerance: number
  /** `*`: all that the rows do not name. */
  readonly ignore: readonly string[] | '*'
  /** The place of each name in `ignore`. */
  readonly ignoreAt: readonly TextSpan[]
}
