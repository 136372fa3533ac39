import type { ControlConnection, Dag, ExecutionMetadata } from '../../../../src/core/dag.js'
import { findLoops, type Loops } from './loops.js'

/** A control connection between two sub flows. */
export interface Arrow {
  readonly connection: ControlConnection
  /** `from>to`. */
  readonly name: string
  /** The sub flow that it leaves. */
  readonly from: string
  /** The sub flow that it enters. */
  readonly to: string
}

/** Sub flows by their names, and the control connections between them. */
export interface ArrowGraph {
  /** In order of declaration. */
  readonly subFlows: readonly string[]
  /** In order of declaration. */
  readonly arrows: readonly Arrow[]
  readonly into: (subFlow: string) => readonly Arrow[]
}

/** What the model reads of a flow. */
export interface ModelFlow extends ArrowGraph {
  readonly loops: Loops
  /** Gates that wait for any of their connections. */
  readonly gates: ReadonlySet<string>
  readonly halts: boolean
  readonly attempts: number
  /** By ascending order, equal ones of one node together, equal ones of several nodes in the nodes' order of declaration. */
  readonly outOf: (subFlow: string) => readonly (readonly Arrow[])[]
}

/** Reads what a build wrote. */
export function readModelFlow(dag: Dag, metadata: ExecutionMetadata): ModelFlow {
  const subFlowOf = (id: string) => dag.nodes.find((node) => node.id === id)?.sub_flow ?? ''
  const declared = (id: string) => dag.nodes.findIndex((node) => node.id === id)
  const arrows = dag.control.map((connection) => ({
    connection,
    name: `${connection.from}>${connection.to}`,
    from: subFlowOf(connection.from),
    to: subFlowOf(connection.to),
  }))
  const outOf = (subFlow: string) => {
    const leaving = arrows.filter(({ from }) => from === subFlow)
    leaving.sort((a, b) => a.connection.order - b.connection.order || declared(a.connection.from) - declared(b.connection.from))
    const groups: Arrow[][] = []
    for (const arrow of leaving) {
      const before = groups.at(-1)?.[0]?.connection
      if (before?.from === arrow.connection.from && before.order === arrow.connection.order) groups.at(-1)?.push(arrow)
      else groups.push([arrow])
    }
    return groups
  }
  const graph: ArrowGraph = {
    subFlows: dag.nodes.filter(({ id, sub_flow }) => id === sub_flow).map(({ id }) => id),
    arrows,
    into: (subFlow) => arrows.filter(({ to }) => to === subFlow),
  }
  return {
    ...graph,
    loops: findLoops(graph),
    gates: new Set(dag.nodes.filter(({ module, configs }) => module === 'gate' && configs['wait'] === 'any').map(({ id }) => id)),
    halts: metadata.settings.fail_strategy === 'halt',
    attempts: 1 + metadata.settings.retries,
    outOf,
  }
}
