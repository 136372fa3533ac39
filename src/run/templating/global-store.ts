import type { Dag, DagNode } from '../../core/dag.js'
import { nearest, PypeError } from '../../core/errors.js'
import { type FramePath, nameInFrame } from '../../core/frame.js'
import { groupBy } from '../../core/group-by.js'
import { suggestNearest } from '../../core/suggest.js'
import type { TypedValue } from '../../engine/engine.js'
import type { End } from '../scheduling/settle.js'
import type { Found } from './found.js'

const ERROR_GLOBAL = /^error_(code|message|node)$/i

type Values = Map<string, TypedValue>

/** What a node or a sub flow left behind in the highest pass of a loop, by index, in which it left anything. */
export interface Latest<T> {
  readonly index: number
  readonly value: T
}

/** What the sub flows of a loop left behind in one pass. */
export interface FrameGlobals {
  /** By `node__name`. */
  readonly globals: { readonly [name: string]: TypedValue }
  readonly ends: { readonly [subFlow: string]: End }
}

/** What passes left behind that an earlier process walked, of each node and each sub flow that of the highest one. */
export interface RecordedGlobals {
  /** By node in lower case, then by the name of the global. */
  readonly globals: ReadonlyMap<string, Latest<{ readonly [name: string]: TypedValue }>>
  readonly ends: ReadonlyMap<string, Latest<End>>
}

/** The passes of a loop that have ended, as they will be seen when the loop has. */
interface Folded {
  readonly values: Map<string, Latest<Values>>
  readonly ends: Map<string, Latest<End>>
}

/** The globals of the sub flows that have ended, by node and frame. Names are compared without regard to case. */
export class GlobalStore {
  /** By node in its frame, then by the name of the global. */
  readonly #values = new Map<string, Values>()
  /** By sub flow in its frame. */
  readonly #ends = new Map<string, End>()
  readonly #folded = new Map<string, Folded>()
  readonly #nodes: ReadonlyMap<string, DagNode>
  readonly #nodesOf: ReadonlyMap<string, readonly DagNode[]>

  constructor(dag: Dag) {
    this.#nodes = new Map(dag.nodes.map((node) => [node.id.toLowerCase(), node]))
    this.#nodesOf = groupBy(dag.nodes, (node) => node.sub_flow)
  }

  /** Notes how a sub flow ended. */
  end(subFlow: string, frame: FramePath, end: End): void {
    this.#ends.set(nameInFrame(subFlow, frame), end)
  }

  /** Publishes globals by `node__name`. */
  publish(frame: FramePath, globals: { readonly [name: string]: TypedValue }): void {
    for (const [name, value] of Object.entries(globals)) {
      const { node, global } = splitGlobal(name)
      this.#open(node, frame).set(global, value)
    }
  }

  /** Publishes what went wrong under the names of all nodes of a failed sub flow. */
  publishError(subFlow: string, frame: FramePath, error: PypeError): void {
    for (const { id } of this.#nodesOf.get(subFlow) ?? []) {
      const values = this.#open(id.toLowerCase(), frame)
      values.set('error_code', { type: 'VARCHAR', text: error.code })
      values.set('error_message', { type: 'VARCHAR', text: error.message })
      values.set('error_node', { type: 'VARCHAR', text: error.node ?? null })
    }
  }

