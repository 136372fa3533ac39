import type { PlacedFile } from '../../core/errors.js'
import type { ModuleDefinition } from '../../sdk/define-module.js'
import type { DatabaseConnections } from '../database-connections/database-connections.js'
import type { Lookup } from '../templating/lookup.js'
import { resolveConfig } from '../templating/resolve-config.js'
import { recordedLookup } from './describe-refill.js'
import type { Refill } from './refill.js'

/** The configs of a sink as it had them: `now` is asked only for what was not written down, such as secrets. */
export function resolveRefill(
  refill: Refill,
  definition: ModuleDefinition,
  now: Lookup,
  connections: DatabaseConnections,
  flow: PlacedFile,
): Record<string, unknown> {
  const { required, optional } = definition.config
  const isOpen = ([name]: readonly [string, unknown]) => !Object.hasOwn(refill.connections, name)
  const config = {
    required: Object.fromEntries(Object.entries(required).filter(isOpen)),
    optional: Object.fromEntries(Object.entries(optional).filter(isOpen)),
  }
  const sealed = Object.entries(refill.connections).map(([name, connection]) => [name, connections.connect(connection, now)] as const)
  return { ...resolveConfig({ config }, refill.node, recordedLookup(refill, now), flow, connections), ...Object.fromEntries(sealed) }
}
