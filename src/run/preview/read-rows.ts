import path from 'node:path'
import { PypeError } from '../../core/errors.js'
import { ROOT_FRAME } from '../../core/frame.js'
import type { Engine, StatementOptions } from '../../engine/engine.js'
import type { Column, Relation, StoredRelation } from '../../sdk/relation.js'
import { sql } from '../../sdk/sql.js'
import { placeError } from '../execution/node/place-error.js'
import { GlobalStore } from '../templating/global-store.js'
import { explainWhere, narrowRows, WhereError } from './narrow-rows.js'
import type { PreparedPreview } from './prepared-preview.js'
import { createPreviewDeps, givenOptions, openPreviewConnections } from './preview-deps.js'
import { PreviewStaging } from './preview-staging.js'
import { PreviewWorld } from './preview-world.js'

/** A profile goes through its rows a few times, which takes no longer from a file: so many are worth their memory. */
const PROFILED_IN_MEMORY = 1_000_000

/** Rows that are looked at, and the columns that the port has. */
interface KeptRows {
  readonly rows: StoredRelation
  readonly columns: readonly Column[]
}

/** Runs what the port needs, and keeps the rows of it that are looked at. */
export async function readRows(preview: PreparedPreview, engine: Engine): Promise<KeptRows> {
  const { needed, given, options, port, flow, definitions } = preview
  const { dag } = flow
  const globals = new GlobalStore(needed.dag)
  globals.publish(ROOT_FRAME, Object.fromEntries(given.globals))
  const connections = await openPreviewConnections(preview)
  const staging = new PreviewStaging(connections)
  const world = new PreviewWorld(
    {
      needed,
      dag,
      given,
      staging,
      signal: options.signal,
      // What was given goes before what a node publishes beside it.
      publish: (published) => globals.publish(ROOT_FRAME, { ...published, ...Object.fromEntries(given.globals) }),
    },
    (iterations) => createPreviewDeps(preview, engine, connections, globals, iterations),
  )
  try {
    return await world.look(port, async ({ ports, artifacts, statement }) => {
      const relation = ports.get(port.node, port.port)
      if (relation === undefined) throw new PypeError('INTERNAL', `${port.node}.${port.port} has not been described.`)
      try {
        const narrowed = await narrowRows(relation, options, engine, statement)
        await artifacts.prepare(narrowed)
        return { rows: await keep(narrowed, preview, engine, statement), columns: await engine.columns(relation, statement) }
      } catch (error) {
        const explained = explainWhere(error)
        if (explained instanceof WhereError) throw explained
        const node = needed.dag.nodes.find(({ id }) => id === port.node)
        throw node === undefined
          ? explained
          : placeError(
              explained,
              node,
              { dag: needed.dag, definitions, flow: { file: flow.file }, given: givenOptions(preview), resumed: false },
              ROOT_FRAME,
            )
      }
    })
  } finally {
    await world.close()
    await connections.close()
  }
}

/** In memory where they are few, else on disk. */
async function keep(
  relation: Relation,
  { flow, options, folder }: PreparedPreview,
  engine: Engine,
  statement: StatementOptions,
): Promise<StoredRelation> {
  const { forProfile = false, limit = Number.POSITIVE_INFINITY } = options
  const { spill_threshold_rows } = flow.metadata.settings
  const maxRows = forProfile ? Math.min(spill_threshold_rows, PROFILED_IN_MEMORY) : spill_threshold_rows
  // A relation of its own: what it stands on is freed when the nodes have ended.
  const rows = sql`SELECT * FROM ${relation}`
  const isFew = limit <= maxRows || (await engine.estimateRows(relation, statement)) <= maxRows
  const file = path.join(folder, 'rows.parquet')
  return engine.store(rows, { kind: isFew ? 'memory' : 'parquet', path: file, maxRows, inAnyOrder: forProfile }, statement)
}
