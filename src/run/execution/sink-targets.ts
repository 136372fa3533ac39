import type { DagNode } from '../../core/dag.js'
import { typesOf } from '../../registry/config-check.js'
import type { Connection } from '../../sdk/database.js'
import type { ModuleDefinition } from '../../sdk/define-module.js'
import { connectionsIn } from './connections-in.js'

/** What the sinks of a sub flow write to, as far as their configs tell. */
export interface SinkTargets {
  /** Each once. */
  readonly connections: readonly Connection[]
  readonly hasFiles: boolean
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
      ...new Set(sinks.filter((node) => takes(definitionOf(node), 'connection')).flatMap((node) => connectionsIn(configOf(node)))),
    ],
    hasFiles: sinks.some((node) => takes(definitionOf(node), 'path')),
  }
}

function takes({ config }: ModuleDefinition, type: 'connection' | 'path'): boolean {
  return Object.values({ ...config.required, ...config.optional }).some((spec) => typesOf(spec).includes(type) || spec.of === type)
}
