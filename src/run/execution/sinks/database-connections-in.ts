import { type Connection, isConnection } from '../../../sdk/database.js'

/** The connections that stand in the configs of a node, each once. */
export function databaseConnectionsIn(config: { readonly [name: string]: unknown }): readonly Connection[] {
  return [...new Set(Object.values(config).flatMap(connectionsOf))]
}

function connectionsOf(value: unknown): readonly Connection[] {
  if (Array.isArray(value)) return value.flatMap(connectionsOf)
  if (isConnection(value)) return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(connectionsOf) : []
}
