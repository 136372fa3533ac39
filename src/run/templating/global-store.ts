import type { Dag, DagNode } from '../../core/dag.js'
import { nearest, PypeError } from '../../core/errors.js'
import { type FramePath, formatFrame } from '../../core/frame.js'
import type { TypedValue } from '../../engine/engine.js'
import type { End } from '../scheduling/settle.js'
import type { Found } from './found.js'

interface FrameGlobals {
  readonly values: Map<string, TypedValue>
  readonly ends: Map<string, End>
}

/** The globals of the sub flows that have ended, by frame. Names are compared without regard to case. */
export class GlobalStore {
  readonly #frames = new Map<string, FrameGlobals>()
  readonly #nodes: ReadonlyMap<string, DagNode>

  constructor(dag: Dag) {
    this.#nodes = new Map(dag.nodes.map((node) => [node.id.toLowerCase(), node]))
  }

  /** Notes how a sub flow ended. */
  end(subFlow: string, frame: FramePath, end: End): void {
    this.#open(frame).ends.set(subFlow, end)
  }

  /** Publishes globals by `node__name`. */
  publish(frame: FramePath, globals: { readonly [name: string]: TypedValue }): void {
    const { values } = this.#open(frame)
    for (const [name, value] of Object.entries(globals)) values.set(name.toLowerCase(), value)
  }

  /** Publishes what went wrong under the names of all nodes of a failed sub flow. */
  publishError(nodes: readonly string[], frame: FramePath, error: PypeError): void {
    const { values } = this.#open(frame)
    for (const node of nodes) {
      values.set(`${node}__error_code`.toLowerCase(), { type: 'VARCHAR', text: error.code })
      values.set(`${node}__error_message`.toLowerCase(), { type: 'VARCHAR', text: error.message })
      values.set(`${node}__error_node`.toLowerCase(), { type: 'VARCHAR', text: error.node ?? null })
    }
  }

  /** A global by `node__name` in this frame or those around it. */
  get(name: string, frame: FramePath): TypedValue | undefined {
    for (let depth = frame.length; depth >= 0; depth--) {
      const value = this.#frames.get(formatFrame(frame.slice(0, depth)))?.values.get(name.toLowerCase())
      if (value !== undefined) return value
    }
    return undefined
  }

  /** The same for a template: a node that did not run has absent globals; one that completed must have published it. */
  find(nodeId: string, name: string, frame: FramePath): Found {
    const value = this.get(`${nodeId}__${name}`, frame)
    if (value !== undefined) return { kind: 'typed', value }
    const node = this.#nodes.get(nodeId.toLowerCase())
    if (node === undefined) {
      throw new PypeError('TEMPLATE_VALUE', `There is no node "${nodeId}".`, { hint: suggestNode(nodeId, this.#nodes) })
    }
    const end = this.#endOf(node.sub_flow, frame)
    if (end === 'completed' && !/^error_(code|message|node)$/i.test(name)) {
      throw new PypeError('TEMPLATE_VALUE', `The node ${node.id} completed and published no global "${name}".`, {
        hint: node.globals.length > 0 ? `it publishes ${node.globals.join(', ')}` : 'look at what it puts out',
      })
    }
    return { kind: 'absent', why: end === undefined ? `the node ${node.id} has not run` : `the node ${node.id} ${STATES[end]}` }
  }

  #endOf(subFlow: string, frame: FramePath): End | undefined {
    for (let depth = frame.length; depth >= 0; depth--) {
      const end = this.#frames.get(formatFrame(frame.slice(0, depth)))?.ends.get(subFlow)
      if (end !== undefined) return end
    }
    return undefined
  }

  #open(frame: FramePath): FrameGlobals {
    const key = formatFrame(frame)
    const opened = this.#frames.get(key) ?? { values: new Map(), ends: new Map() }
    this.#frames.set(key, opened)
    return opened
  }
}

const STATES: { readonly [end in End]: string } = {
  completed: 'completed without it',
  failed: 'failed',
  skipped: 'was skipped',
  blocked: 'was blocked',
  cancelled: 'was cancelled',
}

function suggestNode(id: string, nodes: ReadonlyMap<string, DagNode>): string {
  const near = nearest(
    id,
    [...nodes.values()].map((node) => node.id),
  )
  return near === undefined ? 'use the id of a node of the flow' : `did you mean "${near}"?`
}
