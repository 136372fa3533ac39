import { PypeError } from '../../../core/errors.js'
import { CONNECT_REJECT } from '../../../core/reject-hint.js'
import type { Column, ScanRelation } from '../../../sdk/relation.js'
import type { CountRows } from '../row-counts/counter-text.js'
import { quoteName } from '../statement/literal.js'
import { findJsonColumns } from './json-columns.js'
import { fieldValue, fieldValueOrNull } from './json-fields.js'
import { type JsonFormat, openJsonFiles, RECORD_COLUMNS, readJsonRecords } from './json-files.js'
import { isBadRecord, type JsonPlan, listJsonRejects } from './json-rejects.js'
import { copiesOf, originalPath } from './readable-file.js'
import { fileNameColumn, MISFIT, type RejectedRow, type ResolvedScan, type ScanEnvironment } from './resolved-scan.js'

/** Looks at the files of a json scan. The engine reads whole records; {@link fieldValue} converts the values that the flow reads. */
export async function resolveJson(scan: ScanRelation, environment: ScanEnvironment): Promise<ResolvedScan> {
  const { files, format } = await openJsonFiles(scan, environment)
  const columns = await findJsonColumns(scan, files, format, environment).catch(blameArray(format))
  const plan: JsonPlan = { scan, files, format, columns }
  return {
    columns: [...columns, ...fileNameColumn(scan)],
    files,
    select: () => selectRows(plan, fieldValue),
    selectCounting: (_often, count) => selectRows(plan, fieldValue, { count }),
    diagnose: (signal) => throwFirstMisfit(plan, environment, signal).catch(blameArray(format)),
    rejecting: {
      select: () => selectRows(plan, fieldValueOrNull, { extra: `coalesce(${isBadRecord(columns)}, TRUE) AS ${MISFIT}`, lenient: true }),
      rejects: (_tables, misfits, run) => (misfits ? listJsonRejects(plan, run) : none()),
    },
    copies: copiesOf(files),
  }
}

/** Of an array that is broken no record can be told to be the bad one. */
function blameArray({ layout }: JsonFormat): (error: unknown) => never {
  return (error) => {
    if (layout === 'lines' || !(error instanceof PypeError) || !/^Malformed JSON/.test(error.message)) throw error
    throw new PypeError('BAD_ROW', error.message, {
      ...error,
      hint: 'mend the file, or write one record per line: a record of a broken array cannot leave by the reject port',
    })
  }
}

async function* none(): AsyncGenerator<RejectedRow> {}

interface RowsOptions {
  /** An item after the columns. */
  readonly extra?: string
  /** Records without a structure are left out. */
  readonly lenient?: boolean
  readonly count?: CountRows
}

function selectRows(
  { scan, files, format, columns }: JsonPlan,
  convert: (column: Column) => string,
  { extra, lenient = false, count }: RowsOptions = {},
): string {
  const items = columns.map((column) => `${convert(column)} AS ${quoteName(column.name)}`)
  if (scan.fileNameColumn !== undefined) items.push(`${originalPath('filename', files)} AS ${quoteName(scan.fileNameColumn)}`)
  if (extra !== undefined) items.push(extra)
  const records = readJsonRecords(files, format, lenient)
  return `SELECT ${items.join(', ')} FROM ${count === undefined ? records : `(${count(`SELECT * FROM ${records}`, RECORD_COLUMNS)})`}`
}

async function throwFirstMisfit(plan: JsonPlan, { session }: ScanEnvironment, signal: AbortSignal): Promise<void> {
  const run = async (statement: string) => (await session.run(statement, signal)).getRowObjectsJS()
  for await (const row of listJsonRejects(plan, run, 1)) {
    const line = row._line === null ? '' : `, line ${row._line}`
    throw new PypeError('BAD_ROW', `${row._file}${line}: ${row._error_message} The record is: ${row._raw?.slice(0, 200)}`, {
      hint: `mend the value, change the type in the config columns, or ${CONNECT_REJECT}`,
    })
  }
}
