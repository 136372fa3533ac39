import { PypeError } from '../../../src/core/errors.js'
import type { RunEvent } from '../../../src/core/events.js'
import { NOTHING_RECORDED } from '../../../src/run/scheduling/recorded.js'
import { walk } from '../../../src/run/scheduling/walk.js'
import type { WalkDeps, WalkResult } from '../../../src/run/scheduling/walk-deps.js'
import { type Arrow, makeFlow } from './flow-fixture.js'

/** A flow, the sub flows that fail, and the strategy. The condition of a connection is the text of its outcome. */
export interface Scenario {
  readonly names: readonly string[]
  readonly arrows: readonly Arrow[]
  readonly failing: ReadonlySet<string>
  readonly strategy: 'halt' | 'continue'
}

/** Walks a scenario with the real scheduler and writes its events as texts. */
export async function walkScenario(
  scenario: Scenario,
  deps: Partial<WalkDeps> = {},
): Promise<{ events: string[]; ends: Map<string, string>; result: WalkResult; raw: RunEvent[] }> {
  const { dag, metadata } = makeFlow(scenario.names, scenario.arrows, { fail_strategy: scenario.strategy })
  const events: string[] = []
  const raw: RunEvent[] = []
  const ends = new Map<string, string>()
  const result = await walk(dag, metadata, {
    runSubFlow: async (name) => {
      events.push(`${name} runs`)
      await Promise.resolve()
      if (scenario.failing.has(name)) throw new PypeError('MODULE_FAILED', `${name} fails`, { node: name })
    },
    evaluate: async ({ connection }) => {
      if (connection.condition === 'error') throw new PypeError('SQL_INVALID', 'no such column')
      return connection.condition === 'null' ? null : connection.condition === 'true'
    },
    loops: { open: async () => 0, beginFrame: async () => {}, endFrame: () => {}, close: async () => {} },
    recorded: NOTHING_RECORDED,
    onRecorded: () => {},
    onSettled: () => {},
    onEnd: (name, _, end) => {
      ends.set(name, end)
    },
    emit: (event) => {
      raw.push(event)
      const text = describe(event)
      if (text !== undefined) events.push(text)
    },
    threads: 4,
    signal: new AbortController().signal,
    ...deps,
  })
  return { events, ends, result, raw }
}

function describe(event: RunEvent): string | undefined {
  if (event.type === 'valve.taken') return `${event.from}>${event.to} taken`
  if (event.type === 'valve.closed') return `${event.from}>${event.to} ${event.blocking ? 'blocking' : 'not taken'}`
  if (event.type.startsWith('subflow.') && 'subFlow' in event) return `${event.subFlow} ${event.type.slice('subflow.'.length)}`
  return undefined
}
