import type { DagNode } from '../../../core/dag.js'
import { type FramePath, nameInFrame } from '../../../core/frame.js'
import { type Column, inputsFirst, inputsOf, type Relation } from '../../../sdk/relation.js'
import { type CountConsumer, countConsumers } from '../counts/node-counts.js'
import { type Attempt, definitionOf } from '../sub-flow/attempt.js'
import { lockScans } from './lock-scans.js'
import { workOfNode } from './work-of-node.js'

interface NodeToDescribe {
  readonly node: DagNode
  readonly config: Record<string, unknown>
  readonly inputs: { readonly [port: string]: Relation }
  /** The output ports that are connected. */
  readonly connected: ReadonlySet<string>
}

/** Lets a node whose inputs have been described describe what it puts out. Returns what is to be counted of it. */
export function describeNode(attempt: Attempt, node: DagNode): Promise<readonly CountConsumer[]> {
  const { deps, task, ports } = attempt
  const definition = definitionOf(node, deps)
  deps.emit({ type: 'node.started', node: node.id, frame: task.frame })
  return workOfNode(attempt, node, async () => {
    const config = deps.resolveConfig(node, definition, task.frame)
    const inputs = ports.inputsOf(node)
    const connected = ports.connectedOutputs(node)
    const outputs = await describePorts(attempt, { node, config, inputs, connected })
    ports.setOutputs(node, outputs, 'query')
    return countConsumers(node, definition, config, { inputs, outputs, connected })
  })
}

/** Lets a module describe the rows of its ports, and binds those that are read, so that an error is found at the node that made it. */
async function describePorts({ deps, task, statement }: Attempt, { node, config, inputs, connected }: NodeToDescribe) {
  const { engine, metadata } = deps
  const columns: Record<string, readonly Column[]> = {}
  for (const [port, relation] of Object.entries(inputs)) columns[port] = await engine.columns(relation, statement)
  const outputs: Record<string, Relation> = {}
  const described = definitionOf(node, deps).query?.({ inputs, config, columns, outputs: connected }) ?? {}
  const { locked_columns: locked } = node
  const ports = locked === undefined ? described : lockScans(described, { columns: locked, onChange: metadata.settings.schema })
  for (const [port, relation] of Object.entries(ports)) {
    if (relation === undefined) continue
    outputs[port] = relation
    if (!connected.has(port)) continue
    nameParts(relation, `${node.id}.${port}`, task.frame, statement.names)
    await engine.columns(relation, statement)
  }
  return outputs
}

/** Names what a port puts out and all that it stands on inside of its node, so that whatever fails in it is known to be the node's. */
function nameParts(relation: Relation, name: string, frame: FramePath, names: Map<Relation, string>): void {
  if (names.has(relation)) return
  const parts = inputsFirst([relation], (one) => inputsOf(one).filter((input) => !names.has(input))).reverse()
  for (const [i, part] of parts.entries()) names.set(part, nameInFrame(i === 0 ? name : `${name} ${i}`, frame))
}
