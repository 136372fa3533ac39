import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { PypeError } from '../../../src/core/errors.js'
import { RecordedRun } from '../../../src/run/resume/recorded-run.js'
import { ruleOf } from '../../../src/run/resume/rule.js'
import { type Arrow, makeFlow } from './flow-fixture.js'
import { type Scenario, walkScenario } from './walk-fixture.js'

function scenario(text: string, more: Partial<Scenario> = {}): Scenario {
  const arrows: Arrow[] = text
    .split(',')
    .map((one) => /^\s*(\w+) \((\d+)\|(\w*)\) (\w+)\s*$/.exec(one))
    .flatMap((match) => {
      const [, from, order, type, to] = match ?? []
      if (from === undefined || to === undefined) return []
      return [
        {
          from,
          to,
          order: Number(order),
          ...(type === 'error' || type === 'done' || type === 'start'
            ? { type }
            : type === '' || type === undefined
              ? {}
              : { condition: type }),
        },
      ]
    })
  const names = [...new Set(arrows.flatMap(({ from, to }) => [from, to]))]
  return { names, arrows, failing: new Set(), strategy: 'halt', ...more }
}

/** Resolves when a sub flow is aborted, with the reason as error. */
function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
}

describe('the order of the walk', () => {
  it('walks the whole subtree of a connection before it looks at the next one', async () => {
    const { events } = await walkScenario(scenario('a (2|) c, a (1|) b, b (1|) d'))
    expect(events.filter((event) => event.endsWith('runs'))).toEqual(['a runs', 'b runs', 'd runs', 'c runs'])
  })

  it('runs a join once, after its last connection is settled', async () => {
    const { events, ends } = await walkScenario(scenario('a (1|true) b, a (2|false) c, b (1|) d, c (1|) d'))
    expect(events.filter((event) => event === 'd runs')).toHaveLength(1)
    expect(Object.fromEntries(ends)).toEqual({ a: 'completed', b: 'completed', c: 'skipped', d: 'completed' })
    expect(events.indexOf('c>d not taken')).toBeLessThan(events.indexOf('d runs'))
  })

  it('walks connections of one node with one order in parallel', async () => {
    let running = 0
    let most = 0
    await walkScenario(scenario('a (1|) b, a (1|) c, a (1|) d, a (2|) e'), {
      runSubFlow: async (name) => {
        most = Math.max(most, ++running)
        if (name === 'e') expect(running).toBe(1)
        await delay(5)
        running--
      },
    })
    expect(most).toBe(3)
  })

  it('never runs more sub flows at once than there are threads', async () => {
    const arrows = Array.from({ length: 50 }, (_, i) => ({ from: 'a', to: `b${i}`, order: 1 }))
    let running = 0
    let most = 0
    await walkScenario(
      { names: ['a', ...arrows.map(({ to }) => to)], arrows, failing: new Set(), strategy: 'halt' },
      {
        threads: 3,
        runSubFlow: async () => {
          most = Math.max(most, ++running)
          await delay(1)
          running--
        },
      },
    )
    expect(most).toBe(3)
  })

  it('goes on at once behind a start connection and ends only when the background has', async () => {
    const order: string[] = []
    let release = () => {}
    const gate = new Promise<void>((resolve) => {
      release = resolve
    })
    const { ends } = await walkScenario(scenario('a (1|start) slow, a (2|) b, slow (1|) after'), {
      runSubFlow: async (name) => {
        if (name === 'slow') await gate
        if (name === 'b') release()
        order.push(name)
      },
    })
    expect(order).toEqual(['a', 'b', 'slow', 'after'])
    expect(ends.get('after')).toBe('completed')
  })
})

describe('failures', () => {
  it('halt cancels what runs in parallel, and lets only what handles the failure start', async () => {
    const { ends, result } = await walkScenario(
      scenario('a (1|) bad, a (1|) long, bad (1|error) repair, repair (1|) after, bad (2|) needs, a (2|) later'),
      {
        runSubFlow: async (name, _, signal) => {
          if (name === 'bad') throw new PypeError('MODULE_FAILED', 'broken', { node: 'bad' })
          if (name === 'long') await untilAborted(signal)
        },
      },
    )
    expect(Object.fromEntries(ends)).toEqual({
      a: 'completed',
      bad: 'failed',
      long: 'cancelled',
      repair: 'completed',
      after: 'completed',
      needs: 'blocked',
      later: 'blocked',
    })
    expect(result.failures.map(({ message }) => message)).toEqual(['broken'])
  })

  it('continue walks the other branches and blocks only what needed the failed part', async () => {
    const { ends } = await walkScenario(
      scenario('a (1|) bad, bad (1|) needs, bad (2|done) clean, a (2|) other', { failing: new Set(['bad']), strategy: 'continue' }),
    )
    expect(Object.fromEntries(ends)).toEqual({ a: 'completed', bad: 'failed', needs: 'blocked', clean: 'completed', other: 'completed' })
  })

  it('a condition that cannot be evaluated fails the run and blocks its target, not the sub flow it leaves', async () => {
    const { ends, result, raw } = await walkScenario(scenario('a (1|error_) b'), {
      evaluate: async () => {
        throw new PypeError('SQL_INVALID', 'no such column')
      },
    })
    expect(Object.fromEntries(ends)).toEqual({ a: 'completed', b: 'blocked' })
    expect(result.failures[0]?.code).toBe('SQL_INVALID')
    expect(raw.find((event) => event.type === 'valve.closed')).toMatchObject({ blocking: true, error: { code: 'SQL_INVALID' } })
  })
})

