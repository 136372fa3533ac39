import path from 'node:path'
import type { DagNode } from '../../core/dag.js'
import { PypeError } from '../../core/errors.js'
import type { Emit } from '../../core/events.js'
import { ROOT_FRAME } from '../../core/frame.js'
import type { Engine } from '../../engine/engine.js'
import { nodeDisk } from '../checkpoint/files/disk.js'
import { listCandidates, listConnectionConfigs } from '../database-connections/candidates.js'
import { DatabaseConnections } from '../database-connections/database-connections.js'
import { loadDriver } from '../database-connections/load-driver.js'
import type { GivenOptions } from '../execution/node/hint-at-rows.js'
import { shareDeps } from '../execution/sub-flow/share-deps.js'
import type { SubFlowDeps } from '../execution/sub-flow/sub-flow-deps.js'
import { createNodeLogger } from '../observe/node-logger.js'
import type { Found } from '../templating/found.js'
import { GlobalStore } from '../templating/global-store.js'
import type { Iteration } from '../templating/iteration.js'
import { createLookup, type TemplateValues } from '../templating/lookup.js'
import { resolveConfig } from '../templating/resolve-config.js'
import type { PreparedPreview } from './prepared-preview.js'

/** In the place of the id of a run: there is none. */
const NO_RUN = 'preview'

/** Connections to databases that can only read. Passwords are masked from then on; nothing is sent before a node reads. */
export async function openPreviewConnections(preview: PreparedPreview): Promise<DatabaseConnections> {
  const { needed, definitions, context, options, secrets, flow } = preview
  const isNeeded = listConnectionConfigs(needed.dag, definitions).length > 0
  const connections = new DatabaseConnections({
    openDatabase: options.openDatabase ?? (isNeeded ? await loadDriver() : refuseDatabase),
    session: {
      TimeZone: flow.metadata.settings.time_zone,
      application_name: 'pype preview',
      default_transaction_read_only: 'on',
      // Else each look at a large table begins where the one before was cut off.
      synchronize_seqscans: 'off',
    },
    cwd: options.cwd,
    candidates: listCandidates(needed.dag, definitions, context),
    onPassword: (password) => secrets.masker.add(password),
  })
  const lookup = createLookup(valuesOf(preview, new GlobalStore(needed.dag)), ROOT_FRAME)
  connections.learnPasswords((ref) => (ref.scope === 'global' || ref.scope === 'iter' ? UNKNOWN : lookup(ref)))
  return connections
}

/** In the place of what is known only later: it can be a host, a port, a name. */
const UNKNOWN: Found = { kind: 'json', value: '1' }

function refuseDatabase(): never {
  throw new PypeError('INTERNAL', 'A preview without connections has used a database.')
}

/** What the nodes of a preview are run with. */
export function createPreviewDeps(
  preview: PreparedPreview,
  engine: Engine,
  connections: DatabaseConnections,
  globals: GlobalStore,
  iterations: (node: DagNode) => readonly Iteration[],
): SubFlowDeps {
  const { needed, flow, options, definitions, secrets, folder, warn } = preview
  const emit: Emit = (event) => {
    if (event.type !== 'log' || (event.level !== 'warn' && event.level !== 'error')) return
    warn(event.node === undefined ? event.message : `${event.node}: ${event.message}`)
  }
  const lookup = (node: DagNode) => createLookup(valuesOf(preview, globals), ROOT_FRAME, iterations(node))
  return shareDeps({
    dag: needed.dag,
    // Nobody asks how many rows pass where.
    metadata: { ...flow.metadata, settings: { ...flow.metadata.settings, row_counts: 'known' } },
    engine,
    flow: { file: flow.file },
    definitions,
    resolveConfig: (node, definition) => resolveConfig(definition, node, lookup(node), { file: flow.file }, connections),
    lookup,
    sealedOf: (connection) => connections.sealedOf(connection),
    lookupGlobal: (name) => globals.get(name, ROOT_FRAME),
    boundaryArtifact: () => undefined,
    emit,
    createLogger: (node, frame) => createNodeLogger(emit, node, frame),
    runId: NO_RUN,
    disk: nodeDisk,
    runFolder: folder,
    spillDir: path.join(folder, 'stored'),
    cwd: options.cwd,
    env: secrets.env,
    time: preview.time,
    given: givenOptions(preview),
    resumed: false,
    process: 1,
    childrenOf: () => [],
    runChild: async () => {
      throw new PypeError('PREVIEW_REFUSED', 'A preview starts no job.', { hint: 'run the job' })
    },
    running: new Set(),
    statements: undefined,
    masker: secrets.masker,
    onStall: options.onStall,
    threads: preview.threads,
  })
}

function valuesOf({ needed, flow, time, context, options, secrets }: PreparedPreview, globals: GlobalStore): TemplateValues {
  return {
    dag: needed.dag,
    job: flow.dag.flow.name,
    runId: NO_RUN,
    time,
    context: context.values,
    writtenContext: context.written,
    env: options.env,
    globals,
    secrets,
  }
}

/** What the preview was given, for the commands in hints. */
export function givenOptions({ options, context, time }: PreparedPreview): GivenOptions {
  const { context: name, insistsOnCwd = false, cwd } = options
  return { context: name, set: context.set, time, cwd: insistsOnCwd ? cwd : undefined }
}
