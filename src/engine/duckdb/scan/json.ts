import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { PypeError } from '../../../core/errors.js'
import type { Column, ScanRelation } from '../../../sdk/relation.js'
import { describe } from '../describe.js'
import { quoteName, quoteText } from '../literal.js'
import { type Compression, checkWhole, compressionOf, readBytes } from './byte-stream.js'
import { readRecords } from './csv-records.js'
import { listFiles, pathList, type SourceFile } from './files.js'
import { MISFIT, type RejectedRow, type ResolvedScan, type RunStatement, type ScanEnvironment, textOption } from './resolved-scan.js'
import { ISO_FORMAT, isNested, lenientCast, misfit, strictCast } from './strict-cast.js'
import { jsonMisfit, lenientJson, strictJson } from './strict-json.js'

type JsonLayout = 'array' | 'lines'

interface JsonFile extends SourceFile {
  /** What the engine opens: the file itself, or a copy without its byte order mark. */
  readonly readable: string
}

interface JsonPlan {
  readonly scan: ScanRelation
  readonly files: readonly JsonFile[]
  readonly layout: JsonLayout
  readonly columns: readonly Column[]
}

/** Looks at the files of a json scan. The engine reads whole records; {@link strictCast} converts the values that the flow reads. */
export async function resolveJson(scan: ScanRelation, environment: ScanEnvironment): Promise<ResolvedScan> {
  const files = await openJsonFiles(scan, environment)
  const layout = await findLayout(scan, files)
  const columns = await findColumns(scan, files, layout, environment)
  const plan: JsonPlan = { scan, files, layout, columns }
  const added = scan.fileNameColumn === undefined ? [] : [{ name: scan.fileNameColumn, type: 'VARCHAR' }]
  return {
    columns: [...columns, ...added],
    files,
    select: () => selectRows(plan, fieldValue),
    diagnose: (signal) => throwFirstMisfit(plan, environment, signal),
    rejecting: {
      select: () => selectRows(plan, fieldValueOrNull, `coalesce(${anyMisfit(columns)}, TRUE) AS ${MISFIT}`, true),
      rejects: (_tables, misfits, run) => (misfits ? listMisfits(plan, run) : none()),
    },
    copies: copiesOf(files),
  }
}

/** The engine takes a byte order mark for broken JSON. A compression that is set stays: its copy could not be read. */
async function openJsonFiles(scan: ScanRelation, environment: ScanEnvironment): Promise<JsonFile[]> {
  const files = await listFiles(environment.session, scan.paths, environment.cwd)
  const setting = textOption(scan.options, 'compression', 'auto')
  return Promise.all(
    files.map(async (file) => {
      const compression = compressionOf(file.path, setting)
      await checkWhole(file.path, compression)
      if ((setting !== 'auto' && compression !== 'none') || !(await hasMark(file.path, compression)))
        return { ...file, readable: file.path }
      const readable = join(environment.scratchDir, `${createHash('sha256').update(file.path).digest('hex').slice(0, 16)}.json`)
      await mkdir(environment.scratchDir, { recursive: true })
      await pipeline(Readable.from(withoutMark(readBytes(file.path, compression))), createWriteStream(readable))
      return { ...file, readable }
    }),
  )
}

const MARK = Buffer.from('\ufeff')

async function hasMark(path: string, compression: Compression): Promise<boolean> {
  for await (const chunk of readBytes(path, compression)) return MARK.equals(chunk.subarray(0, MARK.length))
  return false
}

async function* withoutMark(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let first = true
  for await (const chunk of chunks) {
    yield first ? chunk.subarray(MARK.length) : chunk
    first = false
  }
}

function copiesOf(files: readonly JsonFile[]): ReadonlyMap<string, string> {
  return new Map(files.filter(({ readable, path }) => readable !== path).map(({ readable, path }) => [readable, path]))
}

async function* none(): AsyncGenerator<RejectedRow> {}

async function findLayout(scan: ScanRelation, files: readonly JsonFile[]): Promise<JsonLayout> {
  const setting = textOption(scan.options, 'format', 'auto')
  if (setting === 'array' || setting === 'lines') return setting
  for (const file of files) {
    for await (const chunk of readBytes(file.path, compressionOf(file.path, textOption(scan.options, 'compression', 'auto')))) {
      const start = Buffer.from(chunk)
        .toString('utf8')
        .replace(/^\ufeff/, '')
        .trimStart()
      if (start !== '') return start.startsWith('[') ? 'array' : 'lines'
    }
  }
  return 'lines'
}

