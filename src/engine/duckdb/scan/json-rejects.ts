import type { Column, ScanRelation } from '../../../sdk/relation.js'
import { quoteText } from '../statement/literal.js'
import { joinRecords, type RawRecord, readRecords } from './csv-records.js'
import { fieldMisfit, fieldText } from './json-fields.js'
import { type JsonFile, type JsonFormat, readJsonRecords } from './json-files.js'
import type { RejectedRow, RunStatement } from './resolved-scan.js'

/** All that the statements over one json scan are made from. */
export interface JsonPlan {
  readonly scan: ScanRelation
  readonly files: readonly JsonFile[]
  readonly format: JsonFormat
  /** The columns that the scan yields, without the one for the file's name. */
  readonly columns: readonly Column[]
}

/** What `which` is for records that are bad as a whole; for others it is the number of the first column that does not fit. */
const NO_JSON = -1
const NO_OBJECT = -2

/** Lines are records as they are: no character of theirs quotes or separates. */
const UNQUOTED = { delimiter: '', quote: '', escape: '' }

/** True for a bad record. */
export function isBadRecord(columns: readonly Column[]): string {
  return ['json IS NULL', "json_type(json) <> 'OBJECT'", ...columns.map(fieldMisfit)].join(' OR ')
}

/** The bad records of all files, in order; the line is that of a file of lines. */
export async function* listJsonRejects(
  { columns, files, format }: JsonPlan,
  run: RunStatement,
  limit?: number,
): AsyncGenerator<RejectedRow> {
  const faults = columns.map((column, i) => `WHEN ${fieldMisfit(column)} THEN ${i}`)
  const which = `CASE WHEN json IS NULL THEN ${NO_JSON} WHEN json_type(json) <> 'OBJECT' THEN ${NO_OBJECT} ${faults.join(' ')} END`
  const value = `CASE which ${columns.map((column, i) => `WHEN ${i} THEN ${fieldText(column.name)}`).join(' ')} END`
  for (const file of files) {
    const rows = await run(
      `SELECT record, which, CAST(json AS VARCHAR) AS raw, ${value} AS value
       FROM (SELECT *, ${which} AS which FROM (SELECT row_number() OVER () AS record, * FROM ${readJsonRecords([file], format, true)}))
       WHERE which IS NOT NULL ORDER BY record ${limit === undefined ? '' : `LIMIT ${limit}`}`,
    )
    const lines = format.layout === 'lines' ? readLines(file) : noRecords()
    for await (const { row, record } of joinRecords(rows, lines)) yield toReject(file, columns, row, record)
  }
}

/** The engine leaves blank lines out. */
async function* readLines(file: JsonFile): AsyncGenerator<RawRecord> {
  for await (const record of readRecords(file.path, file.compression, UNQUOTED)) if (record.raw !== '') yield record
}

/** Records of an array have no lines of their own. */
async function* noRecords(): AsyncGenerator<RawRecord> {}

function toReject(
  file: JsonFile,
  columns: readonly Column[],
  row: { readonly [name: string]: unknown },
  line: RawRecord | undefined,
): RejectedRow {
  const column = columns[Number(row['which'])]
  return {
    _error_code: 'BAD_ROW',
    _error_message: describeFault(Number(row['which']), column, String(row['value'])),
    _column: column?.name ?? null,
    _file: file.path,
    _line: line?.line ?? null,
    _raw: line?.raw ?? (row['raw'] === null ? null : String(row['raw'])),
  }
}

function describeFault(which: number, column: Column | undefined, value: string): string {
  if (column !== undefined) return `Column "${column.name}": ${quoteText(value)} is no ${column.type}.`
  return which === NO_JSON ? 'The record is not valid JSON.' : 'The record is no JSON object.'
}
