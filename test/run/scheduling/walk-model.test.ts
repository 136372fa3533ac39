import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Arrow } from './flow-fixture.js'
import { type Scenario, walkSlowly } from './reference-model.js'
import { walkScenario } from './walk-fixture.js'

const TYPES = ['normal', 'normal', 'normal', 'error', 'done', 'start'] as const

/** Random flows without circles: connections lead from earlier to later sub flows. `distinct`: no two orders are equal at one node. */
function scenarios(options: {
  readonly distinct: boolean
  readonly start: boolean
  readonly strategies: readonly Scenario['strategy'][]
}): fc.Arbitrary<Scenario> {
  return fc.integer({ min: 1, max: 9 }).chain((size) => {
    const names = Array.from({ length: size }, (_, i) => `n${i}`)
    const pair = fc.record({
      a: fc.nat(size - 1),
      b: fc.nat(size - 1),
      order: fc.integer({ min: 1, max: options.distinct ? 1000 : 3 }),
      type: fc.constantFrom(...TYPES.filter((type) => options.start || type !== 'start')),
      condition: fc.constantFrom(undefined, undefined, undefined, 'true', 'false', 'null', 'error'),
      boundary: fc.boolean(),
    })
    return fc
      .record({ pairs: fc.array(pair, { maxLength: 20 }), failing: fc.subarray(names), strategy: fc.constantFrom(...options.strategies) })
      .map(({ pairs, failing, strategy }) => {
        const arrows = new Map<string, Arrow>()
        for (const { a, b, order, type, condition, boundary } of pairs) {
          const from = `n${Math.min(a, b)}`
          const to = `n${Math.max(a, b)}`
          const taken = options.distinct && [...arrows.values()].some((arrow) => arrow.from === from && arrow.order === order)
          if (a === b || arrows.has(`${from}>${to}`) || taken) continue
          arrows.set(`${from}>${to}`, {
            from,
            to,
            order,
            type,
            boundary: boundary && type !== 'error' && type !== 'done',
            ...(condition === undefined ? {} : { condition }),
          })
        }
        return { names, arrows: [...arrows.values()], failing: new Set(failing), strategy }
      })
  })
}

describe('the walk and the reference model', () => {
  it('agree on every event and its place in the order when nothing is parallel', async () => {
    await fc.assert(
      fc.asyncProperty(scenarios({ distinct: true, start: false, strategies: ['halt', 'continue'] }), async (scenario) => {
        const real = await walkScenario(scenario)
        expect(real.events).toEqual(walkSlowly(scenario).events)
      }),
      { numRuns: 2000 },
    )
  })

  it('agree on the end of every sub flow and every connection when walks run in parallel', async () => {
    await fc.assert(
      fc.asyncProperty(scenarios({ distinct: false, start: true, strategies: ['continue'] }), async (scenario) => {
        const real = await walkScenario(scenario)
        expect([...real.events].sort()).toEqual([...walkSlowly(scenario).events].sort())
      }),
      { numRuns: 2000 },
    )
  })
})
