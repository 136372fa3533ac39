import { afterEach, expect, it } from 'vitest'
import { JobPlace } from './job-fixture.js'

let place: JobPlace | undefined
afterEach(() => place?.remove())

it('a start says so when the clock was set back behind an earlier run, and not when that one has just begun', async () => {
  place = new JobPlace()
  const job = await place.build(`modules:
  - { id: rows, name: inline_source, configs: { rows: [{ a: 1 }] } }
  - { id: out, name: csv_sink, configs: { output_path: out.csv } }
connections: { data: [rows.data - out.input], control: [] }`)
  const warnings: string[] = []
  const runAt = (time: string) =>
    place?.run(job, {
      now: () => new Date(time),
      listeners: [{ name: 'test', hear: (event) => event.type === 'log' && event.level === 'warn' && warnings.push(event.message) }],
    })
  const first = await runAt('2026-01-31T06:00:00Z')
  await runAt('2026-01-31T05:59:59Z')
  expect(warnings).toEqual([])
  await runAt('2026-01-31T05:00:00Z')
  expect(warnings).toEqual([expect.stringContaining(`by it, the run ${first?.run} begins in the future`)])
})
