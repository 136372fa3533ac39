import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { driveWalk } from './model/drive-walk.js'
import { findFault, predict } from './model/machine.js'
import { readModelFlow } from './model/model-flow.js'
import { buildDraw, drawFlows } from './model/random-flow.js'
import { type Odds, writeScript } from './model/script.js'
import { modelWalk } from './model/walk-model.js'

/** Flows for each property; each is walked with up to four scripts. */
const RUNS = Number(process.env['PYPE_PROPERTY_RUNS'] ?? 400)

function drawOdds(maxTurns: number): fc.Arbitrary<readonly Odds[]> {
  const odds = fc.record({
    seed: fc.nat(),
    failing: fc.constantFrom(0, 10, 30),
    untrue: fc.constantFrom(0, 10, 30),
    broken: fc.constantFrom(0, 0, 10),
    maxItems: fc.integer({ min: 0, max: 3 }),
    maxTurns: fc.nat(maxTurns),
  })
  return fc.array(odds, { minLength: 1, maxLength: 4 })
}

describe('the walk and its slow model', () => {
  it('agree on the scopes of loops and on the gates', async () => {
    await fc.assert(
      fc.asyncProperty(drawFlows({ parallel: false }), async (draw) => {
        const { dag, metadata } = await buildDraw(draw)
        const { loops, subFlows, gates } = readModelFlow(dag, metadata)
        const scopes = [...loops.scopes].map(
          ([
            {
              connection: { from, to },
            },
            scope,
          ]) => ({
            connection: { from, to },
            sub_flows: subFlows.filter((name) => scope.has(name)),
          }),
        )
        expect(scopes).toEqual(metadata.scopes)
        expect([...gates].sort()).toEqual([...metadata.gates].sort())
      }),
      { numRuns: RUNS },
    )
  })

  it('agree on every event and its place when nothing is parallel', async () => {
    await fc.assert(
      fc.asyncProperty(drawFlows({ parallel: false }), drawOdds(1), async (draw, scripts) => {
        const job = await buildDraw(draw)
        const flow = readModelFlow(job.dag, job.metadata)
        for (const script of scripts.map(writeScript)) {
          const model = modelWalk(flow, script)
          const expected = predict(model.machine)
          const { events, result, faults } = await driveWalk(job, script, { threads: 4 })
          expect(events).toEqual(expected)
          expect(faults).toEqual([])
          expect(result.failures.length > 0).toBe(model.hasFailed())
        }
      }),
      { numRuns: RUNS },
    )
  })

  it('agree up to a cancel, after which what runs ends and nothing starts', async () => {
    await fc.assert(
      fc.asyncProperty(drawFlows({ parallel: true }), drawOdds(5), fc.integer({ min: 1, max: 30 }), async (draw, scripts, cancelAfter) => {
        const job = await buildDraw(draw)
        const flow = readModelFlow(job.dag, job.metadata)
        for (const script of scripts.map(writeScript)) {
          const { events, faults, cancelledAt } = await driveWalk(job, script, { threads: 4, cancelAfter })
          const { machine } = modelWalk(flow, script)
          expect(findFault(machine, events.slice(0, cancelledAt), cancelledAt !== undefined)).toBeUndefined()
          expect(events.slice(cancelledAt ?? events.length).filter((event) => /started|begins|retried/.test(event))).toEqual([])
          expect(listUnended(events)).toEqual([])
          expect(faults).toEqual([])
        }
      }),
      { numRuns: RUNS },
    )
  })

  it('agree on what may happen when walks and frames are parallel', async () => {
    await fc.assert(
      fc.asyncProperty(drawFlows({ parallel: true }), drawOdds(5), fc.integer({ min: 1, max: 4 }), async (draw, scripts, threads) => {
        const job = await buildDraw(draw)
        const flow = readModelFlow(job.dag, job.metadata)
        for (const script of scripts.map(writeScript)) {
          const model = modelWalk(flow, script)
          const { events, result, faults } = await driveWalk(job, script, { threads })
          expect(findFault(model.machine, events)).toBeUndefined()
          expect(faults).toEqual([])
          expect(result.failures.length > 0).toBe(model.hasFailed())
        }
      }),
      { numRuns: RUNS },
    )
  })
})

function listUnended(events: readonly string[]): readonly string[] {
  const started = events.filter((event) => event.endsWith(' started 1')).map((event) => event.slice(0, -' started 1'.length))
  return started.filter((name) => !['completed', 'failed', 'cancelled'].some((end) => events.includes(`${name} ${end}`)))
}
