import type { PlanNode } from './graph.js'

/** Whether a sub flow starts at the first connection into it that is taken, and ignores the others: a `gate` that waits for any. */
export function isOpenGate({ nodes }: { readonly nodes: readonly PlanNode[] }): boolean {
  return nodes.some(({ module, configs }) => module?.modulePath === 'pype:solo/gate' && configs.wait === 'any')
}
