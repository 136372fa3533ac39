import type { DagNode } from '../../../core/dag.js'
import type { FramePath } from '../../../core/frame.js'
import type { Json } from '../../../core/json.js'
import { findNodesBefore } from '../../../core/nodes-before.js'
import { hasTemplate, parseTemplate } from '../../../core/template.js'
import { typesOf } from '../../../registry/config-check.js'
import type { ConfigSpec, ModuleDefinition } from '../../../sdk/define-module.js'
import type { ExecutorDeps } from '../executor-deps.js'
import { databaseConnectionsIn } from './database-connections-in.js'
import { describeConfigs } from './describe-configs.js'
import { namesOfTarget, writesOutside } from './sink-targets.js'

type Deps = Pick<ExecutorDeps, 'dag' | 'definitions' | 'resolveConfig'>

/**
 * What the sinks write to that rows of a node reach, in its sub flow or over boundaries, in words. Of connections that only a later part of
 * the walk can know, what is written counts.
 */
export function findTargetsBehind(node: string, { dag, definitions, resolveConfig }: Deps, frame: FramePath): readonly string[] {
  const nodesBefore = findNodesBefore(dag.data)
  const targets = dag.nodes.flatMap((sink) => {
    const definition = definitions.get(sink.id)
    if (sink.type !== 'sink' || definition === undefined || !writesOutside(definition) || !nodesBefore(sink.id).has(node)) return []
    const { known, later } = connectionConfigs(sink, definition)
    const connections = databaseConnectionsIn(resolveConfig(sink, { ...definition, config: { required: {}, optional: known } }, frame))
    return [describeConfigs(sink, [...namesOfTarget(definition), ...later], connections)]
  })
  return [...new Set(targets)].sort()
}

/** The configs of a sink that hold its connections: those that can be resolved at any time, and the names of the others. */
function connectionConfigs({ configs }: DagNode, { config }: ModuleDefinition) {
  const known: { [name: string]: ConfigSpec } = {}
  const later: string[] = []
  for (const [name, spec] of Object.entries({ ...config.required, ...config.optional })) {
    if (!typesOf(spec).includes('connection') && spec.of !== 'connection') continue
    if (dependsOnWalk(configs[name] ?? null)) later.push(name)
    else known[name] = spec
  }
  return { known, later }
}

function dependsOnWalk(value: Json): boolean {
  if (typeof value === 'object' && value !== null) return Object.values(value).some(dependsOnWalk)
  if (typeof value !== 'string' || !hasTemplate(value)) return false
  return parseTemplate(value).some((part) => part.kind === 'ref' && (part.ref.scope === 'global' || part.ref.scope === 'iter'))
}