  /** Puts away what the sub flows of a loop left behind in a pass that has ended, and returns it. */
  endFrame(subFlows: Iterable<string>, pass: FramePath): FrameGlobals {
    const published: { [name: string]: TypedValue } = {}
    const ends: { [subFlow: string]: End } = {}
    const index = pass.at(-1) ?? 0
    for (const subFlow of subFlows) {
      const folded = this.#fold(subFlow, pass.slice(0, -1))
      const end = take(this.#ends, nameInFrame(subFlow, pass))
      if (end !== undefined) {
        ends[subFlow] = end
        keepLatest(folded.ends, subFlow, { index, value: end })
      }
      for (const { id } of this.#nodesOf.get(subFlow) ?? []) {
        const node = id.toLowerCase()
        const values = take(this.#values, nameInFrame(node, pass))
        if (values === undefined) continue
        keepLatest(folded.values, node, { index, value: values })
        for (const [name, value] of values) published[`${node}__${name}`] = value
      }
    }
    return { globals: published, ends }
  }

  /** Puts away what passes of a loop left behind that ended in an earlier process; `frame` is the one that the loop stands in. */
  restorePasses(frame: FramePath, { globals, ends }: RecordedGlobals): void {
    for (const [subFlow, latest] of ends) keepLatest(this.#fold(subFlow, frame).ends, subFlow, latest)
    for (const [node, { index, value }] of globals) {
      const subFlow = this.#nodes.get(node)?.sub_flow
      if (subFlow !== undefined) keepLatest(this.#fold(subFlow, frame).values, node, { index, value: new Map(Object.entries(value)) })
    }
  }

  /** Shows in the frame around a loop what its passes published, for each node that of the highest one. */
  closeLoop(subFlows: Iterable<string>, frame: FramePath): void {
    for (const subFlow of subFlows) {
      const folded = take(this.#folded, nameInFrame(subFlow, frame))
      if (folded === undefined) continue
      for (const [node, { value }] of folded.values) this.#values.set(nameInFrame(node, frame), value)
      for (const [name, { value }] of folded.ends) this.#ends.set(nameInFrame(name, frame), value)
    }
  }

  /** A global by `node__name` in this frame or those around it. */
  get(name: string, frame: FramePath): TypedValue | undefined {
    const { node, global } = splitGlobal(name)
    for (let depth = frame.length; depth >= 0; depth--) {
      const value = this.#values.get(nameInFrame(node, frame.slice(0, depth)))?.get(global)
      if (value !== undefined) return value
    }
    return undefined
  }

  /** All that is published outside of loops, by `node__name`; what failed sub flows left aside. */
  list(): { readonly [name: string]: TypedValue } {
    const listed: { [name: string]: TypedValue } = {}
    for (const [node, values] of this.#values) {
      const end = this.#ends.get(this.#nodes.get(node)?.sub_flow ?? '')
      if (node.includes('#') || end === 'failed') continue
      for (const [name, value] of values) if (!ERROR_GLOBAL.test(name)) listed[`${node}__${name}`] = value
    }
    return listed
  }

  /** A global as a template sees it from a frame: a node that did not run has absent globals; one that completed must have published it. */
  find(nodeId: string, name: string, frame: FramePath): Found {
    const value = this.get(`${nodeId}__${name}`, frame)
    if (value !== undefined) return { kind: 'typed', value }
    const node = this.#nodes.get(nodeId.toLowerCase())
    if (node === undefined) {
      throw new PypeError('TEMPLATE_VALUE', `There is no node "${nodeId}".`, { hint: suggestNode(nodeId, this.#nodes) })
    }
    const end = this.#endOf(node.sub_flow, frame)
    if (end === 'completed' && !ERROR_GLOBAL.test(name)) {
      const published = this.#publishedBy(node, frame)
      const all = published.length > 0 ? `it publishes ${published.join(', ')}` : 'look at what it puts out'
      const near = nearest(name, published)
      throw new PypeError('TEMPLATE_VALUE', `The node ${node.id} completed and published no global "${name}".`, {
        hint: near === undefined ? all : `did you mean "${near}"? ${all}`,
      })
    }
    return { kind: 'absent', why: end === undefined ? `the node ${node.id} has not run` : `the node ${node.id} ${STATES[end]}` }
  }

  /** The names that a node declares, and those that it made while it ran. */
  #publishedBy({ id, globals }: DagNode, frame: FramePath): string[] {
    const names = new Map(globals.map((name) => [name.toLowerCase(), name]))
    for (let depth = frame.length; depth >= 0; depth--) {
      const values = this.#values.get(nameInFrame(id.toLowerCase(), frame.slice(0, depth)))
      for (const name of values?.keys() ?? []) if (!names.has(name)) names.set(name, name)
    }
    return [...names.values()].filter((name) => name !== '*').sort()
  }

  #endOf(subFlow: string, frame: FramePath): End | undefined {
    for (let depth = frame.length; depth >= 0; depth--) {
      const end = this.#ends.get(nameInFrame(subFlow, frame.slice(0, depth)))
      if (end !== undefined) return end
    }
    return undefined
  }

  #open(node: string, frame: FramePath): Values {
    const key = nameInFrame(node, frame)
    const values = this.#values.get(key) ?? new Map()
    this.#values.set(key, values)
    return values
  }

  #fold(subFlow: string, frame: FramePath): Folded {
    const key = nameInFrame(subFlow, frame)
    const folded = this.#folded.get(key) ?? { values: new Map(), ends: new Map() }
    this.#folded.set(key, folded)
    return folded
  }
}

/** A node's id has no `__`, so the first one parts it from the name of the global. */
export function splitGlobal(name: string): { readonly node: string; readonly global: string } {
  const lower = name.toLowerCase()
  const at = lower.indexOf('__')
  return { node: lower.slice(0, at), global: lower.slice(at + 2) }
}

function take<K, V>(map: Map<K, V>, key: K): V | undefined {
  const value = map.get(key)
  map.delete(key)
  return value
}

function keepLatest<T>(map: Map<string, Latest<T>>, key: string, latest: Latest<T>): void {
  const known = map.get(key)
  if (known === undefined || known.index < latest.index) map.set(key, latest)
}

const STATES: { readonly [end in End]: string } = {
  completed: 'completed without it',
  failed: 'failed',
  skipped: 'was skipped',
  blocked: 'was blocked',
  cancelled: 'was cancelled',
}

function suggestNode(id: string, nodes: ReadonlyMap<string, DagNode>): string {
  return suggestNearest(
    id,
    [...nodes.values()].map((node) => node.id),
    'use the id of a node of the flow',
  )
}
