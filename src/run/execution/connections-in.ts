import type { Connection } from '../../sdk/database.js'

/** The connections that stand in the configs of a node, each once. */
export function connectionsIn(config: { readonly [name: string]: unknown }): readonly Connection[] {
  return [...new Set(Object.values(config).flatMap(connectionsOf))]
}

function connectionsOf(value: unknown): readonly Connection[] {
  if (Array.isArray(value)) return value.flatMap(connectionsOf)
  if (typeof value !== 'object' || value === null) return []
  return isConnection(value) ? [value] : Object.values(value).flatMap(connectionsOf)
}

function isConnection(value: object): value is Connection {
  return 'kind' in value && value.kind === 'connection'
}
