import path from 'node:path'
import { PypeError } from '../../core/errors.js'
import type { Emit } from '../../core/events.js'
import { openEngine } from '../../engine/duckdb/open-engine.js'
import type { KilledRun } from '../checkpoint/databases/settle-databases.js'
import { nodeDisk } from '../checkpoint/files/disk.js'
import type { DatabaseCommit, IntentRecord, RunRecord } from '../checkpoint/journal/records.js'
import type { DatabaseConnections } from '../database-connections/database-connections.js'
import { createExecutor } from '../execution/executor.js'
import { shareEngine } from '../job/engine-share.js'
import { flowFile } from '../job/flow-file.js'
import { loadDefinitions } from '../job/load-definitions.js'
import { readMachine } from '../job/machine.js'
import { createNodeLogger } from '../observe/node-logger.js'
import { patienceOf } from '../opened-run.js'
import type { PreparedRun } from '../prepare-run.js'
import type { RunSecrets } from '../secrets/run-secrets.js'
import type { Lookup } from '../templating/lookup.js'
import { createRefiller } from './create-refiller.js'
import { refillDatabase } from './refill-database.js'

/** What a start that settles a killed run has at hand. */
export interface RefillKilledDeps {
  readonly prepared: PreparedRun
  readonly secrets: RunSecrets
  readonly connections: DatabaseConnections
  readonly lookup: Lookup
  readonly emit: Emit
}

/** Fills a database that a killed run has left behind: its sinks are run on the rows that it froze, with the modules that it was built with. */
export async function refillKilled(deps: RefillKilledDeps, commit: DatabaseCommit, intent: IntentRecord, run: KilledRun): Promise<void> {
  const { prepared, connections, lookup } = deps
  const { record } = run
  if (record === undefined) throw new PypeError('JOURNAL_FOREIGN', `The journal in ${run.folder} does not begin with the record of a run.`)
  const { token, connection, refill = [] } = commit
  const { job, options } = prepared
  const { signal = new AbortController().signal } = options
  const nodes = refill.map(({ node }) => node)
  const definitions = await loadDefinitions(
    { ...job.dag, nodes },
    job.folder,
    options.rehearsal?.project ?? prepared.cwd,
    flowFile(prepared),
  )
  const scratchFolder = path.join(run.folder, 'spill')
  const engine = await openEngine({
    ...shareEngine(job.metadata.settings, readMachine(), options.env, 1),
    spillDir: scratchFolder,
    timeZone: record.time_zone,
    cwd: record.cwd,
  })
  const executor = createExecutor({
    ...executorDeps(deps, record, run.folder),
    dag: { ...job.dag, nodes, data: [], control: [] },
    engine,
    definitions,
  })
  try {
    const place = { subFlow: intent.sub_flow, frame: intent.frame }
    const refiller = createRefiller({ executor, connections, definitions, lookup, scratchFolder, flow: flowFile(prepared) }, place)
    await refillDatabase({ token, refill }, connections.open(connection, lookup), refiller, patienceOf(prepared, signal))
  } finally {
    await executor.close()
    await engine.close()
  }
}

/** A sink has all its configs and rows from the journal; nothing else of the run is there. */
function executorDeps({ prepared, secrets, connections, lookup, emit }: RefillKilledDeps, record: RunRecord, folder: string) {
  return {
    metadata: { ...prepared.job.metadata, sub_flows: {} },
    flow: flowFile(prepared),
    resolveConfig: () => ({}),
    lookup: () => lookup,
    sealedOf: (connection: Parameters<DatabaseConnections['sealedOf']>[0]) => connections.sealedOf(connection),
    lookupGlobal: () => undefined,
    boundaryArtifact: () => undefined,
    emit,
    createLogger: (node: string, frame: IntentRecord['frame']) => createNodeLogger(emit, node, frame),
    runId: record.run,
    process: 1,
    childrenOf: () => [],
    runFolder: folder,
    disk: prepared.options.seams?.disk ?? nodeDisk,
    spillDir: path.join(folder, 'spill'),
    cwd: record.cwd,
    env: secrets.env,
    time: record.date,
    given: { context: undefined, set: {}, time: record.date, cwd: record.cwd },
    resumed: true,
    runChild: () => Promise.reject(new Error('A sink runs no other job.')),
    running: new Set<string>(),
    statements: undefined,
    masker: secrets.masker,
    onStall: prepared.options.onStall,
    threads: prepared.threads,
  }
}
