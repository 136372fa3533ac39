import path from 'node:path'
import { findNodesBefore } from '../../core/nodes-before.js'
import type { DatabaseConnections } from '../database-connections/database-connections.js'
import { diskOf, type OpenedRun, patienceOf } from '../opened-run.js'
import { RunCursors } from './cursors/run-cursors.js'
import type { TokenTables } from './databases/token-tables.js'
import type { Journal } from './journal.js'
import type { CommitDeps } from './staging.js'
import { TargetClaims } from './target-claims.js'

/** How a run reaches databases. */
export interface Databases {
  readonly connections: DatabaseConnections
  readonly tokenTables: TokenTables
}

/** What all commits of a run share, but for how a database is filled again. */
export function commitDeps(
  run: OpenedRun,
  journal: Journal,
  { connections, tokenTables }: Databases,
  signal: AbortSignal,
): Omit<CommitDeps, 'refill'> {
  const { job, context, runId, runFolder, cwd, emit } = run
  const positions = new Map(job.dag.nodes.map((node, index) => [node.id, index]))
  return {
    disk: diskOf(run),
    journal,
    claims: run.resume?.recorded.claims ?? new TargetClaims(),
    databases: connections,
    cursors: new RunCursors({
      job: job.name,
      context: context.name,
      stateFolder: path.join(path.dirname(runFolder), '..', 'state'),
      nodesBefore: findNodesBefore(job.dag.data),
      pending: run.resume?.recorded.cursors ?? [],
      appended: run.resume?.recorded.appended.nodes ?? new Set(),
    }),
    tokenTables,
    patience: patienceOf(run, signal),
    runId,
    cwd,
    positionOf: (node) => positions.get(node) ?? 0,
    warn: (message, node) => emit({ type: 'log', level: 'warn', message, ...(node === undefined ? {} : { node }) }),
  }
}
