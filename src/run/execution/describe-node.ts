import type { DagNode } from '../../core/dag.js'
import { PypeError } from '../../core/errors.js'
import { type FramePath, nameInFrame } from '../../core/frame.js'
import type { Engine } from '../../engine/engine.js'
import type { ModuleDefinition } from '../../sdk/define-module.js'
import type { Column, Relation } from '../../sdk/relation.js'

export interface NodeToDescribe {
  readonly node: DagNode
  readonly definition: ModuleDefinition
  readonly config: Record<string, unknown>
  readonly inputs: { readonly [port: string]: Relation }
  /** The output ports that are connected. */
  readonly outputs: ReadonlySet<string>
  readonly engine: Engine
  /** Gets the names of the ports' relations. */
  readonly names: Map<Relation, string>
  readonly signal: AbortSignal
  readonly frame: FramePath
}

/** Lets a module describe the rows of its ports, and binds those that are read, so that an error is found at the node that made it. */
export async function describeNode({
  node,
  definition,
  config,
  inputs,
  outputs,
  engine,
  names,
  signal,
  frame,
}: NodeToDescribe): Promise<{ readonly [port: string]: Relation }> {
  const options = { names, signal }
  const columns: Record<string, readonly Column[]> = {}
  for (const [port, relation] of Object.entries(inputs)) columns[port] = await engine.columns(relation, options)
  const described = definition.query?.({ inputs, config, columns, outputs }) ?? {}
  for (const port of outputs) {
    const relation = described[port]
    if (relation === undefined)
      throw new PypeError('MODULE_FAILED', `The module ${node.module} describes no rows for its port ${port}.`, {
        hint: `return { ${port}: … } from query`,
      })
    if (!names.has(relation)) names.set(relation, nameInFrame(`${node.id}.${port}`, frame))
    await engine.columns(relation, options)
  }
  return described
}
