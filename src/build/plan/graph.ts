import type { ControlConnection } from '../../core/dag.js'
import type { Flow, FlowControl, FlowData, FlowModule } from '../../core/flow.js'
import type { JsonObject } from '../../core/json.js'
import type { ResolvedModule } from '../../registry/catalogue.js'
import type { ModuleDefinition } from '../../sdk/define-module.js'

/** A node of the flow while it is planned. `index` is its place in the order of declaration. */
export interface PlanNode {
  readonly index: number
  readonly flow: FlowModule
  /** Undefined when the catalogue has no such module. */
  readonly module: ResolvedModule | undefined
  /** As they go into the dag. */
  readonly configs: JsonObject
}

/** A data connection between two nodes that exist. */
export interface PlanData {
  readonly flow: FlowData
  readonly from: PlanNode
  readonly to: PlanNode
  readonly boundary: boolean
}

/** A control connection between two nodes that exist, with its order as a number. `index` is its place in the order of declaration. */
export interface PlanControl {
  readonly index: number
  readonly flow: FlowControl
  readonly from: PlanNode
  readonly to: PlanNode
  readonly order: number
  readonly type: ControlConnection['type']
  readonly boundary: boolean
}

/** A flow with its connections tied to its nodes. */
export interface PlanGraph {
  readonly flow: Flow
  readonly nodes: readonly PlanNode[]
  readonly data: readonly PlanData[]
  readonly control: readonly PlanControl[]
}

/** What the module of a node declares; undefined when the catalogue has no such module. */
export function definitionOf(node: PlanNode): ModuleDefinition | undefined {
  return node.module?.definition
}
