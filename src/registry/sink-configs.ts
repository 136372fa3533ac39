import type { JsonObject } from '../core/json.js'
import { containsTemplate } from '../core/template.js'
import type { ModuleDefinition } from '../sdk/define-module.js'
import { typesOf } from './config-check.js'

/** What a node does to a target that is there, as it is written; what is not written counts as its default. */
export function modeOf(definition: ModuleDefinition | undefined, configs: JsonObject): unknown {
  return configs['mode'] ?? definition?.config.optional['mode']?.default
}

/** Whether the target of a sink may be another one in each run, such as a file for each day. */
export function hasChangingTarget(definition: ModuleDefinition | undefined, configs: JsonObject): boolean {
  return Object.entries(definition?.config.required ?? {}).some(
    ([name, spec]) => !typesOf(spec).includes('connection') && containsTemplate(configs[name] ?? null),
  )
}
