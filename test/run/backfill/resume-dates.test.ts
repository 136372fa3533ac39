import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { type BackfillOptions, type BackfillSummary, backfill } from '../../../src/index.js'
import { flow, ResumePlace } from '../resume/resume-place.js'

/** Adds a row for its date, and then fails as long as there is no file with the name of the date. */
const appends = (settings: { readonly [name: string]: unknown } = {}) =>
  flow(
    [
      '{ id: rows, name: inline_source, configs: { rows: [{ n: 1 }] } }',
      '{ id: day, name: sql_mod, configs: { sql: "SELECT {{run.date}} AS day, n FROM input" } }',
      '{ id: out, name: csv_sink, configs: { output_path: all.csv, mode: append } }',
      '{ id: wait, name: shell, configs: { command: "test -f {{run.date}}" } }',
    ],
    ['rows (1|) wait'],
    ['rows.data - day.input', 'day.output - out.input'],
    settings,
  )

async function createJob(settings = {}) {
  const place = new ResumePlace()
  const job = await place.build(appends(settings))
  const fill = (options: Partial<BackfillOptions> = {}): Promise<BackfillSummary> =>
    backfill(job, { cwd: place.root, env: {}, from: '2026-04-01', to: '2026-04-03', ...options })
  return { place, job, fill }
}

const statusesOf = ({ runs }: BackfillSummary): string[] => runs.map(({ status }) => status)

describe('a date whose run has put something in place and not completed', () => {
  it('is gone on with, also when it was killed: its rows are there once', async () => {
    const { place, job, fill } = await createJob()
    place.write('2026-04-01', '')
    const failed = await fill()
    expect(statusesOf(failed)).toEqual(['completed', 'failed', 'not_started'])
    const run = failed.runs[1]?.run ?? ''
    cutEnd(path.join(job, 'runs', run))
    for (const day of ['2026-04-02', '2026-04-03']) place.write(day, '')
    const second = await fill()
    expect(statusesOf(second)).toEqual(['skipped', 'completed', 'completed'])
    expect(second.runs[1]?.run).toBe(run)
    expect(place.read('all.csv')).toBe('day,n\n2026-04-01,1\n2026-04-02,1\n2026-04-03,1\n')
  })

  it('is gone on with also when later dates have committed since: each date is a run of its own', async () => {
    const { place, fill } = await createJob()
    const failed = await fill({ keepGoing: true })
    expect(statusesOf(failed)).toEqual(['failed', 'failed', 'failed'])
    for (const day of ['2026-04-01', '2026-04-02', '2026-04-03']) place.write(day, '')
    const second = await fill({ keepGoing: true })
    expect(statusesOf(second)).toEqual(['completed', 'completed', 'completed'])
    expect(second.runs.map(({ run }) => run)).toEqual(failed.runs.map(({ run }) => run))
    expect(place.read('all.csv')).toBe('day,n\n2026-04-01,1\n2026-04-02,1\n2026-04-03,1\n')
  })

  it('has failed when a later run of the same date has committed, with the commands that go on all the same', async () => {
    const { place, job, fill } = await createJob()
    place.write('jobs/sample/context/sample_default.json', '{ "x": 0 }')
    const failed = await fill({ to: '2026-04-01' })
    // Of another purpose: a value that the flow does not use.
    await place.run(job, { date: '2026-04-01', set: ['x=1'] })
    place.write('2026-04-01', '')
    const refused = await fill({ to: '2026-04-01' })
    const run = failed.runs[0]?.run
    expect(refused.runs).toMatchObject([{ status: 'failed', run, errors: [{ code: 'RESUME_REFUSED' }] }])
    const hint = refused.runs[0]?.errors[0]?.hint
    expect(hint).toContain(`pype run sample --resume ${run} --force`)
    expect(hint).toContain("pype run sample --date '2026-04-01 00:00:00'")
    expect(hint).not.toContain('leave --resume away')
  })

  it('is not forgotten, however many runs come after it', async () => {
    const { place, job, fill } = await createJob({ keep_runs: 1, keep_resumable: 0 })
    const failed = await fill({ keepGoing: true })
    await place.run(job, { date: '2026-05-01' })
    await place.run(job, { date: '2026-05-02' })
    for (const day of ['2026-04-01', '2026-04-02', '2026-04-03']) place.write(day, '')
    const second = await fill()
    expect(second.runs.map(({ status, run }) => [status, run])).toEqual(failed.runs.map(({ run }) => ['completed', run]))
    expect(place.read('all.csv').match(/2026-04/g)).toHaveLength(3)
    // What has completed may go.
    await place.run(job, { date: '2026-05-03' })
    const runs = readdirSync(path.join(job, 'runs'))
    expect(failed.runs.filter(({ run }) => runs.includes(run ?? ''))).toEqual([])
  })

  it('is another one with other values: it is run anew', async () => {
    const place = new ResumePlace()
    place.write('context/sample_default.json', '{ "file": "ready" }')
    const job = await place.build(appends().replace('{{run.date}}" } }\n', '{{context.file}}" } }\n'))
    const day = { cwd: place.root, env: {}, from: '2026-04-01', to: '2026-04-01' }
    const failed = await backfill(job, day)
    place.write('other', '')
    const other = await backfill(job, { ...day, set: { file: 'other' } })
    expect(other.status).toBe('completed')
    expect(other.runs[0]?.run).not.toBe(failed.runs[0]?.run)
  })
})

/** As if the process had been killed right before the last record. */
function cutEnd(folder: string): void {
  const journal = path.join(folder, 'journal.log')
  const lines = readFileSync(journal, 'utf8').trimEnd().split('\n')
  writeFileSync(journal, `${lines.slice(0, -1).join('\n')}\n`)
}
