import fc from 'fast-check'
import { expect, it } from 'vitest'
import { buildDraw, drawFlows } from './model/random-flow.js'
import { readModelFlow } from './model/model-flow.js'
import { findLoops } from './model/loops.js'
import { modelWalk } from './model/walk-model.js'
import { predict } from './model/machine.js'
import { writeScript } from './model/script.js'
it('x', async () => {
  let valid=0, all=0, scopes=0, members=0, exits=0, nested=0, ev=0, frames=0, maxEv=0
  const t=Date.now()
  await fc.assert(fc.asyncProperty(drawFlows({parallel:false}), fc.nat(), async (draw, seed) => {
    all++
    const job = await buildDraw(draw)
    if (!job) return
    valid++
    const flow = readModelFlow(job.dag, job.metadata)
    const loops = findLoops(flow)
    const mine = [...loops.scopes].map(([arrow, scope]) => ({ connection: {from: arrow.connection.from, to: arrow.connection.to}, sub_flows: flow.subFlows.filter((s)=>scope.has(s)) }))
    expect(mine).toEqual(job.metadata.scopes)
    expect(flow.subFlows).toEqual(Object.keys(job.metadata.sub_flows))
    scopes+=mine.length; for (const [a,s] of loops.scopes) { members+=s.size; exits+=loops.exitsOf(a).length; if (loops.depthOf(a.to)>1) nested++ }
    const events = predict(modelWalk(flow, writeScript({seed, failing: 15, untrue: 20, broken: 5, maxItems: 3, maxTurns: 2})).machine)
    ev+=events.length; maxEv=Math.max(maxEv, events.length); frames+=events.filter(e=>e.endsWith('begins')).length
  }), {numRuns: 2000})
  console.log({valid, all, scopes, members, exits, nested, ev, maxEv, frames, ms: Date.now()-t})
})
