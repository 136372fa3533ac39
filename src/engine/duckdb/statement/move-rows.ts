import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import type { Relation } from '../../../sdk/relation.js'
import type { StatementOptions } from '../../engine.js'
import type { RelationCatalog } from '../relation-catalog.js'
import { footerRows, hasFooters } from '../row-counts/footer-rows.js'
import { profiling } from '../row-counts/profiling.js'
import { readCounts } from '../row-counts/read-counts.js'
import { countOf, type Session } from '../session.js'
import type { CountingStatement } from './compile.js'
import { runCountingSelect } from './run-select.js'

/** Connections that tell how far a statement has come. */
const telling = new WeakSet<DuckDBConnection>()

/** Runs a statement that moves all rows of a relation once, watched as the options say. Resolves with the number of rows. */
export function moveRows(
  relation: Relation,
  session: Session,
  catalog: RelationCatalog,
  options: StatementOptions,
  toStatement: (select: string) => string,
): Promise<number> {
  return runCountingSelect(relation, catalog, options, (select, signal) =>
    runWatched(relation, select, session, catalog, { ...options, signal }, toStatement),
  )
}

/** The same for a SELECT that is compiled already. */
export async function runWatched(
  relation: Relation,
  { text, counters }: CountingStatement,
  session: Session,
  catalog: RelationCatalog,
  { watch, signal }: StatementOptions,
  toStatement: (select: string) => string,
): Promise<number> {
  const statement = toStatement(text)
  if (watch === undefined) return session.count(statement, signal)
  const profile = counters === undefined || counters.marks.size === 0 ? undefined : join(catalog.scratchDir, `${randomUUID()}.json`)
  const work = async (connection: DuckDBConnection): Promise<number> => {
    if (watch.begin !== undefined) await tellProgress(connection)
    const ended = watch.begin?.(catalog.relationsIn(relation), () => shareOf(connection))
    try {
      const run = async () => countOf(await connection.run(statement))
      if (profile === undefined || counters === undefined) return await run()
      const { result, plan } = await profiling(connection, profile, run)
      for (const [counted, rows] of readCounts(plan, counters)) watch.onRows(counted, rows)
      return result
    } finally {
      ended?.()
    }
  }
  try {
    const rows = await session.use(work, signal, statement)
    watch.onRows(relation, rows)
    for (const scan of catalog.scansOf(relation)) {
      if (watch.isCounted?.(scan) && hasFooters(scan)) watch.onRows(scan, await footerRows(catalog.resolved(scan), session, signal))
    }
    return rows
  } finally {
    if (profile !== undefined) await rm(profile, { force: true })
  }
}

async function tellProgress(connection: DuckDBConnection): Promise<void> {
  if (telling.has(connection)) return
  await connection.run('SET enable_progress_bar = true')
  await connection.run('SET enable_progress_bar_print = false')
  telling.add(connection)
}

/** The engine says -1 until it knows. */
function shareOf(connection: DuckDBConnection): number | undefined {
  const { percentage } = connection.progress
  return percentage < 0 ? undefined : Math.min(1, percentage / 100)
}
