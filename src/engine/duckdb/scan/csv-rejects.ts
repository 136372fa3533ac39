import { quoteName, quoteText } from '../statement/literal.js'
import type { CsvFile } from './csv-files.js'
import { type CsvPlan, readCsv } from './csv-reader.js'
import { joinRecords, type RawRecord, readRecords } from './csv-records.js'
import { MAX_RECORD_BYTES } from './line-length.js'
import type { RejectedRow, RejectTables, RunStatement } from './resolved-scan.js'
import { misfit } from './strict-cast.js'

/** A row whose structure is broken, as the engine reported it. */
export interface Broken {
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

/** A broken row, and what is wrong with it as a sentence. */
export interface BrokenRow {
  readonly broken: Broken
  readonly fault: string
}

/** Reads a file, and tells its first broken row; undefined where it has none. `tables` get all of them. */
export async function findFirstBroken(
  plan: CsvPlan,
  file: CsvFile,
  tables: RejectTables,
  run: RunStatement,
): Promise<BrokenRow | undefined> {
  // Columns that the source leaves out may have any bytes.
  const read = plan.columns.length === 0 ? 'r' : `row(${plan.columns.map(({ name }) => quoteName(name)).join(', ')})`
  await run(`SELECT max(hash(${read})) FROM ${readCsv([file], plan.format, tables)} AS r`)
  const [broken] = await placeBroken(plan, file, await readBroken(file, tables, run, 1))
  if (broken === undefined) return undefined
  const isEncoding = broken.type === 'INVALID ENCODING' && broken.column !== null && file.header.length > 1
  const fault = brokenMessage(broken)
  return { broken, fault: isEncoding ? fault.replace('The text', `The text in column ${quoteName(broken.column ?? '')}`) : fault }
}

/** One row per broken line: the first thing that is wrong with it. */
async function readBroken(file: CsvFile, tables: RejectTables, run: RunStatement, limit?: number): Promise<Broken[]> {
  const rows = await run(
    `SELECT line_byte_position - 1 AS "offset", min(line) AS line, arg_min(column_name, position) AS "column", arg_min(error_type, position) AS type, arg_min(error_message, position) AS message, any_value(csv_line) AS raw
     FROM (SELECT *, coalesce(column_idx, 0) AS position FROM ${quoteName(tables.errors)}) e JOIN ${quoteName(tables.scans)} s USING (scan_id, file_id)
     WHERE s.file_path = ${quoteText(file.readable)} GROUP BY 1 ORDER BY 1 ${limit === undefined ? '' : `LIMIT ${limit}`}`,
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
async function placeBroken(plan: CsvPlan, file: CsvFile, broken: readonly Broken[]): Promise<Broken[]> {
  const placed: Broken[] = []
  if (broken.length === 0) return placed
  for await (const { offset, line, raw } of readRows(plan, file)) {
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
  if (type === 'LINE SIZE OVER MAXIMUM') return `The row is longer than ${MAX_RECORD_BYTES} bytes, the most that can be read.`
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
  const records = readGoodRows(plan, file, new Set(broken?.map((row) => row.offset)))
  for await (const { row, record } of joinRecords(rows, records)) {
    const column = faults[Number(row['which'])]?.column
    if (column === undefined) continue
    yield { row: misfitRow(file, record, column.name, column.type, String(row['value'])), value: String(row['value']), type: column.type }
  }
}

/** The records of a file that are rows, good or broken. The engine leaves blank lines out, but for files of one column. */
async function* readRows({ format }: CsvPlan, file: CsvFile): AsyncGenerator<RawRecord> {
  let records = 0
  for await (const record of readRecords(file.readable, file.compression, format)) {
    records++
    if (records <= file.skip || (record.raw === '' && file.header.length > 1)) continue
    yield { ...record, line: record.line + file.firstLine - 1 }
  }
}

async function* readGoodRows(plan: CsvPlan, file: CsvFile, broken: ReadonlySet<number>): AsyncGenerator<RawRecord> {
  for await (const record of readRows(plan, file)) if (!broken.has(record.offset)) yield record
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
