import type { DagNode } from '../../core/dag.js'
import type { Json } from '../../core/json.js'
import { listRefs } from '../../core/template.js'
import type { SealedConnection } from '../../database/database.js'
import { type Connection, isConnection } from '../../sdk/database.js'
import type { ModuleDefinition } from '../../sdk/define-module.js'
import type { BoundaryArtifact } from '../artifacts/boundary-file.js'
import type { SubFlowTask } from '../execution/sub-flow/sub-flow-task.js'
import type { Found } from '../templating/found.js'
import type { Lookup } from '../templating/lookup.js'
import type { Refill } from './refill.js'

/** A sink with all that its configs and its rows come from. */
export interface SinkAtWork {
  readonly node: DagNode
  readonly definition: ModuleDefinition
  readonly config: { readonly [name: string]: unknown }
  readonly inputs: { readonly [port: string]: BoundaryArtifact }
  readonly lookup: Lookup
  readonly sealedOf: (connection: Connection) => SealedConnection
  readonly task: SubFlowTask
}

/** Writes down what is needed to run a sink again, in another process too. */
export function describeRefill({ node, definition, config, inputs, lookup, sealedOf, task }: SinkAtWork): Refill {
  const specs = { ...definition.config.required, ...definition.config.optional }
  const connections: { [name: string]: SealedConnection } = {}
  const templates: { [source: string]: Found } = {}
  for (const [name, spec] of Object.entries(specs)) {
    const value = config[name]
    if (spec.type === 'connection' && isConnection(value)) connections[name] = sealedOf(value)
    else addTemplates(node.configs[name] ?? null, lookup, templates)
  }
  // A connection that is written out in the flow may have a password in it.
  const configs = Object.fromEntries(Object.entries(node.configs).filter(([name]) => !Object.hasOwn(connections, name)))
  return {
    node: { ...node, configs },
    inputs,
    connections,
    templates,
    attempt: task.attempt,
    ...(task.iterItem !== undefined && { item: task.iterItem }),
    ...(task.iterIndex !== undefined && { index: task.iterIndex }),
    token: task.staging.tokenOf(node.id),
  }
}

function addTemplates(value: Json, lookup: Lookup, templates: { [source: string]: Found }): void {
  for (const ref of listRefs(value)) {
    if (ref.scope === 'secret' || ref.scope === 'env') continue
    const found = lookup(ref)
    // What holds a secret or a value of the environment is looked up anew.
    const isOpen = found.kind === 'typed' || found.kind === 'absent' || (found.kind === 'json' && found.written === undefined)
    if (isOpen) templates[JSON.stringify(ref)] = found
  }
}

/** Looks up what was written down, and the rest as it is now. */
export function recordedLookup({ templates }: Refill, now: Lookup): Lookup {
  return (ref) => {
    const key = JSON.stringify(ref)
    return (Object.hasOwn(templates, key) ? templates[key] : undefined) ?? now(ref)
  }
}
