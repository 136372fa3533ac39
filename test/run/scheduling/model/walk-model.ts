import { Frame, type Verdict } from './frame.js'
import { judge, judgeExit } from './judge.js'
import { Machine, type Strand, until } from './machine.js'
import type { Arrow, ModelFlow } from './model-flow.js'
import type { Script } from './script.js'

/*
 * The walk as the description of the language tells it, one sentence after the other. What runs beside something else is
 * a strand of its own; so the machine knows all that may happen next, whatever the timing of the real walk is.
 *
 * Events: `a started 1`, `a retried`, `a completed`, `a failed`, `a cancelled`, `a skipped`, `a blocked`,
 * `a>b taken`, `a>b not taken`, `a>b blocking`, `a>b opens`, `a>b#0 begins`, `a>b#0 is over`; inside of frames as in `a#2.0 started 1`.
 */

/** The walk of a flow in which things happen by a script. */
export interface ModelWalk {
  readonly machine: Machine
  /** Whether the run fails. */
  readonly hasFailed: () => boolean
}

/** Sets up the walk; the machine starts at the first root. */
export function modelWalk(flow: ModelFlow, script: Script): ModelWalk {
  const machine = new Machine()
  const { loops } = flow
  let hasFailed = false

  const isHalted = () => flow.halts && hasFailed
  const noteFailure = (frame: Frame) => {
    hasFailed = true
    frame.noteFailure()
  }

  function* walkRoots(): Strand {
    const root = new Frame([], undefined)
    for (const subFlow of flow.subFlows) if (flow.into(subFlow).length === 0) yield* startOrBlock(subFlow, root, false)
  }

  /** After a halt only what handles a failure starts; all else is blocked. */
  function* startOrBlock(subFlow: string, frame: Frame, handles: boolean): Strand {
    frame.arrived.add(subFlow)
    const name = frame.name(subFlow)
    const event = yield () => [isHalted() && !handles ? `${name} blocked` : `${name} started 1`]
    if (handles) frame.handlers.add(subFlow)
    if (event === `${name} blocked`) frame.ends.set(subFlow, 'blocked')
    else yield* runSubFlow(subFlow, frame, handles)
    yield* walkOn(subFlow, frame)
  }

  function* runSubFlow(subFlow: string, frame: Frame, handles: boolean): Strand {
    const name = frame.name(subFlow)
    const isCancelled = () => isHalted() && !handles
    for (let attempt = 1; ; attempt++) {
      const fails = script.failures(subFlow, frame.path) >= attempt
      const outcome = !fails ? 'completed' : attempt < flow.attempts ? 'retried' : 'failed'
      // What is committing, or has just failed when the cancel comes, ends as it ends.
      let event = yield () => [`${name} ${outcome}`, ...(isCancelled() ? [`${name} cancelled`] : [])]
      if (event === `${name} retried`) event = yield () => [isCancelled() ? `${name} cancelled` : `${name} started ${attempt + 1}`]
      if (event === `${name} started ${attempt + 1}`) continue
      if (event === `${name} failed`) noteFailure(frame)
      frame.ends.set(subFlow, event === `${name} cancelled` ? 'cancelled' : fails ? 'failed' : 'completed')
      return
    }
  }

  function* passBy(subFlow: string, frame: Frame, end: 'skipped' | 'blocked'): Strand {
    frame.arrived.add(subFlow)
    yield () => [`${frame.name(subFlow)} ${end}`]
    frame.ends.set(subFlow, end)
    yield* walkOn(subFlow, frame)
  }

  /** Connections of one node with one order are walked in parallel; otherwise one's whole subtree before the next. */
  function* walkOn(subFlow: string, frame: Frame): Strand {
    for (const group of flow.outOf(subFlow)) {
      const [first, ...others] = group
      if (first !== undefined && others.length === 0) yield* lookAt(first, frame)
      else {
        const walks = group.map((arrow) => machine.spawn(lookAt(arrow, frame)))
        yield* until(() => walks.every((hasEnded) => hasEnded()))
      }
    }
  }

  function* lookAt(arrow: Arrow, frame: Frame): Strand {
    const verdict = judge(arrow, frame, script)
    if (arrow.connection.type === 'iterate') yield* lookAtLoop(arrow, verdict, frame)
    else yield* settle(arrow, verdict, frame)
  }

  /** The list is stored whole before the first frame; nobody asks for one that halt keeps from being walked. */
  function* lookAtLoop(loop: Arrow, verdict: Verdict, frame: Frame): Strand {
    const opens = `${frame.name(loop.name)} opens`
    const event = verdict.how === 'taken' ? yield () => (isHalted() && !verdict.handles ? 'go on' : [opens]) : ''
    const items = event === opens ? script.items(loop.name, frame.path) : undefined
    const settled: Verdict = items === 'no list' ? { how: 'blocking', handles: false, broken: true } : verdict
    yield* note(loop, settled, frame)
    yield* walkLoop(loop, settled, frame, items === 'no list' ? undefined : items)
  }

  function* settle(arrow: Arrow, verdict: Verdict, frame: Frame, orAs = verdict): Strand {
    yield* note(arrow, verdict, frame, orAs)
    // What leaves the scope counts after the last frame; what is read in every frame of a loop does not start it.
    if (loops.depthOf(arrow.to) !== frame.path.length) return
    if (arrow.connection.type === 'start') frame.background.push(machine.spawn(arriveAt(arrow.to, frame)))
    else yield* arriveAt(arrow.to, frame)
  }

  function* note(arrow: Arrow, verdict: Verdict, frame: Frame, orAs = verdict): Strand {
    const event = yield () => [...new Set([verdict, orAs].map(({ how }) => `${frame.name(arrow.name)} ${how}`))]
    const settled = event === `${frame.name(arrow.name)} ${verdict.how}` ? verdict : orAs
    if (loops.depthOf(arrow.to) < frame.path.length) frame.exits.set(arrow, settled)
    else frame.verdicts.set(arrow, settled)
    if (settled.broken) noteFailure(frame)
  }

  /** A connection into the sub flow was settled. The walk that settles the last one goes on with it. */
  function* arriveAt(subFlow: string, frame: Frame): Strand {
    if (frame.arrived.has(subFlow)) return
    const into = flow.into(subFlow)
    const settled = into.flatMap((arrow) => frame.verdictOf(arrow) ?? [])
    const taken = settled.filter(({ how }) => how === 'taken')
    const handles = taken.some((verdict) => verdict.handles)
    const hasAllRows = into.every((arrow) => !arrow.connection.boundary || frame.verdictOf(arrow)?.how === 'taken')
    const isOpen = settled.length < into.length
    // A gate that halt keeps from starting may still be reached by what handles the failure.
    const mayStart = !isHalted() || handles || !isOpen
    if (flow.gates.has(subFlow) && taken.length > 0 && mayStart) yield* startOrBlock(subFlow, frame, handles)
    else if (isOpen) return
    else if (settled.some(({ how }) => how === 'blocking')) yield* passBy(subFlow, frame, 'blocked')
    else if (taken.length > 0 && hasAllRows) yield* startOrBlock(subFlow, frame, handles)
    else yield* passBy(subFlow, frame, 'skipped')
  }

  function* walkLoop(loop: Arrow, verdict: Verdict, frame: Frame, items: number | undefined): Strand {
    const count = items ?? 0
    const begun: Frame[] = []
    const newFrame = () => new Frame([...frame.path, begun.length], frame)
    // Asked when the connection is settled. A halt from elsewhere after that lets frames begin, in which all is blocked.
    const isKept = verdict.how === 'taken' && isHalted() && !verdict.handles
    const hasEnded = () => begun.length >= count || isKept || (flow.halts && begun.some(({ failed, over }) => failed && over))

    function* walkFrames(): Strand {
      for (;;) {
        const event = yield () => (hasEnded() ? 'go on' : [`${newFrame().name(loop.name)} begins`])
        if (event === '') return
        const inner = newFrame()
        begun.push(inner)
        yield* arriveAt(loop.to, inner)
        if (!inner.arrived.has(loop.to)) throw new RangeError(`${loop.name} begins before what its frames read is settled`)
        yield* until(() => inner.background.every((ended) => ended()))
        yield () => [`${inner.name(loop.name)} is over`]
        inner.over = true
      }
    }

    const walks = Array.from({ length: loop.connection.concurrency ?? 1 }, () => machine.spawn(walkFrames()))
    yield* until(() => walks.every((ended) => ended()))
    for (const exit of loops.exitsOf(loop)) {
      // An empty list has no first frame that halt could keep from beginning; when halt comes after it was made, both may be said.
      const whole = judgeExit(exit, verdict, isKept && items !== 0, begun)
      yield* settle(exit, whole, frame, judgeExit(exit, verdict, isKept, begun))
    }
  }

  machine.spawn(walkRoots())
  return { machine, hasFailed: () => hasFailed }
}
