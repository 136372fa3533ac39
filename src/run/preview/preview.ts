import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Dag, ExecutionMetadata } from '../../core/dag.js'
import { PypeError } from '../../core/errors.js'
import type { OpenDatabase } from '../../database/database.js'
import { openEngine } from '../../engine/duckdb/open-engine.js'
import type { Engine } from '../../engine/engine.js'
import type { ModuleDefinition } from '../../sdk/define-module.js'
import type { StoredRelation } from '../../sdk/relation.js'
import type { PortName } from '../execution/sub-flow-graph.js'
import { shareEngine } from '../job/engine-share.js'
import { loadDefinitions } from '../job/load-definitions.js'
import { readLogicalTime } from '../job/logical-time.js'
import { readMachine } from '../job/machine.js'
import { type ResolvedContext, readContext } from '../job/read-context.js'
import { chooseThreads } from '../job/threads.js'
import { findSecrets } from '../secrets/find-secrets.js'
import { maskError } from '../secrets/mask-error.js'
import { RunSecrets } from '../secrets/run-secrets.js'
import { checkProviders } from './check-providers.js'
import { choosePort } from './choose-port.js'
import { type GivenValues, readGivenValues } from './given-values.js'
import type { Narrowing } from './narrow-rows.js'
import { findNeededNodes, loopsAround, type NeededNodes } from './needed-nodes.js'
import { readRows } from './read-rows.js'

/** A flow that was planned and not built. */
export interface PlannedFlow {
  /** Its file, as it was named. */
  readonly file: string
  readonly dag: Dag
  readonly metadata: ExecutionMetadata
}

/** How a port is looked at. Nothing is read from the process. */
export interface PreviewOptions extends Narrowing {
  /** The folder with the folder `context/`, absolute. */
  readonly contextFolder: string
  readonly context?: string | undefined
  readonly set?: readonly string[]
  /** The logical date or time. */
  readonly date?: string | undefined
  /** Globals that only a run comes to: `node__name=value`. */
  readonly globals?: readonly string[]
  /** An item for each loop around the port, from the outside in. */
  readonly items?: readonly string[]
  /** Absolute. Relative paths of the flow start here. */
  readonly cwd: string
  readonly env: { readonly [name: string]: string | undefined }
  readonly signal: AbortSignal
  /** Hears what a user should know and is no error. */
  readonly onWarning: (message: string) => void
  readonly now?: () => Date
  readonly openDatabase?: OpenDatabase
}

/** Rows of a port, held by an engine as long as somebody works on them. */
export interface HeldRows {
  readonly port: PortName
  readonly rows: StoredRelation
  readonly engine: Engine
  /** For files; it goes with the rows. */
  readonly folder: string
}

/** What a preview stands on when all is known and nothing has been run. */
export interface PreparedPreview {
  readonly flow: PlannedFlow
  readonly options: PreviewOptions
  readonly port: PortName
  readonly given: GivenValues
  readonly needed: NeededNodes
  readonly definitions: ReadonlyMap<string, ModuleDefinition>
  readonly context: ResolvedContext
  readonly secrets: RunSecrets
  readonly time: string
  readonly threads: number
  readonly folder: string
  readonly warn: (message: string) => void
}

/**
 * Runs what the rows of a port need, and nothing else: no sink, no solo that changes something, no commit, and no record of it is left.
 * `work` gets the rows; they are gone when it has ended. Throws coded errors: of the flow's nodes, USAGE, PREVIEW_REFUSED, PREVIEW_VALUE.
 */
export async function previewPort<T>(
  flow: PlannedFlow,
  wanted: string,
  options: PreviewOptions,
  work: (rows: HeldRows) => Promise<T>,
): Promise<T> {
  const { dag, metadata } = flow
  const { settings } = metadata
  const { cwd, env, context: name, set = [], contextFolder } = options
  const port = choosePort(dag, wanted)
  const given = readGivenValues(
    options.globals ?? [],
    options.items ?? [],
    dag.nodes.map(({ id }) => id),
  )
  const needed = findNeededNodes(dag, metadata, port, given)
  checkItems(given, port, needed)
  const time = readLogicalTime(options.date, (options.now ?? (() => new Date()))(), settings.time_zone)
  const threads = chooseThreads(undefined, settings, env)
  const definitions = await loadDefinitions(needed.dag, path.dirname(path.resolve(cwd, flow.file)), cwd)
  checkProviders(needed, definitions)
  const context = readContext(needed.dag, { jobFolder: contextFolder, cwd, context: name, set, env }, dag)
  const secrets = new RunSecrets({ settings: context.values.secrets, env, cwd })
  const folder = path.join(settings.spill_dir === null ? tmpdir() : path.resolve(cwd, settings.spill_dir), `pype-preview-${randomUUID()}`)
  const warn = (message: string) => options.onWarning(secrets.masker.mask(message))
  secrets.tell(warn)
  try {
    await secrets.read(findSecrets(needed.dag, definitions, context))
    const prepared = { flow, options, port, given, needed, definitions, context, secrets, time, threads, folder, warn }
    return await withEngine(prepared, async (engine) => work({ port, rows: await readRows(prepared, engine), engine, folder }))
  } catch (error) {
    throw maskError(error, secrets.masker)
  } finally {
    secrets.close()
  }
}

async function withEngine<T>({ flow, options, folder, warn }: PreparedPreview, work: (engine: Engine) => Promise<T>): Promise<T> {
  const { settings } = flow.metadata
  try {
    const engine = await openEngine({
      ...shareEngine(settings, readMachine(), options.env, 1),
      spillDir: folder,
      timeZone: settings.time_zone,
      cwd: options.cwd,
      onWarning: warn,
    })
    try {
      return await work(engine)
    } finally {
      await engine.close()
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function checkItems({ items }: GivenValues, { node }: PortName, { dag, loopOf }: NeededNodes): void {
  const found = dag.nodes.find(({ id }) => id === node)
  const loops = found === undefined ? 0 : loopsAround(found, loopOf).length
  if (items.length <= loops) return
  throw new PypeError(
    'USAGE',
    loops === 0
      ? `--item is for a node inside of a loop, and ${node} is in none.`
      : `${node} is in ${loops} of the loops that ${items.length} items are given for.`,
    { hint: loops === 0 ? 'leave it out' : 'give --item at most once per loop, the outermost first' },
  )
}
