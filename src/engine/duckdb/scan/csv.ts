import type { Column, ScanRelation } from '../../../sdk/relation.js'
import type { CountRows } from '../row-counts/counter-text.js'
import { quoteName } from '../statement/literal.js'
import { type CsvFile, openCsvFiles } from './csv-files.js'
import { type CsvFormat, readCsvFormat } from './csv-format.js'
import { agreeOnNames } from './csv-header.js'
import { type CsvPlan, FILE_COLUMN, groupFiles, readCsv } from './csv-reader.js'
import { listRejects } from './csv-rejects.js'
import { throwFirstBadRow, throwFirstBroken } from './first-bad-row.js'
import { inferTypes } from './infer-types.js'
import { placeMixedEnds } from './line-ends.js'
import { lockColumns } from './lock-columns.js'
import { copiesOf, originalPath } from './readable-file.js'
import { fileNameColumn, MISFIT, type RejectTables, type ResolvedScan, type ScanEnvironment } from './resolved-scan.js'
import { lenientCast, misfit, strictCast } from './strict-cast.js'

/**
 * Looks at the files of a csv scan: headers are checked and columns bound by name. The engine reads all values as text, and
 * {@link strictCast} converts those that the flow reads; that costs no more than its own conversion, and no value changes on the way.
 */
export async function resolveCsv(scan: ScanRelation, environment: ScanEnvironment): Promise<ResolvedScan> {
  const format = readCsvFormat(scan.options)
  const files = await openCsvFiles(scan, format, environment)
  const names = agreeOnNames(scan, format, files, environment.warn)
  const columns = scan.columns.kind === 'typed' ? scan.columns.columns : await inferColumns(scan, files, format, names, environment)
  const plan: CsvPlan = { scan, format, files, columns }
  return {
    columns: [...columns, ...fileNameColumn(scan)],
    files,
    select: (often) => selectConverted(plan, often),
    selectCounting: (often, count) => selectConverted(plan, often, count),
    diagnose: (signal) =>
      throwFirstBadRow(plan, environment.session, signal).catch(async (error: unknown) => {
        throw await placeMixedEnds(error, plan)
      }),
    rejecting: {
      select: (tables) => selectMarked(plan, tables),
      rejects: (tables, misfits, run) => listRejects(plan, tables, misfits, run),
    },
    copies: copiesOf(files),
  }
}

async function inferColumns(
  scan: ScanRelation,
  files: readonly CsvFile[],
  format: CsvFormat,
  names: readonly string[],
  environment: ScanEnvironment,
): Promise<readonly Column[]> {
  if (files.length === 0) return names.map((name) => ({ name, type: 'VARCHAR' }))
  const texts = groupFiles(files).map((group) => `SELECT ${names.map(quoteName).join(', ')} FROM ${readCsv(group, format)}`)
  const { columns, undecided, unseen } = await inferTypes(
    environment.session,
    texts.join(' UNION ALL '),
    names,
    format,
    environment.signal,
  ).catch(async (error: unknown) => {
    const plan: CsvPlan = { scan, format, files, columns: [] }
    await throwFirstBroken(plan, environment.session, environment.signal).catch(async (broken: unknown) => {
      throw await placeMixedEnds(broken, plan)
    })
    throw error
  })
  const locked = new Set(scan.lock?.columns.map(({ name }) => name))
  for (const { column, reason, remedy } of undecided) {
    if (locked.has(column)) continue
    environment.warn(`Column "${column}" of ${files[0]?.path} stays text: ${reason}. ${remedy}`)
  }
  return lockColumns(scan, columns, { file: files[0]?.path ?? '', others: files.length - 1, unseen, warn: environment.warn })
}

interface RowsOptions {
  /** Items after the columns. */
  readonly extra?: readonly string[]
  readonly tables?: RejectTables | undefined
  readonly count?: CountRows | undefined
}

function selectRows(
  { scan, files, format, columns }: CsvPlan,
  convert: (column: Column) => string,
  { extra = [], tables, count }: RowsOptions = {},
): string {
  const items = columns.map((column) => `${convert(column)} AS ${quoteName(column.name)}`)
  if (scan.fileNameColumn !== undefined) items.push(`${originalPath(FILE_COLUMN, files)} AS ${quoteName(scan.fileNameColumn)}`)
  const list = [...items, ...extra].join(', ')
  const raw = [...columns.map(({ name }) => name), ...(scan.fileNameColumn === undefined ? [] : [FILE_COLUMN.slice(1, -1)])]
  if (files.length === 0) {
    const all = [...columns, ...fileNameColumn(scan)]
    const none = `SELECT ${all.map((column) => `CAST(NULL AS ${column.type}) AS ${quoteName(column.name)}`).join(', ')} WHERE FALSE`
    return count === undefined
      ? none
      : count(
          none,
          all.map(({ name }) => name),
        )
  }
  return groupFiles(files)
    .map((group) => readCsv(group, format, tables))
    .map((rows) => `SELECT ${list} FROM ${count === undefined ? rows : `(${count(`SELECT * FROM ${rows}`, raw)})`}`)
    .join(' UNION ALL ')
}

/**
 * The rows with converted values, in two steps: first the columns that the statement mentions several times, which are converted
 * once and below its filters; then the others, which the engine can convert after them, for the rows that pass.
 */
function selectConverted(plan: CsvPlan, often: ReadonlySet<string>, count?: CountRows): string {
  const { columns, format } = plan
  const isFirst = ({ name }: Column) => often.has(name.toLowerCase())
  const convert = ({ name, type }: Column, times: 'each use' | 'once') => strictCast(quoteName(name), type, format, times)
  if (plan.files.length === 0 || !columns.some(isFirst)) return selectRows(plan, (column) => convert(column, 'each use'), { count })
  const first = selectRows(plan, (column) => (isFirst(column) ? convert(column, 'once') : quoteName(column.name)), { count })
  const then = columns.filter((column) => !isFirst(column)).map((column) => `${convert(column, 'each use')} AS ${quoteName(column.name)}`)
  return then.length === 0 ? first : `SELECT * REPLACE (${then.join(', ')}) FROM (${first})`
}

function selectMarked(plan: CsvPlan, tables: RejectTables): string {
  const { columns, format } = plan
  const faults = columns.map((column) => misfit(quoteName(column.name), column.type, format)).filter((fault) => fault !== 'FALSE')
  const mark = `${faults.length === 0 ? 'FALSE' : `coalesce(${faults.join(' OR ')}, FALSE)`} AS ${MISFIT}`
  return selectRows(plan, (column) => lenientCast(quoteName(column.name), column.type, format), { extra: [mark], tables })
}
