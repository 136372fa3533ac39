import type { DagNode } from '../../../core/dag.js'
import { type FramePath, nameInFrame } from '../../../core/frame.js'
import type { SchemaPolicy } from '../../../core/schema-lock.js'
import type { Engine } from '../../../engine/engine.js'
import type { ModuleDefinition } from '../../../sdk/define-module.js'
import { type Column, inputsFirst, inputsOf, type Relation } from '../../../sdk/relation.js'
import { lockScans } from './lock-scans.js'

/** A node whose inputs have been described. */
export interface NodeToDescribe {
  readonly node: DagNode
  readonly definition: ModuleDefinition
  readonly config: Record<string, unknown>
  readonly inputs: { readonly [port: string]: Relation }
  /** The output ports that are connected. */
  readonly connected: ReadonlySet<string>
  readonly engine: Engine
  /** `names` gets the names of the ports' relations. */
  readonly statement: { readonly names: Map<Relation, string>; readonly signal: AbortSignal }
  readonly frame: FramePath
  /** What is done when the files of a source differ from its locked columns. */
  readonly schema: SchemaPolicy
}

/** Lets a module describe the rows of its ports, and binds those that are read, so that an error is found at the node that made it. */
export async function describeNode(task: NodeToDescribe): Promise<{ readonly [port: string]: Relation }> {
  const { node, definition, config, inputs, connected, engine, statement, frame, schema } = task
  const columns: Record<string, readonly Column[]> = {}
  for (const [port, relation] of Object.entries(inputs)) columns[port] = await engine.columns(relation, statement)
  const outputs: Record<string, Relation> = {}
  const described = definition.query?.({ inputs, config, columns, outputs: connected }) ?? {}
  const { locked_columns: locked } = node
  const ports = locked === undefined ? described : lockScans(described, { columns: locked, onChange: schema })
  for (const [port, relation] of Object.entries(ports)) {
    if (relation === undefined) continue
    outputs[port] = relation
    if (!connected.has(port)) continue
    nameParts(relation, `${node.id}.${port}`, frame, statement.names)
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
