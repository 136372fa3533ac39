import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { PypeError } from '../../core/errors.js'
import { openEngine } from '../../engine/duckdb/open-engine.js'
import type { Engine } from '../../engine/engine.js'
import type { Column, StoredRelation } from '../../sdk/relation.js'
import type { PortName } from '../execution/sub-flow/sub-flow-graph.js'
import { shareEngine } from '../job/engine-share.js'
import { loadDefinitions } from '../job/load-definitions.js'
import { readLogicalTime } from '../job/logical-time.js'
import { readMachine } from '../job/machine.js'
import { readContext } from '../job/read-context.js'
import { chooseThreads } from '../job/threads.js'
import { findSecrets } from '../secrets/find-secrets.js'
import { maskError } from '../secrets/mask-error.js'
import { RunSecrets } from '../secrets/run-secrets.js'
import { checkProviders } from './check-providers.js'
import { choosePort } from './choose-port.js'
import { type GivenValues, readGivenValues } from './given-values.js'
import { findNeededNodes, loopsAround, type NeededNodes } from './needed-nodes.js'
import type { PlannedFlow, PreparedPreview, PreviewOptions } from './prepared-preview.js'
import { readRows } from './read-rows.js'

/** Rows of a port, held by an engine as long as somebody works on them. */
export interface HeldRows {
  readonly port: PortName
  readonly rows: StoredRelation
  /** The columns of the port; those of the rows have other types where values are shortened. */
  readonly columns: readonly Column[]
  readonly engine: Engine
  /** For files; it goes with the rows. */
  readonly folder: string
}

/**
 * Runs what the rows of a port need, and nothing else: no sink, no solo that changes something, no commit, and no record of it is left.
 * `work` gets the rows; they are gone when it has ended. Throws coded errors: of the flow's nodes, USAGE, PREVIEW_REFUSED, PREVIEW_VALUE.
 */
export async function previewPort<T>(
  flow: PlannedFlow,
  wanted: string | undefined,
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
    return await withEngine(prepared, async (engine) => work({ port, ...(await readRows(prepared, engine)), engine, folder }))
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