async function findColumns(
  scan: ScanRelation,
  files: readonly JsonFile[],
  layout: JsonLayout,
  environment: ScanEnvironment,
): Promise<readonly Column[]> {
  if (scan.columns.kind === 'typed') return scan.columns.columns
  const paths = pathList(files.map((file) => file.readable))
  const format = layout === 'array' ? 'array' : 'newline_delimited'
  const found = await describe(
    environment.session,
    `SELECT * FROM read_json(${paths}, format = '${format}', compression = ${compression(scan)}, records = 'true', union_by_name = true)`,
  )
  const certain = await keepExact(found, scan, files, layout, environment)
  if (scan.columns.kind === 'all') return certain
  const { names } = scan.columns
  const missing = names.filter((name) => !certain.some((column) => column.name === name))
  if (missing.length > 0) {
    throw new PypeError(
      'SCHEMA_MISMATCH',
      `${files[0]?.path} lacks ${missing.join(', ')}. Found: ${certain.map((column) => column.name).join(', ')}.`,
      { hint: 'mend the config columns' },
    )
  }
  return names.flatMap((name) => certain.filter((column) => column.name === name))
}

/** Integers that no integer type holds would lose digits as DOUBLE: such a column stays text. */
async function keepExact(
  found: readonly Column[],
  scan: ScanRelation,
  files: readonly JsonFile[],
  layout: JsonLayout,
  environment: ScanEnvironment,
): Promise<Column[]> {
  const doubtful = found.filter((column) => column.type === 'DOUBLE' || column.type === 'HUGEINT' || column.type === 'UBIGINT')
  if (doubtful.length === 0) return [...found]
  const tests = doubtful.map(
    (column, i) =>
      `coalesce(bool_or(regexp_matches(${fieldText(column.name)}, '^-?[0-9]{18,}$') AND TRY_CAST(${fieldText(column.name)} AS BIGINT) IS NULL), FALSE) AS c${i}`,
  )
  const result = await environment.session.run(
    `SELECT ${tests.join(', ')} FROM (SELECT * FROM ${readRecordsCall(scan, files, layout)} LIMIT 20480)`,
  )
  const row = (await result.getRowObjectsJS())[0] ?? {}
  return found.map((column) => {
    if (row[`c${doubtful.indexOf(column)}`] !== true) return column
    environment.warn(
      `Column "${column.name}" of ${files[0]?.path} stays text: its integers do not fit 64 bits. Declare its type in the config columns.`,
    )
    return { name: column.name, type: 'VARCHAR' }
  })
}

function compression(scan: ScanRelation): string {
  const setting = textOption(scan.options, 'compression', 'auto')
  return quoteText(setting === 'none' ? 'uncompressed' : setting === 'auto' ? 'auto_detect' : setting)
}

function readRecordsCall(scan: ScanRelation, files: readonly JsonFile[], layout: JsonLayout, lenient = false): string {
  const format = layout === 'array' ? 'array' : 'newline_delimited'
  const ignore = lenient && layout === 'lines' ? ', ignore_errors = true' : ''
  return `read_json_objects(${pathList(files.map((file) => file.readable))}, format = '${format}', compression = ${compression(scan)}, filename = true${ignore})`
}

function selectRows(plan: JsonPlan, convert: (column: Column) => string, extra?: string, lenient = false): string {
  const items = plan.columns.map((column) => `${convert(column)} AS ${quoteName(column.name)}`)
  if (plan.scan.fileNameColumn !== undefined) items.push(`${originalName(plan.files)} AS ${quoteName(plan.scan.fileNameColumn)}`)
  if (extra !== undefined) items.push(extra)
  return `SELECT ${items.join(', ')} FROM ${readRecordsCall(plan.scan, plan.files, plan.layout, lenient)}`
}

function originalName(files: readonly JsonFile[]): string {
  const copies = [...copiesOf(files)]
  if (copies.length === 0) return 'filename'
  return `CASE filename ${copies.map(([copy, path]) => `WHEN ${quoteText(copy)} THEN ${quoteText(path)}`).join(' ')} ELSE filename END`
}

/** A field by JSON pointer, whatever characters its name has. */
function pointer(name: string): string {
  return quoteText(`/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`)
}

