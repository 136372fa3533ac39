import { quoteName, quoteText } from '../literal.js'
import type { CsvFile } from './csv-files.js'
import { type CsvPlan, readCsv } from './csv-reader.js'
import { joinRecords, type RawRecord, readRecords } from './csv-records.js'
import type { RejectedRow, RejectTables, RunStatement } from './resolved-scan.js'
import { misfit } from './strict-cast.js'

/** A row whose structure is broken, as the engine reported it. */
interface Broken {
  readonly offset: number
  readonly line: number
  readonly column: string | null
  readonly type: string
  readonly message: string
  readonly raw: string
}

/** A value that does not fit, and the row it stands in. */
export interface Misfit {
  readonly row: RejectedRow
  readonly value: string
  readonly type: string
}

/** The bad rows of a scan, file after file, in the order of their lines. */
export async function* listRejects(plan: CsvPlan, tables: RejectTables, misfits: boolean, run: RunStatement): AsyncGenerator<RejectedRow> {
  for (const file of plan.files) {
    const broken = await placeBroken(plan, file, await readBroken(file, tables, run))
    const found: RejectedRow[] = broken.map((row) => brokenRow(file, row))
    if (misfits) {
      for await (const { row } of findMisfits(plan, file, broken, run)) found.push(row)
    }
    yield* found.sort((a, b) => (a._line ?? 0) - (b._line ?? 0))
  }
}

/** One row per broken line: the first thing that is wrong with it. */
async function readBroken(file: CsvFile, tables: RejectTables, run: RunStatement): Promise<Broken[]> {
  const rows = await run(
    `SELECT line_byte_position - 1 AS "offset", min(line) AS line, arg_min(column_name, column_idx) AS "column", arg_min(error_type, column_idx) AS type, arg_min(error_message, column_idx) AS message, any_value(csv_line) AS raw
     FROM ${quoteName(tables.errors)} e JOIN ${quoteName(tables.scans)} s USING (scan_id, file_id)
     WHERE s.file_path = ${quoteText(file.readable)} GROUP BY 1 ORDER BY 1`,
  )
  return rows.map((row) => ({
    offset: Number(row['offset']),
    line: Number(row['line']),
    column: row['column'] === null ? null : String(row['column']),
    type: String(row['type']),
    message: String(row['message']),
    raw: String(row['raw']),
  }))
}

/** The engine counts lines past quoted and blank ones wrongly, and counts blank lines to the row behind them: the file itself tells. */
async function placeBroken({ format }: CsvPlan, file: CsvFile, broken: readonly Broken[]): Promise<Broken[]> {
  const placed: Broken[] = []
  if (broken.length === 0) return placed
  for await (const { offset, line, raw } of readRecords(file.readable, file.compression, format, file.header.length === 1)) {
    const next = broken[placed.length]
    if (next === undefined) break
    if (offset >= next.offset) placed.push({ ...next, offset, line, raw })
  }
  return [...placed, ...broken.slice(placed.length)]
}

function brokenRow(file: CsvFile, broken: Broken): RejectedRow {
  return {
    _error_code: 'BAD_ROW',
    _error_message: brokenMessage(broken),
    _column: broken.type === 'INVALID ENCODING' ? broken.column : null,
    _file: file.path,
    _line: broken.line,
    _raw: broken.raw.replace(/\r?\n$/, ''),
  }
}

function brokenMessage({ type, message }: Broken): string {
  const counts = /Expected Number of Columns: (\d+) Found: (\d+)/.exec(message)
  if (counts !== null) return `Expected ${counts[1]} columns, got ${counts[2]}.`
  if (type === 'UNQUOTED VALUE') return 'A quoted value is not closed.'
  if (type === 'INVALID ENCODING') return 'The text is not valid in the encoding of the file.'
  return message
}

/**
 * The rows of one file with a value that does not fit its type. The engine tells which record of the file it is; reading
 * the file once more up to there tells the line and the text.
 */
export async function* findMisfits(
  plan: CsvPlan,
  file: CsvFile,
  broken: readonly Broken[] | undefined,
  run: RunStatement,
  limit?: number,
): AsyncGenerator<Misfit> {
  const { format, columns } = plan
  const faults = columns
    .map((column) => ({ column, condition: misfit(quoteName(column.name), column.type, format) }))
    .filter(({ condition }) => condition !== 'FALSE')
  if (faults.length === 0) return
  const which = `CASE ${faults.map(({ condition }, i) => `WHEN ${condition} THEN ${i}`).join(' ')} END`
  // The rejects of this second reading are those that are known already.
  const tables = broken === undefined ? undefined : { errors: `again_${file.size}_errors`, scans: `again_${file.size}_scans` }
  const rows = await run(
    `SELECT record, which, CASE which ${faults.map(({ column }, i) => `WHEN ${i} THEN ${quoteName(column.name)}`).join(' ')} END AS value
     FROM (SELECT *, ${which} AS which FROM (SELECT row_number() OVER () AS record, * FROM ${readCsv([file], format, tables)}))
     WHERE which IS NOT NULL ORDER BY record ${limit === undefined ? '' : `LIMIT ${limit}`}`,
  )
  if (tables !== undefined) await run(`DROP TABLE ${quoteName(tables.errors)}; DROP TABLE ${quoteName(tables.scans)}`)
  const records = readDataRecords(plan, file, new Set(broken?.map((row) => row.offset)))
  for await (const { row, record } of joinRecords(rows, records)) {
    const column = faults[Number(row['which'])]?.column
    if (column === undefined) continue
    yield { row: misfitRow(file, record, column.name, column.type, String(row['value'])), value: String(row['value']), type: column.type }
  }
}

/** The records that the engine counts as rows: without what stands before the header, the header and broken ones. */
async function* readDataRecords({ format }: CsvPlan, file: CsvFile, broken: ReadonlySet<number>): AsyncGenerator<RawRecord> {
  let header = format.header
  for await (const record of readRecords(file.readable, file.compression, format, file.header.length === 1)) {
    if (record.line <= format.skip) continue
    if (header) header = false
    else if (!broken.has(record.offset)) yield record
  }
}

function misfitRow(file: CsvFile, record: RawRecord | undefined, column: string, type: string, value: string): RejectedRow {
  return {
    _error_code: 'BAD_ROW',
    _error_message: `Column "${column}": ${quoteText(value)} is no ${type}.`,
    _column: column,
    _file: file.path,
    _line: record?.line ?? null,
    _raw: record?.raw ?? null,
  }
}
