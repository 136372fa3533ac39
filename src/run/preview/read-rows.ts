import path from 'node:path'
import { PypeError } from '../../core/errors.js'
import { ROOT_FRAME } from '../../core/frame.js'
import type { Engine, StatementOptions } from '../../engine/engine.js'
import type { Relation, StoredRelation } from '../../sdk/relation.js'
import { sql } from '../../sdk/sql.js'
import { placeError } from '../execution/node/place-error.js'
import { GlobalStore } from '../templating/global-store.js'
import { explainWhere, narrowRows, WhereError } from './narrow-rows.js'
import type { PreparedPreview } from './prepared-preview.js'
import { createPreviewDeps, openPreviewConnections } from './preview-deps.js'
import { PreviewStaging } from './preview-staging.js'
import { PreviewWorld } from './preview-world.js'

/** Runs what the port needs, and keeps the rows of it that are looked at. */
export async function readRows(preview: PreparedPreview, engine: Engine): Promise<StoredRelation> {
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
        return await keep(narrowed, preview, engine, statement)
      } catch (error) {
        const explained = explainWhere(error)
        if (explained instanceof WhereError) throw explained
        const node = needed.dag.nodes.find(({ id }) => id === port.node)
        throw node === undefined
          ? explained
          : placeError(explained, node, { dag: needed.dag, definitions, flow: { file: flow.file } }, ROOT_FRAME)
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
  const maxRows = flow.metadata.settings.spill_threshold_rows
  // A relation of its own: what it stands on is freed when the nodes have ended.
  const rows = sql`SELECT * FROM ${relation}`
  const isFew = (options.limit ?? Number.POSITIVE_INFINITY) <= maxRows || (await engine.estimateRows(relation, statement)) <= maxRows
  return engine.store(rows, { kind: isFew ? 'memory' : 'parquet', path: path.join(folder, 'rows.parquet'), maxRows }, statement)
}
