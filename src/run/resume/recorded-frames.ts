import { type Dag, type ExecutionMetadata, nameConnection } from '../../core/dag.js'
import type { FramePath } from '../../core/frame.js'
import { findLoops, type LoopPlace } from '../scheduling/plan-walk.js'
import { RecordedFrame, type RecordedLoop } from './recorded-loop.js'

/** What does not count any more. */
export interface Voided {
  /** Sub flows. */
  readonly names: ReadonlySet<string>
  /** Whether the sub flow of a node is among them. */
  readonly isVoid: (node: string) => boolean
  /** As `from>to`. */
  readonly connections: readonly string[]
}

/** What is recorded of all frames that are not over, from the root frame down through the passes of loops. */
export class RecordedFrames {
  /** The loops around each sub flow, from the outside in. */
  readonly #loopsAround: ReadonlyMap<string, readonly LoopPlace[]>
  readonly #root = new RecordedFrame()

  constructor(dag: Dag, metadata: ExecutionMetadata) {
    const innermost = findLoops(dag, metadata)
    this.#loopsAround = new Map(Object.keys(metadata.sub_flows).map((name) => [name, listLoops(innermost.get(name))]))
  }

  /** The records of the frame that a sub flow is in, as far as there are any. */
  find(subFlow: string, frame: FramePath): RecordedFrame | undefined {
    return this.#walkTo(subFlow, frame, (loop, index) => loop.open.get(index))
  }

  /** The same, made where there are none yet. */
  make(subFlow: string, frame: FramePath): RecordedFrame | undefined {
    return this.#walkTo(subFlow, frame, (loop, index) => loop.frame(index))
  }

  /** The sub flows of which some frame has completed. */
  listCompleted(): ReadonlySet<string> {
    const names = new Set<string>()
    addCompleted(this.#root, names)
    return names
  }

  /** Takes out what does not count any more, in all frames. */
  void(voided: Voided): void {
    voidFrame(this.#root, voided)
  }

  #walkTo(
    subFlow: string,
    frame: FramePath,
    enter: (loop: RecordedLoop, index: number) => RecordedFrame | undefined,
  ): RecordedFrame | undefined {
    const loops = this.#loopsAround.get(subFlow)
    // The flow had other loops then.
    if (loops?.length !== frame.length) return undefined
    let place: RecordedFrame | undefined = this.#root
    for (const [depth, { connection }] of loops.entries()) {
      const loop: RecordedLoop | undefined = place.loops.get(nameConnection(connection))
      place = loop === undefined ? undefined : enter(loop, frame[depth] ?? 0)
      if (place === undefined) return undefined
    }
    return place
  }
}

function addCompleted(frame: RecordedFrame, names: Set<string>): void {
  for (const name of frame.completed.keys()) names.add(name)
  for (const loop of frame.loops.values()) {
    for (const [name, { value }] of loop.ends) if (value === 'completed') names.add(name)
    for (const pass of loop.open.values()) addCompleted(pass, names)
  }
}

function voidFrame(frame: RecordedFrame, voided: Voided): void {
  const leavesVoid = (key: string) => voided.isVoid(key.split('>', 1)[0] ?? '')
  for (const name of voided.names) frame.completed.delete(name)
  for (const key of frame.settled.keys()) if (leavesVoid(key)) frame.settled.delete(key)
  for (const key of voided.connections) frame.settled.delete(key)
  for (const node of frame.children.keys()) if (voided.isVoid(node)) frame.children.delete(node)
  for (const [key, loop] of frame.loops) {
    if (leavesVoid(key)) frame.loops.delete(key)
    else for (const pass of loop.open.values()) voidFrame(pass, voided)
  }
}

function listLoops(innermost: LoopPlace | undefined): readonly LoopPlace[] {
  const loops: LoopPlace[] = []
  for (let loop = innermost; loop !== undefined; loop = loop.outer) loops.unshift(loop)
  return loops
}
