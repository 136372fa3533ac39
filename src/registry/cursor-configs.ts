import type { JsonObject } from '../core/json.js'
import type { ConfigSpec, ModuleDefinition } from '../sdk/define-module.js'

/** The config by which a node reads on from a cursor; undefined when it reads everything. */
export function cursorConfigOf(definition: ModuleDefinition | undefined, configs: JsonObject): string | undefined {
  return findGiven(definition, configs, ({ cursor }) => cursor === true)
}

/** The config by which a node reads rows again that an earlier run has read; undefined when it reads each row once. */
export function againConfigOf(definition: ModuleDefinition | undefined, configs: JsonObject): string | undefined {
  return findGiven(definition, configs, ({ again }) => again === true)
}

function findGiven(
  definition: ModuleDefinition | undefined,
  configs: JsonObject,
  isMeant: (spec: ConfigSpec) => boolean,
): string | undefined {
  const { required = {}, optional = {} } = definition?.config ?? {}
  const given = Object.entries({ ...required, ...optional }).find(
    ([name, spec]) => isMeant(spec) && configs[name] !== undefined && configs[name] !== null,
  )
  return given?.[0]
}
