import type { DagNode } from '../../../core/dag.js'
import { PypeError } from '../../../core/errors.js'
import type { StatementOptions, TypedValue } from '../../../engine/engine.js'
import type { ModuleDefinition } from '../../../sdk/define-module.js'
import type { Relation } from '../../../sdk/relation.js'
import type { ArtifactManager } from '../../artifacts/artifact-manager.js'
import type { SubFlowDeps } from './sub-flow-deps.js'
import type { SubFlowGraph } from './sub-flow-graph.js'
import type { SubFlowPorts } from './sub-flow-ports.js'
import type { SubFlowTask } from './sub-flow-task.js'

/** What the parts of an attempt of a sub flow stand on. */
export interface Attempt {
  readonly deps: SubFlowDeps
  readonly task: SubFlowTask
  readonly graph: SubFlowGraph
  readonly ports: SubFlowPorts
  readonly artifacts: ArtifactManager
  /** What all statements of the attempt are run with. */
  readonly statement: StatementOptions & { readonly names: Map<Relation, string> }
  /** What its nodes have published, by name (`node__global`). */
  readonly globals: Record<string, TypedValue>
}

/** The module of a node, which a run loads before it walks. */
export function definitionOf(node: DagNode, { definitions }: Pick<SubFlowDeps, 'definitions'>): ModuleDefinition {
  const definition = definitions.get(node.id)
  if (definition === undefined) throw new PypeError('INTERNAL', `The module of ${node.id} is not loaded.`)
  return definition
}
