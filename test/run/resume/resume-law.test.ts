import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nameInFrame } from '../../../src/core/frame.js'
import type { JournalRecord } from '../../../src/run/checkpoint/journal/records.js'
import { RecordedRun } from '../../../src/run/resume/recorded-run.js'
import { driveWalk, type Walked } from '../scheduling/model/drive-walk.js'
import type { Job } from '../scheduling/model/flow-text.js'
import { buildDraw, drawFlows } from '../scheduling/model/random-flow.js'
import { type Script, writeScript } from '../scheduling/model/script.js'

const RUNS = Number(process.env['PYPE_PROPERTY_RUNS'] ?? 150)
/** Cuts that are tried of each walk. */
const CUTS = 12

const odds = fc.record({
  seed: fc.nat(),
  failing: fc.constantFrom(0, 10, 30),
  untrue: fc.constantFrom(0, 10, 30),
  broken: fc.constantFrom(0, 0, 10),
  maxItems: fc.integer({ min: 0, max: 3 }),
  maxTurns: fc.constant(0),
})

/** A record, and how many events came before it. */
interface Noted {
  readonly record: JournalRecord
  readonly at: number
}

interface Recording extends Walked {
  readonly noted: readonly Noted[]
}

async function record(job: Job, script: Script, recorded?: RecordedRun, threads = 4): Promise<Recording> {
  const options = recorded === undefined ? {} : { recorded }
  const events: string[] = []
  const noted: Noted[] = []
  const walked = await driveWalk(job, script, {
    threads,
    ...options,
    onEvent: (event) => events.push(event),
    onRecord: (one) => noted.push({ record: one, at: events.length }),
  })
  return { ...walked, noted }
}

/** What a run has recorded that was killed, maybe more than once, and each time after so many records. */
function replay({ dag, metadata }: Job, parts: readonly (readonly JournalRecord[])[]): RecordedRun {
  const recorded = new RecordedRun(dag, metadata, new Set())
  for (const records of parts) for (const one of records) recorded.fold(one)
  return recorded
}

/** How each sub flow ended, by its name in its frame, and each connection. */
function endsOf(events: readonly string[]): Map<string, string> {
  const ends = new Map<string, string>()
  for (const event of events) {
    const match = /^(\S+) (completed|failed|skipped|blocked|cancelled|taken|not taken|blocking)$/.exec(event)
    if (match?.[1] !== undefined && match[2] !== undefined) ends.set(match[1], match[2])
  }
  return ends
}

/** The sub flows that have completed and are not to run again, those that are to, and the connections whose lists are known. */
function keptBy(records: readonly JournalRecord[]): {
  readonly completed: Set<string>
  readonly provisional: Set<string>
  readonly decided: Set<string>
} {
  const provisional = new Set<string>()
  const completed = new Set<string>()
  const decided = new Set<string>()
  for (const one of records) {
    if (one.kind === 'completed') (one.provisional === true ? provisional : completed).add(nameInFrame(one.sub_flow, one.frame))
    if (one.kind === 'list') decided.add(nameInFrame(`${one.from}>${one.to}`, one.frame))
  }
  return { completed, provisional, decided }
}

/** The script of a world in which what a list or a condition was taken from has changed meanwhile. */
function forgetful(script: Script, job: Job, records: readonly JournalRecord[]): Script {
  const { completed, decided } = keptBy(records)
  const subFlowOf = new Map(job.dag.nodes.map((node) => [node.id, node.sub_flow]))
  const settled = new Set(
    records.flatMap((one) => {
      if (one.kind !== 'settled' || one.verdict === 'blocking') return []
      const giver = nameInFrame(subFlowOf.get(one.from) ?? '', one.frame)
      return completed.has(giver) ? [nameInFrame(`${one.from}>${one.to}`, one.frame)] : []
    }),
  )
  return {
    ...script,
    truth: (connection, frame) => {
      const name = nameInFrame(connection, frame)
      const truth = script.truth(connection, frame)
      if (!settled.has(name)) return truth
      return truth === 'true' ? 'false' : 'true'
    },
    items: (connection, frame) => {
      const items = script.items(connection, frame)
      return decided.has(nameInFrame(connection, frame)) && completedGiver(connection, frame) ? 3 - Number(items) : items
    },
  }
  function completedGiver(connection: string, frame: readonly number[]): boolean {
    return completed.has(nameInFrame(subFlowOf.get(connection.split('>')[0] ?? '') ?? '', frame))
  }
}

