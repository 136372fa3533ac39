import type { DagNode } from '../../../core/dag.js'
import { nameInFrame } from '../../../core/frame.js'
import type { Attempt } from '../sub-flow/attempt.js'
import { failNode, nameTargets } from './place-error.js'
import { waitWhileAlive } from './wait-while-alive.js'

/** Does a node's work, during which it counts as running; an error gets the node, its frame and its place in the YAML file. */
export async function workOfNode<T>({ deps, task, targets }: Attempt, node: DagNode, work: () => Promise<T>): Promise<T> {
  const name = nameInFrame(node.id, task.frame)
  deps.running.add(name)
  try {
    return await waitWhileAlive(deps.onStall, node.module, work())
  } catch (error) {
    throw failNode(nameTargets(error, targets), node, deps, task.frame)
  } finally {
    deps.running.delete(name)
  }
}
