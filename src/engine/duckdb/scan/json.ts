import { PypeError } from '../../../core/errors.js'
import type { Column, ScanRelation } from '../../../sdk/relation.js'
import { describe } from '../describe.js'
import { quoteName } from '../literal.js'
import { SAMPLE_ROWS } from './infer-types.js'
import { fieldText, fieldValue, fieldValueOrNull } from './json-fields.js'
import { type JsonFile, type JsonFormat, openJsonFiles, readerArguments, readJsonRecords } from './json-files.js'
import { isBadRecord, type JsonPlan, listJsonRejects } from './json-rejects.js'
import { copiesOf, originalPath } from './readable-file.js'
import { fileNameColumn, MISFIT, type RejectedRow, type ResolvedScan, type ScanEnvironment } from './resolved-scan.js'

/** Looks at the files of a json scan. The engine reads whole records; {@link fieldValue} converts the values that the flow reads. */
export async function resolveJson(scan: ScanRelation, environment: ScanEnvironment): Promise<ResolvedScan> {
  const { files, format } = await openJsonFiles(scan, environment)
  const columns = await findColumns(scan, files, format, environment)
  const plan: JsonPlan = { scan, files, format, columns }
  return {
    columns: [...columns, ...fileNameColumn(scan)],
    files,
    select: () => selectRows(plan, fieldValue),
    diagnose: (signal) => throwFirstMisfit(plan, environment, signal),
    rejecting: {
      select: () => selectRows(plan, fieldValueOrNull, `coalesce(${isBadRecord(columns)}, TRUE) AS ${MISFIT}`, true),
      rejects: (_tables, misfits, run) => (misfits ? listJsonRejects(plan, run) : none()),
    },
    copies: copiesOf(files),
  }
}

async function* none(): AsyncGenerator<RejectedRow> {}

async function findColumns(
  scan: ScanRelation,
  files: readonly JsonFile[],
  format: JsonFormat,
  environment: ScanEnvironment,
): Promise<readonly Column[]> {
  if (scan.columns.kind === 'typed') return scan.columns.columns
  const reader = `read_json(${readerArguments(files, format)}, records = 'true', union_by_name = true)`
  const found = await describe(environment.session, `SELECT * FROM ${reader}`)
  const certain = await keepExact(found, files, format, environment)
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
  files: readonly JsonFile[],
  format: JsonFormat,
  environment: ScanEnvironment,
): Promise<Column[]> {
  const doubtful = found.filter((column) => column.type === 'DOUBLE' || column.type === 'HUGEINT' || column.type === 'UBIGINT')
  if (doubtful.length === 0) return [...found]
  const tests = doubtful.map(
    (column, i) =>
      `coalesce(bool_or(regexp_matches(${fieldText(column.name)}, '^-?[0-9]{18,}$') AND TRY_CAST(${fieldText(column.name)} AS BIGINT) IS NULL), FALSE) AS c${i}`,
  )
  const result = await environment.session.run(
    `SELECT ${tests.join(', ')} FROM (SELECT * FROM ${readJsonRecords(files, format)} LIMIT ${SAMPLE_ROWS})`,
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

function selectRows(
  { scan, files, format, columns }: JsonPlan,
  convert: (column: Column) => string,
  extra?: string,
  lenient = false,
): string {
  const items = columns.map((column) => `${convert(column)} AS ${quoteName(column.name)}`)
  if (scan.fileNameColumn !== undefined) items.push(`${originalPath('filename', files)} AS ${quoteName(scan.fileNameColumn)}`)
  if (extra !== undefined) items.push(extra)
  return `SELECT ${items.join(', ')} FROM ${readJsonRecords(files, format, lenient)}`
}

async function throwFirstMisfit(plan: JsonPlan, { session }: ScanEnvironment, signal: AbortSignal): Promise<void> {
  const run = async (statement: string) => (await session.run(statement, signal)).getRowObjectsJS()
  for await (const row of listJsonRejects(plan, run, 1)) {
    const line = row._line === null ? '' : `, line ${row._line}`
    throw new PypeError('BAD_ROW', `${row._file}${line}: ${row._error_message} The record is: ${row._raw?.slice(0, 200)}`, {
      hint: 'mend the value, change the type in the config columns, or connect the reject port to keep going without such rows',
    })
  }
}
