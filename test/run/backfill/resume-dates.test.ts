import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { type BackfillOptions, type BackfillSummary, backfill } from '../../../src/index.js'
import { flow, ResumePlace } from '../resume/resume-place.js'

/** Adds a row for its date, and then fails as long as there is no file with the name of the date. */
const APPENDS = flow(
  [
    '{ id: rows, name: inline_source, configs: { rows: [{ n: 1 }] } }',
    '{ id: day, name: sql_mod, configs: { sql: "SELECT {{run.date}} AS day, n FROM input" } }',
    '{ id: out, name: csv_sink, configs: { output_path: all.csv, mode: append } }',
    '{ id: wait, name: shell, configs: { command: "test -f {{run.date}}" } }',
  ],
  ['rows (1|) wait'],
  ['rows.data - day.input', 'day.output - out.input'],
)

async function createJob() {
  const place = new ResumePlace()
  const job = await place.build(APPENDS)
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

  it('has failed when a later run has committed, with the command that resumes it', async () => {
    const { place, fill } = await createJob()
    for (const day of ['2026-04-01', '2026-04-03']) place.write(day, '')
    const failed = await fill({ keepGoing: true })
    expect(statusesOf(failed)).toEqual(['completed', 'failed', 'completed'])
    place.write('2026-04-02', '')
    const refused = await fill()
    const run = failed.runs[1]?.run
    expect(refused).toMatchObject({ status: 'failed' })
    expect(refused.runs[1]).toMatchObject({
      status: 'failed',
      run,
      errors: [{ code: 'RESUME_REFUSED', hint: expect.stringContaining(`pype run sample --resume ${run} --force`) }],
    })
    expect(place.read('all.csv').match(/2026-04-02/g)).toHaveLength(1)
  })

  it('is another one with other values: it is run anew', async () => {
    const place = new ResumePlace()
    place.write('context/sample_default.json', '{ "file": "ready" }')
    const job = await place.build(APPENDS.replace('{{run.date}}" } }\n', '{{context.file}}" } }\n'))
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
