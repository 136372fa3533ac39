import type { EventError, NodeTotal, RunEvent, RunningStatement } from '../../core/events.js'
import { formatFrame, nameInFrame } from '../../core/frame.js'
import type { ProgressStatus } from '../../core/run-progress.js'

/** What has been heard of a sub flow, in all its frames. */
export interface SubFlowView {
  /** When each frame that is running began, in milliseconds, by the frame as it is written. */
  readonly running: Map<string, number>
  readonly ends: Map<ProgressStatus, number>
  /** Of the frames that have ended. */
  seconds: number
  /** The last one. */
  error: EventError | undefined
}

/** What has been heard of a loop, in all frames around it. */
export interface LoopView {
  items: number
  ended: number
  failed: number
  running: number
}

/** A run as its events tell it. Of frames there are counts only, but of those that are running. */
export class RunView {
  readonly #now: () => number
  readonly begun: number
  readonly subFlows = new Map<string, SubFlowView>()
  /** By node. */
  readonly nodes = new Map<string, NodeTotal>()
  /** Nodes that are running, in any frame. */
  readonly runningNodes = new Map<string, number>()
  /** By `from>to` of the iterate connection. */
  readonly loops = new Map<string, LoopView>()
  statements: readonly RunningStatement[] = []
  spilled = 0
  memory = 0

  /** `now`: milliseconds of a clock that only goes on. */
  constructor(now: () => number) {
    this.#now = now
    this.begun = now()
  }

  hear(event: RunEvent): void {
    switch (event.type) {
      case 'subflow.started':
        this.#subFlow(event.subFlow).running.set(formatFrame(event.frame), this.#now())
        return
      case 'subflow.completed':
        this.#end(event, 'completed', event.seconds)
        return
      case 'subflow.failed':
        this.#end(event, 'failed', event.seconds)
        this.#subFlow(event.subFlow).error = event.error
        return
      case 'subflow.skipped':
      case 'subflow.blocked':
      case 'subflow.cancelled':
        this.#end(event, event.type.slice('subflow.'.length) as 'skipped' | 'blocked' | 'cancelled', 0)
        return
      case 'node.started':
        this.runningNodes.set(event.node, (this.runningNodes.get(event.node) ?? 0) + 1)
        return
      case 'node.completed':
        this.#add({ ...event, runs: 1 })
        return
      case 'node.recorded':
        this.#add(event)
        return
      case 'loop.started':
        this.#openLoop(event)
        return
      case 'frame.started':
        this.#loop(event).running++
        return
      case 'frame.ended':
        this.#endPass(event)
        return
      case 'run.progress':
        this.statements = event.statements
        this.spilled = event.spilled
        this.memory = event.memory
    }
  }

  statusOf(subFlow: string): ProgressStatus {
    const view = this.subFlows.get(subFlow)
    if (view === undefined) return 'not begun'
    if (view.running.size > 0) return 'running'
    return (['failed', 'cancelled', 'blocked', 'completed', 'skipped'] as const).find((end) => view.ends.has(end)) ?? 'not begun'
  }

  /** Seconds since a sub flow began that is running, of its longest frame; else those of its frames together. */
  secondsOf(subFlow: string): number | undefined {
    const view = this.subFlows.get(subFlow)
    if (view === undefined) return undefined
    if (view.running.size > 0) return (this.#now() - Math.min(...view.running.values())) / 1000
    return view.seconds
  }

  get seconds(): number {
    return (this.#now() - this.begun) / 1000
  }

  #end({ subFlow, frame }: { readonly subFlow: string; readonly frame: readonly number[] }, end: ProgressStatus, seconds: number): void {
    const view = this.#subFlow(subFlow)
    view.running.delete(formatFrame(frame))
    view.ends.set(end, (view.ends.get(end) ?? 0) + 1)
    view.seconds += seconds
    this.statements = this.statements.filter((each) => nameInFrame(each.subFlow, each.frame) !== nameInFrame(subFlow, frame))
  }

  #add(added: NodeTotal): void {
    const before = this.nodes.get(added.node)
    this.nodes.set(added.node, {
      node: added.node,
      runs: (before?.runs ?? 0) + added.runs,
      rows: addKnown(before?.rows, added.rows),
      bytes: addKnown(before?.bytes, added.bytes),
      rejected: addKnown(before?.rejected, added.rejected),
      seconds: (before?.seconds ?? 0) + added.seconds,
    })
    this.runningNodes.set(added.node, Math.max(0, (this.runningNodes.get(added.node) ?? 0) - 1))
  }

  #openLoop(event: Extract<RunEvent, { type: 'loop.started' }>): void {
    const loop = this.#loop(event)
    // An inner loop is opened in each pass of the outer one.
    loop.items += event.items
    loop.ended += event.recorded
  }

  #endPass(event: Extract<RunEvent, { type: 'frame.ended' }>): void {
    const loop = this.#loop(event)
    loop.running--
    loop.ended++
    if (event.failed) loop.failed++
  }

  #subFlow(name: string): SubFlowView {
    const known = this.subFlows.get(name)
    if (known !== undefined) return known
    const view: SubFlowView = { running: new Map(), ends: new Map(), seconds: 0, error: undefined }
    this.subFlows.set(name, view)
    return view
  }

  #loop({ from, to }: { readonly from: string; readonly to: string }): LoopView {
    const key = `${from}>${to}`
    const known = this.loops.get(key)
    if (known !== undefined) return known
    const view: LoopView = { items: 0, ended: 0, failed: 0, running: 0 }
    this.loops.set(key, view)
    return view
  }
}

function addKnown(sum: number | null = null, added: number | null): number | null {
  return added === null ? sum : (sum ?? 0) + added
}