describe('a cancel', () => {
  it('ends what runs and starts nothing new', async () => {
    const controller = new AbortController()
    const { ends, events } = await walkScenario(scenario('a (1|) b, b (1|) c, a (1|) d'), {
      signal: controller.signal,
      runSubFlow: async (name, _, signal) => {
        if (name === 'a') return
        if (name === 'd') controller.abort(new PypeError('CANCELLED', 'stop'))
        else await untilAborted(signal)
        if (name === 'd') throw new PypeError('CANCELLED', 'stop')
      },
    })
    expect(Object.fromEntries(ends)).toEqual({ a: 'completed', b: 'cancelled', d: 'cancelled' })
    expect(events).not.toContain('c runs')
  })

  it('counts a sub flow that was committing as completed', async () => {
    const controller = new AbortController()
    const { ends } = await walkScenario(scenario('a (1|) b'), { signal: controller.signal, runSubFlow: async () => controller.abort() })
    expect(Object.fromEntries(ends)).toEqual({ a: 'completed' })
  })
})

describe('a replayed run', () => {
  const frame: number[] = []

  it('runs no recorded sub flow and evaluates no recorded condition again', async () => {
    const decided = scenario('a (1|true) b, a (2|true) c, c (1|) d')
    const { dag, metadata } = makeFlow(decided.names, decided.arrows)
    const recorded = new RecordedRun(dag, metadata, new Set())
    recorded.fold({ kind: 'completed', sub_flow: 'a', frame, globals: {}, boundaries: [], nodes: [] })
    for (const [index, verdict] of (['not taken', 'taken'] as const).entries()) {
      const connection = dag.control[index]
      if (connection === undefined) throw new Error('there are three connections')
      recorded.fold({ kind: 'settled', from: connection.from, to: connection.to, frame, verdict, rule: ruleOf(connection) })
    }
    const { events, ends } = await walkScenario(decided, {
      recorded,
      evaluate: async () => {
        throw new Error('evaluated again')
      },
    })
    expect(events.filter((event) => event.endsWith('runs'))).toEqual(['c runs', 'd runs'])
    expect(ends.get('b')).toBe('skipped')
  })

  it('tells of each new decision before it acts on it', async () => {
    const log: string[] = []
    await walkScenario(scenario('a (1|) b'), {
      onSettled: ({ connection }, _, verdict) => log.push(`${connection.to} ${verdict}`),
      runSubFlow: async (name) => {
        log.push(name)
      },
    })
    expect(log).toEqual(['a', 'b taken', 'b'])
  })

  it('gives the run up when a decision cannot be recorded', async () => {
    const walking = walkScenario(scenario('a (1|) b'), {
      onSettled: () => {
        throw new PypeError('DISK_FULL', 'no space')
      },
    })
    await expect(walking).rejects.toMatchObject({ code: 'DISK_FULL' })
  })
})

describe('size', () => {
  it('a chain of 100,000 hears in its middle that the run is cancelled', async () => {
    const names = Array.from({ length: 100_001 }, (_, i) => `n${i}`)
    const arrows = Array.from({ length: 100_000 }, (_, i) => ({ from: `n${i}`, to: `n${i + 1}`, order: 1 }))
    const controller = new AbortController()
    let isTimed = false
    const { result } = await walkScenario(
      { names, arrows, failing: new Set(), strategy: 'halt' },
      {
        signal: controller.signal,
        // Only an event loop that gets its turn hears it, like a signal.
        runSubFlow: async () => {
          if (!isTimed) setTimeout(() => controller.abort(new PypeError('CANCELLED', 'enough')), 1)
          isTimed = true
        },
      },
    )
    expect(result.ends.completed).toBeLessThan(100_000)
  })

  it.each([
    ['a chain of 100,000', (i: number) => ({ from: `n${i}`, to: `n${i + 1}`, order: 1 }), 100_000],
    ['a parallel fan-out of 10,000', (i: number) => ({ from: 'n0', to: `n${i + 1}`, order: 1 }), 10_000],
    ['an ordered fan-out of 10,000', (i: number) => ({ from: 'n0', to: `n${i + 1}`, order: i + 1 }), 10_000],
  ])('%s is walked whole', async (_, arrowAt, size) => {
    const names = Array.from({ length: size + 1 }, (__, i) => `n${i}`)
    const big: Scenario = { names, arrows: Array.from({ length: size }, (__, i) => arrowAt(i)), failing: new Set(), strategy: 'halt' }
    const { result } = await walkScenario(big, { runSubFlow: async () => {} })
    expect(result.ends.completed).toBe(size + 1)
  })

  it('a tree of 100,000 parallel forks is blocked whole when its head fails', async () => {
    const names = Array.from({ length: 100_001 }, (_, i) => `n${i}`)
    const arrows = Array.from({ length: 100_000 }, (_, i) => ({ from: `n${Math.floor(i / 2)}`, to: `n${i + 1}`, order: 1 }))
    const { result } = await walkScenario({ names, arrows, failing: new Set(['n0']), strategy: 'continue' })
    expect(result.ends).toMatchObject({ failed: 1, blocked: 100_000 })
  })
})
