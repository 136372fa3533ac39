import { PypeError } from '../../../core/errors.js'
import { CONNECT_REJECT } from '../../../core/reject-hint.js'
import { clip } from '../failure/clip.js'
import { hasMixedEnds, hintForBroken } from '../failure/explain-csv.js'
import type { Session } from '../session.js'
import { literal } from '../statement/literal.js'
import type { CsvFile } from './csv-files.js'
import { type CsvPlan, groupFiles, readCsv } from './csv-reader.js'
import { type BrokenRow, findFirstBroken, findMisfits, type Misfit } from './csv-rejects.js'
import { notationHint } from './notation-hint.js'
import type { RunStatement } from './resolved-scan.js'

/**
 * Throws for the first bad row of a scan that has failed: the first one of the first file that has one. The engine reads at many places at
 * once, and counts lines wrongly behind blank and quoted ones, so the files are read again.
 */
export async function throwFirstBadRow(plan: CsvPlan, session: Session, signal: AbortSignal): Promise<void> {
  for (const [i, file] of plan.files.entries()) {
    const error = await findFirstBad(plan, file, session, signal)
    if (error === undefined) continue
    await throwFirstBroken({ ...plan, files: plan.files.slice(0, i) }, session, signal)
    throw error
  }
  // All values fit, so some row is broken.
  await throwFirstBroken(plan, session, signal)
}

/** Throws for the first row that the engine cannot read. Reading every column makes it say so, also where a statement over some of them lost the database. */
export async function throwFirstBroken(plan: CsvPlan, session: Session, signal: AbortSignal): Promise<void> {
  for (const group of groupFiles(plan.files)) {
    try {
      await session.run(`SELECT max(hash(r)) FROM ${readCsv(group, plan.format)} AS r`, signal)
    } catch (error) {
      if (!isBadRow(error)) throw error
      const file = group.find(({ readable }) => error.message.startsWith(`${readable}, line `))
      if (file === undefined) throw error
      await throwFirstBroken({ ...plan, files: plan.files.slice(0, plan.files.indexOf(file)) }, session, signal)
      const row = await withTables(session, signal, (run) => findFirstBroken(plan, file, TABLES, run))
      throw row === undefined ? error : brokenError(file, row, error)
    }
  }
}

/** The error of the first row of a file with a value that does not fit, or of a row before it that is broken; undefined where all values fit. */
async function findFirstBad(plan: CsvPlan, file: CsvFile, session: Session, signal: AbortSignal): Promise<PypeError | undefined> {
  const plainRun = async (statement: string) => (await session.run(statement, signal)).getRowObjectsJS()
  let misfit: Misfit | undefined
  let thrown: PypeError | undefined
  try {
    misfit = await firstOf(findMisfits(plan, file, undefined, plainRun, 1))
  } catch (error) {
    if (!isBadRow(error)) throw error
    thrown = error
  }
  if (misfit === undefined && thrown === undefined) return undefined
  return withTables(session, signal, async (run) => {
    const row = await findFirstBroken(plan, file, TABLES, run)
    // Without the broken rows it can be said what values there are before them.
    if (thrown !== undefined && row !== undefined) misfit = await firstOf(findMisfits(plan, file, [row.broken], run, 1))
    const isBefore = misfit === undefined || (row !== undefined && row.broken.line < (misfit.row._line ?? 0))
    if (row !== undefined && isBefore) return brokenError(file, row, thrown)
    return misfit === undefined ? thrown : misfitError(plan, file, misfit)
  })
}

const TABLES = { errors: 'first_errors', scans: 'first_scans' }

/** On a connection of its own, whose tables for broken rows go in the end. */
function withTables<T>(session: Session, signal: AbortSignal, work: (run: RunStatement) => Promise<T>): Promise<T> {
  return session.use(async (connection) => {
    const run: RunStatement = async (statement) => (await connection.runAndReadAll(statement)).getRowObjectsJS()
    const found = await work(run)
    await run(`DROP TABLE IF EXISTS ${TABLES.errors}; DROP TABLE IF EXISTS ${TABLES.scans}`)
    return found
  }, signal)
}

async function firstOf<T>(items: AsyncIterable<T>): Promise<T | undefined> {
  for await (const item of items) return item
  return undefined
}

function isBadRow(error: unknown): error is PypeError {
  return error instanceof PypeError && error.code === 'BAD_ROW' && !hasMixedEnds(error)
}

function brokenError(file: CsvFile, { broken, fault }: BrokenRow, cause: PypeError | undefined): PypeError {
  const what = fault.charAt(0).toLowerCase() + fault.slice(1)
  const raw = broken.raw.replace(/\r?\n$/, '')
  return new PypeError('BAD_ROW', `${file.path}, line ${broken.line}: ${what} The line is: ${clip(raw)}`, {
    cause,
    hint: hintForBroken(broken.type === 'INVALID ENCODING'),
  })
}

function misfitError(plan: CsvPlan, file: CsvFile, { row, type, value }: Misfit): PypeError {
  const notation = notationHint(value, type, plan.format)
  const line = row._raw?.replace(/\r\n|\r|\n/g, '\\n')
  return new PypeError('BAD_ROW', `${file.path}, line ${row._line}: ${row._error_message} The line is: ${line}`, {
    hint: `${notation === undefined ? '' : `${notation}, or `}mend the value ${literal(value)}, change the type ${type} in ${plan.scan.lock === undefined ? 'the config columns' : 'the schema file'}, or ${CONNECT_REJECT}`,
  })
}