function startsOf(events: readonly string[]): readonly string[] {
  return events.filter((event) => event.endsWith(' started 1')).map((event) => event.slice(0, -' started 1'.length))
}

describe('a run that is killed after any record, and resumed', () => {
  it('ends like an undisturbed one, and runs nothing again that has completed, when nothing is parallel', async () => {
    await fc.assert(
      fc.asyncProperty(drawFlows({ parallel: false }), odds, fc.nat(), async (draw, drawn, start) => {
        const job = await buildDraw(draw)
        const script = writeScript(drawn)
        const whole = await record(job, script)
        const expected = endsOf(whole.events)
        for (let i = 0; i < Math.min(CUTS, whole.noted.length); i++) {
          const cut = ((start + i * 7919) % whole.noted.length) + 1
          const before = whole.noted.slice(0, cut).map((noted) => noted.record)
          const resumed = await record(job, forgetful(script, job, before), replay(job, [before]))
          const seen = [...whole.events.slice(0, whole.noted[cut - 1]?.at), ...resumed.events]
          expect(endsOf(seen), `cut after ${cut} of ${whole.noted.length}`).toEqual(expected)
          expect(resumed.result.ends, `cut after ${cut}`).toEqual(whole.result.ends)
          expect(resumed.faults).toEqual([])
          const { completed, provisional } = keptBy(before)
          const starts = startsOf(resumed.events)
          expect(starts.filter((name) => completed.has(name))).toEqual([])
          expect(starts).toEqual(expect.arrayContaining([...provisional]))
        }
      }),
      { numRuns: RUNS },
    )
  })

  it('does so too when it is killed a second time', async () => {
    await fc.assert(
      fc.asyncProperty(drawFlows({ parallel: false }), odds, fc.nat(), fc.nat(), async (draw, drawn, first, second) => {
        const job = await buildDraw(draw)
        const script = writeScript(drawn)
        const whole = await record(job, script)
        if (whole.noted.length === 0) return
        const cut = (first % whole.noted.length) + 1
        const before = whole.noted.slice(0, cut).map((noted) => noted.record)
        const again = await record(job, script, replay(job, [before]))
        const cutAgain = again.noted.length === 0 ? 0 : (second % again.noted.length) + 1
        const between = again.noted.slice(0, cutAgain).map((noted) => noted.record)
        const resumed = await record(job, forgetful(script, job, [...before, ...between]), replay(job, [before, between]))
        const seen = [
          ...whole.events.slice(0, whole.noted[cut - 1]?.at),
          ...again.events.slice(0, again.noted[cutAgain - 1]?.at ?? 0),
          ...resumed.events,
        ]
        expect(endsOf(seen)).toEqual(endsOf(whole.events))
        expect(resumed.result.ends).toEqual(whole.result.ends)
        expect(startsOf(resumed.events).filter((name) => keptBy([...before, ...between]).completed.has(name))).toEqual([])
      }),
      { numRuns: 2 * RUNS },
    )
  })

  it('runs nothing again that has completed when walks and frames are parallel', async () => {
    await fc.assert(
      fc.asyncProperty(drawFlows({ parallel: true }), odds, fc.nat(), async (draw, drawn, start) => {
        const job = await buildDraw(draw)
        const script = writeScript({ ...drawn, maxTurns: 3 })
        const whole = await record(job, script)
        if (whole.noted.length === 0) return
        const cut = (start % whole.noted.length) + 1
        const before = whole.noted.slice(0, cut).map((noted) => noted.record)
        const resumed = await record(job, forgetful(script, job, before), replay(job, [before]))
        expect(resumed.faults).toEqual([])
        expect(startsOf(resumed.events).filter((name) => keptBy(before).completed.has(name))).toEqual([])
        if (whole.result.failures.length > 0) return
        expect(resumed.result.ends).toEqual(whole.result.ends)
      }),
      { numRuns: RUNS },
    )
  })
})
