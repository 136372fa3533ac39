import type { Column, FormatOptions, ScanRelation } from '../../../sdk/relation.js'
import type { CountRows } from '../row-counts/counter-text.js'
import type { Session } from '../session.js'
import type { SourceFile } from './files.js'

/** A scan whose files have been looked at: what a statement needs to read it. */
export interface ResolvedScan {
  readonly columns: readonly Column[]
  readonly files: readonly SourceFile[]
  /** A SELECT that yields the rows; a row that does not fit fails it. `often`: columns that the statement mentions several times, in lower case. */
  select(often: ReadonlySet<string>): string
  /**
   * The same with the rows counted before their values are converted, so that those which a filter drops still need no converting. Absent
   * where nothing is converted.
   */
  selectCounting?(often: ReadonlySet<string>, count: CountRows): string
  /** Names the first row that does not fit, after a statement has failed on it. Resolves to nothing where all rows fit. */
  readonly diagnose: (signal: AbortSignal) => Promise<void>
  /** Absent where the format has no bad rows. */
  readonly rejecting?: RejectingScan
  /** Files that the engine reads in the place of others, by the path that it knows. */
  readonly copies: ReadonlyMap<string, string>
}

/** How the rows of a scan are told apart into good and bad ones. */
export interface RejectingScan {
  /**
   * A SELECT of all rows that have a structure, with their values converted and a BOOLEAN column {@link MISFIT} that is true
   * where one of them does not fit. Rows without a structure go to the engine's tables of these names.
   */
  select(tables: RejectTables): string
  /** The bad rows of both kinds, file after file in the order of their lines. `misfits`: whether some row had {@link MISFIT} set. */
  rejects(tables: RejectTables, misfits: boolean, run: RunStatement): AsyncIterable<RejectedRow>
}

/** The name of that column. */
export const MISFIT = '_pype_misfit'

/** Temporary tables of one connection that the engine fills. */
export interface RejectTables {
  readonly errors: string
  readonly scans: string
}

/** Runs a statement on the connection that has the reject tables; rows as plain JavaScript values. */
export type RunStatement = (statement: string) => Promise<readonly { readonly [column: string]: unknown }[]>

/** A bad row as it leaves by a reject port. */
export interface RejectedRow {
  readonly _error_code: string
  readonly _error_message: string
  readonly _column: string | null
  readonly _file: string
  readonly _line: number | null
  readonly _raw: string | null
}

/** The columns of a reject port of a file source. */
export const REJECT_COLUMNS: readonly Column[] = [
  { name: '_error_code', type: 'VARCHAR' },
  { name: '_error_message', type: 'VARCHAR' },
  { name: '_column', type: 'VARCHAR' },
  { name: '_file', type: 'VARCHAR' },
  { name: '_line', type: 'BIGINT' },
  { name: '_raw', type: 'VARCHAR' },
]

/** What the resolving of a scan needs. */
export interface ScanEnvironment {
  readonly session: Session
  readonly cwd: string
  /** For files that have to be written as UTF-8 before the engine can read them. */
  readonly scratchDir: string
  readonly warn: (message: string) => void
  /** See the options of the engine. */
  readonly readAtMost: number | undefined
  /** Cancels the looking at files. */
  readonly signal: AbortSignal
}

/** The column for the path of each row's file, where the scan adds one. */
export function fileNameColumn(scan: ScanRelation): readonly Column[] {
  return scan.fileNameColumn === undefined ? [] : [{ name: scan.fileNameColumn, type: 'VARCHAR' }]
}

/** An option of a scan as text; `fallback` where it is absent. */
export function textOption(options: FormatOptions, name: string, fallback: string): string {
  const value = options[name]
  return typeof value === 'string' ? value : fallback
}
