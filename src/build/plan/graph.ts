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
  /** False where something is wrong with them that no guess mends: what they seem to say may not be what is meant. */
  readonly configsAreSound: boolean
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
  /** Names in connections that no node has. */
  readonly unknown: ReadonlySet<string>
  /** Ids of nodes at which data connections are broken or missing. */
  readonly gaps: ReadonlySet<string>
  /** False where data connections are left out or missing, or nodes are, and this was reported. */
  readonly dataIsWhole: boolean
  /** False where control connections are left out, and this was reported. */
  readonly controlIsWhole: boolean
}

/** What the module of a node declares; undefined when the catalogue has no such module. */
export function definitionOf(node: PlanNode): ModuleDefinition | undefined {
  return node.module?.definition
}
