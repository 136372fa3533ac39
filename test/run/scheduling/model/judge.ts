import type { Frame, Verdict } from './frame.js'
import type { Arrow } from './model-flow.js'
import type { Script } from './script.js'

/** Whether a connection catches what failed, so that its being left out stops nothing. */
export function catches({ connection }: Arrow): boolean {
  return connection.type === 'error' || connection.type === 'done'
}

/** What a connection comes to in the frame in which the sub flow that it leaves has ended. */
export function judge(arrow: Arrow, frame: Frame, script: Script): Verdict {
  const { type, condition } = arrow.connection
  const end = frame.ends.get(arrow.from)
  const isWanted = type === 'error' ? end === 'failed' : end === 'completed' || (type === 'done' && end === 'failed')
  if (!isWanted) {
    const isLost = end === 'failed' || end === 'blocked' || end === 'cancelled'
    return closed(!catches(arrow) && isLost ? 'blocking' : 'not taken')
  }
  const truth = condition === null ? 'true' : script.truth(arrow.name, frame.path)
  if (truth === 'error') return { how: 'blocking', handles: false, broken: true }
  // NULL counts as false.
  if (truth !== 'true') return closed('not taken')
  return { how: 'taken', handles: (catches(arrow) && end === 'failed') || frame.handlers.has(arrow.from), broken: false }
}

/** What a connection out of a loop comes to after the last frame. `kept`: halt let no frame begin. */
export function judgeExit(exit: Arrow, loop: Verdict, kept: boolean, frames: readonly Frame[]): Verdict {
  const verdicts = frames.flatMap((frame) => frame.exits.get(exit) ?? [])
  const taken = verdicts.filter(({ how }) => how === 'taken')
  if (taken.length > 0) return { how: 'taken', handles: taken.some(({ handles }) => handles), broken: false }
  if (frames.length > 0) return closed(verdicts.some(({ how }) => how === 'blocking') ? 'blocking' : 'not taken')
  return closed(!catches(exit) && (loop.how === 'blocking' || kept) ? 'blocking' : 'not taken')
}

function closed(how: 'not taken' | 'blocking'): Verdict {
  return { how, handles: false, broken: false }
}
