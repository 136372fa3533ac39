import path from 'node:path'
import { findNodesBefore } from '../core/nodes-before.js'
import type { CommitDeps } from './checkpoint/commit/commit-deps.js'
import { RunCursors } from './checkpoint/cursors/run-cursors.js'
import type { TokenTables } from './checkpoint/databases/token-tables.js'
import { TargetClaims } from './checkpoint/files/target-claims.js'
import type { Journal } from './checkpoint/journal/journal.js'
import type { DatabaseConnections } from './database-connections/database-connections.js'
import type { Executor } from './execution/executor.js'
import { flowFile } from './job/flow-file.js'
import { diskOf, type OpenedRun, patienceOf, spillFolder } from './opened-run.js'
import { createRefiller } from './refill/create-refiller.js'
import { refillDatabase } from './refill/refill-database.js'
import type { RunState } from './run-state.js'

/** How a run reaches databases. */
export interface RunConnections {
  readonly connections: DatabaseConnections
  readonly tokenTables: TokenTables
}

/** What the commits of a run are made of. */
export interface CommitParts {
  readonly run: OpenedRun
  readonly journal: Journal
  readonly databases: RunConnections
  readonly state: RunState
  readonly executor: Executor
  /** Aborted when the run is to stop. */
  readonly signal: AbortSignal
}

/** What the commits of a run stand on, with the run's own executor to fill a database again. */
export function createRunCommit({ run, journal, databases, state, executor, signal }: CommitParts): CommitDeps {
  const { connections, tokenTables } = databases
  const { job, definitions, runId, cwd, emit } = run
  const patience = patienceOf(run, signal)
  const positions = new Map(job.dag.nodes.map((node, index) => [node.id, index]))
  return {
    disk: diskOf(run),
    journal,
    claims: run.resume?.recorded.claims ?? new TargetClaims(),
    cursors: createCursors(run),
    databases: connections,
    tokenTables,
    patience,
    refill: (missing, database, where) => {
      const lookup = state.lookup(where.subFlow, where.frame)
      const parts = { executor, connections, definitions, lookup, scratchFolder: spillFolder(run), flow: flowFile(run) }
      return refillDatabase(missing, database, createRefiller(parts, where), patience)
    },
    now: run.now,
    runId,
    cwd,
    positionOf: (node) => positions.get(node) ?? 0,
    warn: (message, node) => emit({ type: 'log', level: 'warn', message, ...(node === undefined ? {} : { node }) }),
  }
}

function createCursors({ job, context, runFolder, resume }: OpenedRun): RunCursors {
  return new RunCursors({
    job: job.name,
    context: context.name,
    runsFolder: path.dirname(runFolder),
    nodesBefore: findNodesBefore(job.dag.data),
    pending: resume?.recorded.cursors ?? [],
    appended: resume?.recorded.appended.nodes ?? new Set(),
  })
}