function fieldText(name: string): string {
  return `json_extract_string(json, ${pointer(name)})`
}

/** A field as JSON; JSON's null is NULL. */
function fieldJson(name: string): string {
  return `nullif(json_extract(json, ${pointer(name)}), 'null')`
}

/** Fails where the record is no object or the field's value does not fit. */
function fieldValue({ name, type }: Column): string {
  if (/^JSON$/i.test(type)) return `json_extract(json, ${pointer(name)})`
  if (isNested(type)) return strictJson(fieldJson(name), type)
  return strictCast(fieldText(name), type, ISO_FORMAT)
}

function fieldValueOrNull(column: Column): string {
  const { name, type } = column
  if (/^JSON$/i.test(type)) return fieldValue(column)
  return isNested(type) ? lenientJson(fieldJson(name), type) : lenientCast(fieldText(name), type, ISO_FORMAT)
}

function fieldMisfit({ name, type }: Column): string {
  if (/^JSON$/i.test(type)) return 'FALSE'
  return isNested(type) ? jsonMisfit(fieldJson(name), type) : misfit(fieldText(name), type, ISO_FORMAT)
}

function anyMisfit(columns: readonly Column[]): string {
  return ['json IS NULL', "json_type(json) <> 'OBJECT'", ...columns.map(fieldMisfit)].join(' OR ')
}

async function throwFirstMisfit(plan: JsonPlan, { session }: ScanEnvironment, signal: AbortSignal): Promise<void> {
  const run = async (statement: string) => (await session.run(statement, signal)).getRowObjectsJS()
  for await (const row of listMisfits(plan, run, 1)) {
    const line = row._line === null ? '' : `, line ${row._line}`
    throw new PypeError('BAD_ROW', `${row._file}${line}: ${row._error_message} The record is: ${row._raw?.slice(0, 200)}`, {
      hint: 'mend the value, change the type in the config columns, or connect the reject port to keep going without such rows',
    })
  }
}

/** The bad records of all files, in order; the line is that of a file of lines. */
async function* listMisfits(plan: JsonPlan, run: RunStatement, limit?: number): AsyncGenerator<RejectedRow> {
  const { columns, layout, scan } = plan
  const which = `CASE WHEN json IS NULL THEN -1 WHEN json_type(json) <> 'OBJECT' THEN -2 ${columns.map((column, i) => `WHEN ${fieldMisfit(column)} THEN ${i}`).join(' ')} END`
  for (const file of plan.files) {
    const rows = await run(
      `SELECT record, which, CAST(json AS VARCHAR) AS raw, CASE which ${columns.map((column, i) => `WHEN ${i} THEN ${fieldText(column.name)}`).join(' ')} END AS value
       FROM (SELECT *, ${which} AS which FROM (SELECT row_number() OVER () AS record, * FROM ${readRecordsCall(scan, [file], layout, true)}))
       WHERE which IS NOT NULL ORDER BY record ${limit === undefined ? '' : `LIMIT ${limit}`}`,
    )
    if (rows.length === 0) continue
    const lines =
      layout === 'lines'
        ? readRecords(file.path, compressionOf(file.path, textOption(scan.options, 'compression', 'auto')), {
            delimiter: '',
            quote: '',
            escape: '',
          })
        : undefined
    let at = 0
    for (const row of rows) {
      let line: { line: number; raw: string } | undefined
      while (lines !== undefined && at < Number(row['record'])) {
        const next = await lines.next()
        if (next.done === true) break
        line = next.value
        at++
      }
      yield toReject(file, columns[Number(row['which'])], Number(row['which']), row, line)
    }
    await lines?.return(undefined)
  }
}

function toReject(
  file: SourceFile,
  column: Column | undefined,
  which: number,
  row: { readonly [name: string]: unknown },
  line: { line: number; raw: string } | undefined,
): RejectedRow {
  const message =
    column === undefined
      ? which === -1
        ? 'The record is not valid JSON.'
        : 'The record is no JSON object.'
      : `Column "${column.name}": ${quoteText(String(row['value']))} is no ${column.type}.`
  return {
    _error_code: 'BAD_ROW',
    _error_message: message,
    _column: column?.name ?? null,
    _file: file.path,
    _line: line?.line ?? null,
    _raw: line?.raw ?? (row['raw'] === null ? null : String(row['raw'])),
  }
}
