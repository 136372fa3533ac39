import type { Arrow } from './flow-fixture.js'

/** A flow, what each sub flow and each condition comes to, and the strategy. */
export interface Scenario {
  readonly names: readonly string[]
  readonly arrows: readonly Arrow[]
  readonly failing: ReadonlySet<string>
  readonly strategy: 'halt' | 'continue'
}

/**
 * The walk as the description of the language tells it, one sentence after the other, with recursion and without any
 * parallelism: connections of one order are taken one after the other. A condition is the text of its outcome.
 */
export function walkSlowly({ names, arrows, failing, strategy }: Scenario): {
  readonly events: string[]
  readonly ends: Map<string, string>
} {
  const events: string[] = []
  const ends = new Map<string, string>()
  const verdicts = new Map<Arrow, 'taken' | 'not taken' | 'blocking'>()
  const behindFailure = new Set<string>()
  let halted = false
  const into = (name: string) => arrows.filter((arrow) => arrow.to === name)
  const outOf = (name: string) => arrows.filter((arrow) => arrow.from === name).sort((a, b) => a.order - b.order)

  const noteFailure = () => {
    if (strategy === 'halt') halted = true
  }

  const judge = (arrow: Arrow): 'taken' | 'not taken' | 'blocking' => {
    const end = ends.get(arrow.from)
    const type = arrow.type ?? 'normal'
    const catches = type === 'error' || type === 'done'
    const mayBeTaken = type === 'error' ? end === 'failed' : type === 'done' ? end === 'completed' || end === 'failed' : end === 'completed'
    if (!mayBeTaken) return !catches && (end === 'failed' || end === 'blocked' || end === 'cancelled') ? 'blocking' : 'not taken'
    if (arrow.condition === 'error') {
      noteFailure()
      return 'blocking'
    }
    return arrow.condition === undefined || arrow.condition === 'true' ? 'taken' : 'not taken'
  }

  const leave = (name: string) => {
    for (const arrow of outOf(name)) {
      const verdict = judge(arrow)
      verdicts.set(arrow, verdict)
      events.push(`${arrow.from}>${arrow.to} ${verdict}`)
      const all = into(arrow.to)
      if (all.every((one) => verdicts.has(one))) arrive(arrow.to, all)
    }
  }

  const arrive = (name: string, all: readonly Arrow[]) => {
    const taken = all.filter((arrow) => verdicts.get(arrow) === 'taken')
    const blocking = all.some((arrow) => verdicts.get(arrow) === 'blocking')
    const rowsThere = all.every((arrow) => !arrow.boundary || verdicts.get(arrow) === 'taken')
    const handles = taken.some(
      (arrow) => behindFailure.has(arrow.from) || (ends.get(arrow.from) === 'failed' && (arrow.type === 'error' || arrow.type === 'done')),
    )
    if (taken.length > 0 && !blocking && rowsThere) {
      if (handles) behindFailure.add(name)
      if (halted && !handles) finish(name, 'blocked')
      else start(name)
    } else finish(name, blocking ? 'blocked' : 'skipped')
  }

  const start = (name: string) => {
    events.push(`${name} runs`)
    if (failing.has(name)) noteFailure()
    finish(name, failing.has(name) ? 'failed' : 'completed')
  }

  const finish = (name: string, end: string) => {
    ends.set(name, end)
    events.push(`${name} ${end}`)
    leave(name)
  }

  for (const name of names) {
    if (into(name).length > 0) continue
    if (halted) finish(name, 'blocked')
    else start(name)
  }
  return { events, ends }
}
