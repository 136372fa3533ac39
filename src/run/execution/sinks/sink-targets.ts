import type { DagNode } from '../../../core/dag.js'
import { typesOf } from '../../../registry/config-check.js'
import type { Connection } from '../../../sdk/database.js'
import type { ModuleDefinition } from '../../../sdk/define-module.js'
import { databaseConnectionsIn } from './database-connections-in.js'
import { describeConfigs } from './describe-configs.js'

/** What the sinks of a sub flow write to, as far as their configs tell. */
export interface SinkTargets {
  /** Each once. */
  readonly connections: readonly Connection[]
  readonly hasFiles: boolean
  /** Of each sink that writes to a database or a file: what its required configs say, in words. */
  readonly targetOf: ReadonlyMap<string, string>
}

/** Looks at the configs of nodes of a sub flow. */
export function findSinkTargets(
  nodes: readonly DagNode[],
  definitionOf: (node: DagNode) => ModuleDefinition,
  configOf: (node: DagNode) => Record<string, unknown>,
): SinkTargets {
  const sinks = nodes.filter(({ type }) => type === 'sink' || type === 'solo')
  return {
    connections: [
      ...new Set(sinks.filter((node) => takes(definitionOf(node), 'connection')).flatMap((node) => databaseConnectionsIn(configOf(node)))),
    ],
    hasFiles: sinks.some((node) => takes(definitionOf(node), 'path')),
    targetOf: new Map(sinks.flatMap((node) => (node.type === 'sink' ? targetIn(node, definitionOf(node), configOf) : []))),
  }
}

/** A sink requires what names its target; what it may do without says how it writes. */
function targetIn(
  node: DagNode,
  definition: ModuleDefinition,
  configOf: (node: DagNode) => Record<string, unknown>,
): readonly (readonly [node: string, target: string])[] {
  if (!writesOutside(definition)) return []
  const connections = takes(definition, 'connection') ? databaseConnectionsIn(configOf(node)) : []
  return [[node.id, describeConfigs(node, namesOfTarget(definition), connections)]]
}

/** Whether a sink writes to a database or a file. */
export function writesOutside(definition: ModuleDefinition): boolean {
  return takes(definition, 'connection') || takes(definition, 'path')
}

/** The configs of a sink that name its target, beside its connection. */
export function namesOfTarget({ config }: ModuleDefinition): readonly string[] {
  return Object.entries(config.required).flatMap(([name, spec]) => (typesOf(spec).includes('connection') ? [] : [name]))
}

function takes({ config }: ModuleDefinition, type: 'connection' | 'path'): boolean {
  return Object.values({ ...config.required, ...config.optional }).some((spec) => typesOf(spec).includes(type) || spec.of === type)
}
