import path from 'node:path'
import { withoutPassword } from '../../core/database-connection/password.js'
import { parseConnection } from '../../core/database-connection/spec.js'
import { PypeError } from '../../core/errors.js'
import type { Json } from '../../core/json.js'
import { typesOf } from '../../registry/config-check.js'
import type { ConfigSpec } from '../../sdk/define-module.js'
import { definitionOf, type PlanNode } from '../plan/graph.js'

/** What a source reads or a sink writes, called as OpenLineage does. */
export interface Dataset {
  readonly namespace: string
  readonly name: string
}

/** Where a connection leads to; undefined when nobody knows without a context. */
export type Resolve = (written: Json) => Promise<{ readonly host: string; readonly port: number; readonly database: string } | undefined>

/** A connection as the flow has it, as far as no template stands in its address. */
export const resolveWritten: Resolve = async (written) => {
  try {
    const { host, port, database } = parseConnection(withoutPassword(written))
    return { host, port, database }
  } catch (error) {
    if (error instanceof PypeError) return undefined
    throw error
  }
}

/**
 * The datasets of a source or a sink. Files are `file` with their absolute path, from `cwd`; tables of PostgreSQL are
 * `postgres://host:port` with `database.schema.table`. All else is called after its node, in the namespace `pype`.
 */
export async function datasetsOf(node: PlanNode, flow: string, cwd: string, resolve: Resolve): Promise<readonly Dataset[]> {
  const connection = configOf(node, 'connection')
  if (connection !== undefined) return [await tableOf(node, connection, resolve)]
  const files = [configOf(node, 'path') ?? []].flat().filter((file) => typeof file === 'string')
  if (files.length > 0) return files.map((file) => ({ namespace: 'file', name: path.resolve(cwd, file) }))
  return [{ namespace: 'pype', name: `${flow}.${node.flow.id}` }]
}

/** What a node reads or writes as the flow has it, for people. */
export function labelOf(node: PlanNode): string {
  const { table } = node.configs
  if (typeof table === 'string') return table
  const files = [configOf(node, 'path') ?? []].flat().filter((file) => typeof file === 'string')
  return files.length > 1 ? `${files[0]} and others` : (files[0] ?? '')
}

/** The required config of a type, as it is written. */
function configOf(node: PlanNode, type: 'path' | 'connection'): Json | undefined {
  const specs: readonly (readonly [string, ConfigSpec])[] = Object.entries(definitionOf(node)?.config.required ?? {})
  const [name] = specs.find(([, spec]) => typesOf(spec).includes(type) || spec.of === type) ?? []
  return name === undefined ? undefined : node.configs[name]
}

async function tableOf(node: PlanNode, connection: Json, resolve: Resolve): Promise<Dataset> {
  const at = await resolve(connection)
  const { table } = node.configs
  const name = typeof table === 'string' ? qualify(table) : node.flow.id
  if (at !== undefined) return { namespace: `postgres://${at.host}:${at.port}`, name: `${at.database}.${name}` }
  return { namespace: `postgres://${typeof connection === 'string' ? withoutPassword(connection) : 'unknown'}`, name }
}

/** `schema.table`; a name without a schema is taken for one of `public`. */
function qualify(table: string): string {
  const parts = [...table.matchAll(/"((?:[^"]|"")*)"|[^."]+/g)].map(([whole, quoted]) => quoted?.replaceAll('""', '"') ?? whole)
  return parts.length > 1 ? parts.join('.') : `public.${parts[0] ?? table}`
}
