import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { JobPlace } from '../../run/job/job-fixture.js'

const FLOW = `
settings: { fail_strategy: continue }
modules:
  - { id: orders, name: inline_source, configs: { rows: [{ a: 1, b: x }, { a: 2, b: y }] } }
  - { id: kept, name: csv_sink, configs: { output_path: kept.csv } }
  - { id: list, name: inline_source, configs: { rows: [{ n: 1 }, { n: 2 }, { n: 3 }] } }
  - { id: each, name: log, configs: { message: "pass {{iter.item.n}}" } }
  - { id: check, name: shell, configs: { command: "echo checks; test {{context.good}} = yes" } }
  - { id: never, name: log, configs: { message: never } }
  - { id: after, name: log, configs: { message: after } }
connections:
  data: [orders.data - kept.input]
  control:
    - "kept (1|) list"
    - "list (1|iterate) each"
    - "kept (2|{{kept__row_count}} > 10) never"
    - "kept (3|) check"
    - "check (1|) after"
`

/** The runs of a job, each an id. */
export interface PastRuns {
  readonly completed: string
  /** On Jan 2, of a flow whose sink got another column; gone on with, and failed again. */
  readonly failed: string
  /** On Jan 3, in the middle of it. */
  readonly killed: string
}

/** A folder with a job `daily` that has runs which ended in several ways, for all tests of a file. */
export function usePastRuns(): JobPlace & { readonly ids: PastRuns; readonly runs: string } {
  const place = Object.assign(new JobPlace(), { ids: { completed: '', failed: '', killed: '' }, runs: '' })
  beforeAll(async () => {
    const job = await place.build(FLOW, 'daily')
    place.runs = path.join(job, 'runs')
    const log = { level: 'debug', destinations: ['file'] } as const
    const completed = await place.run(job, { set: ['good=yes'], date: '2026-01-01', log })
    await place.build(FLOW.replace('b: x }', 'b: x, c: 1 }').replace('b: y }', 'b: y, c: 2 }'), 'daily')
    const failed = await place.run(job, { set: ['good=no'], date: '2026-01-02', log })
    await place.run(job, { resume: { run: failed.run } })
    const killed = await place.run(job, { set: ['good=yes'], date: '2026-01-03', log })
    cutOff(killed.folder)
    place.ids = { completed: completed.run, failed: failed.run, killed: killed.run }
  })
  afterAll(() => place.remove())
  return place
}

/** What a process leaves that is killed before `check` has ended: no end, no summary, and half a line in the log. */
function cutOff(folder: string): void {
  const journal = path.join(folder, 'journal.log')
  const lines = readFileSync(journal, 'utf8').split('\n')
  const check = lines.findIndex((line) => / (intent|completed) \{"sub_flow":"check"/.test(line))
  writeFileSync(journal, `${lines.slice(0, check).join('\n')}\n`)
  rmSync(path.join(folder, 'summary.json'))
  const log = path.join(folder, 'log.jsonl')
  writeFileSync(log, readFileSync(log, 'utf8').slice(0, -40))
}
