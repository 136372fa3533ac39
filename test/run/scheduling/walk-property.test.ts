import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { driveWalk } from './model/drive-walk.js'
import { findLoops } from './model/loops.js'
import { findFault, predict } from './model/machine.js'
import { type ModelFlow, readModelFlow } from './model/model-flow.js'
import { buildDraw, drawFlows } from './model/random-flow.js'
import { type Odds, type Script, writeScript } from './model/script.js'
import { modelWalk } from './model/walk-model.js'

const RUNS = Number(process.env['PYPE_PROPERTY_RUNS'] ?? 1000)

function drawOdds(maxTurns: number): fc.Arbitrary<Odds> {
  const percent = fc.constantFrom(0, 0, 10, 30)
  return fc.record({
    seed: fc.nat(),
    failing: percent,
    untrue: percent,
    broken: fc.constantFrom(0, 0, 10),
    maxItems: fc.integer({ min: 0, max: 3 }),
    maxTurns: fc.nat(maxTurns),
  })
}

describe('the walk and its slow model', () => {
  it('agree on every event and its place when nothing is parallel', async () => {
    await fc.assert(
      fc.asyncProperty(drawFlows({ parallel: false }), drawOdds(1), async (draw, odds) => {
        const job = await buildDraw(draw)
        if (job === undefined) return
        const script = writeScript(odds)
        const flow = readModelFlow(job.dag, job.metadata)
        const model = modelWalk(flow, script)
        const expected = predict(model.machine)
        const { events, result, faults } = await driveWalk(job, script, 4)
        expect(events).toEqual(expected)
        expect(faults).toEqual([])
        expect(result.failures.length > 0).toBe(model.hasFailed())
      }),
      { numRuns: RUNS },
    )
  })

  it('agree on what may happen when walks and frames are parallel', async () => {
    await fc.assert(
      fc.asyncProperty(drawFlows({ parallel: true }), drawOdds(5), fc.integer({ min: 1, max: 4 }), async (draw, odds, threads) => {
        const job = await buildDraw(draw)
        if (job === undefined) return
        const flow = readModelFlow(job.dag, job.metadata)
        const script = sparingExits(flow, writeScript(odds))
        const model = modelWalk(flow, script)
        const { events, result, faults } = await driveWalk(job, script, threads)
        expect(findFault(model.machine, events)).toBeUndefined()
        expect(faults).toEqual([])
        expect(result.failures.length > 0).toBe(model.hasFailed())
      }),
      { numRuns: RUNS },
    )
  })
})

/** The moment at which a condition of an exit fails is no event; with other walks beside it the model cannot know it. */
function sparingExits(flow: ModelFlow, script: Script): Script {
  const { depthOf } = findLoops(flow)
  const exits = new Set(flow.arrows.filter(({ from, to }) => depthOf(to) < depthOf(from)).map(({ name }) => name))
  return {
    ...script,
    truth: (connection, frame) => {
      const truth = script.truth(connection, frame)
      return truth === 'error' && exits.has(connection) ? 'false' : truth
    },
  }
}
