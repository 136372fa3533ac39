import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { type BackfillSummary, backfill } from '../../../src/index.js'
import { readSummary } from '../../cli/pype-project.js'
import { ENDLESS, RunPlace, SLOW_FLOW } from '../overlap/run-processes.js'

/** Writes a file for each date; fails for the date that is set as `bad`. */
const DATED_FLOW = `
modules:
  - { id: rows, name: inline_source, configs: { rows: [{ a: 1 }, { a: 2 }] } }
  - id: day
    name: sql_mod
    configs: { sql: "SELECT CASE WHEN {{run.date}}::VARCHAR = {{context.bad}} THEN error('no data') ELSE {{run.time}} END AS at, a FROM input" }
  - { id: out, name: csv_sink, configs: { output_path: "out/{{run.time}}.csv" } }
connections: { data: ["rows.data - day.input", "day.output - out.input"], control: [] }
`
const NONE_BAD = ['--set', 'bad=none']
const FIVE_DAYS = ['--from', '2026-01-01', '--to', '2026-01-05']

async function createJob(flow = DATED_FLOW, settings = '{}'): Promise<RunPlace> {
  const place = new RunPlace()
  await place.build(`settings: ${settings}${flow}`)
  return place
}

const statusesOf = ({ runs }: BackfillSummary): string[] => runs.map(({ status }) => status)
const runsOf = ({ runs }: BackfillSummary): (string | null)[] => runs.map(({ run }) => run)

describe('a backfill', () => {
  it('runs the job once for each date, in order, and shows what came of each', async () => {
    const place = await createJob()
    const { code, stdout, stderr } = await place.start([...NONE_BAD, ...FIVE_DAYS]).ended
    expect(code, stderr).toBe(0)
    expect(readdirSync(path.join(place.root, 'out'))).toHaveLength(5)
    expect(place.read('out/2026-01-03 00:00:00.csv')).toBe('at,a\n2026-01-03 00:00:00,1\n2026-01-03 00:00:00,2\n')
    const ids = place.runIds()
    expect(stdout.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/^date +status +run +seconds +rows$/),
      ...ids.map((id, i) => expect.stringMatching(new RegExp(`^2026-01-0${i + 1}  completed  ${id} +\\d+\\.\\d\\d +2$`))),
      expect.stringMatching(/^sample completed: 5 completed in /),
    ])
    expect(stderr).toMatch(/^2026-01-02 completed in \d+\.\d\d s, 2 rows \(.*\), 2 of 5$/m)
  })

  it('skips dates that have completed with the same context, unless all are wanted again', async () => {
    const place = await createJob()
    const run = (...args: readonly string[]) => place.json<BackfillSummary>(['--from', '2026-01-01', ...args])
    const first = await run('--to', '2026-01-02', ...NONE_BAD)
    const more = await run('--to', '2026-01-03', ...NONE_BAD)
    expect(more).toMatchObject({ code: 0, summary: { status: 'completed' } })
    expect(statusesOf(more.summary)).toEqual(['skipped', 'skipped', 'completed'])
    expect(runsOf(more.summary).slice(0, 2)).toEqual(runsOf(first.summary))
    const other = await run('--to', '2026-01-02', '--set', 'bad=other')
    expect(statusesOf(other.summary)).toEqual(['completed', 'completed'])
    const again = await run('--to', '2026-01-02', '--again', ...NONE_BAD)
    expect(statusesOf(again.summary)).toEqual(['completed', 'completed'])
  })

  it('reads the first and the last record of a journal only, and counts what `--date` has completed', async () => {
    const place = await createJob()
    await place.start([...NONE_BAD, '--date', '2026-01-02 00:00:00.000']).ended
    const [id = ''] = place.runIds()
    const journal = path.join(place.runs, id, 'journal.log')
    const lines = readFileSync(journal, 'utf8').split('\n')
    writeFileSync(journal, lines.map((line, i) => (i > 0 && i < lines.length - 2 ? '#'.repeat(line.length) : line)).join('\n'))
    const { summary } = await place.json<BackfillSummary>([...NONE_BAD, '--from', '2026-01-01', '--to', '2026-01-02'])
    expect(statusesOf(summary)).toEqual(['completed', 'skipped'])
  })

  it('stops at a failed date, and runs that one and the rest the next time', async () => {
    const place = await createJob()
    const failed = await place.json<BackfillSummary>(['--set', 'bad=2026-01-03', ...FIVE_DAYS])
    expect(failed).toMatchObject({ code: 1, summary: { status: 'failed' } })
    expect(statusesOf(failed.summary)).toEqual(['completed', 'completed', 'failed', 'not_started', 'not_started'])
    expect(failed.summary.runs[2]?.errors).toMatchObject([{ code: 'SQL_FAILED', message: expect.stringContaining('no data') }])
    const { code, summary } = await place.json<BackfillSummary>([
      '--set',
      'bad=2026-01-03',
      ...FIVE_DAYS,
      '--keep-going',
      '--parallel',
      '2',
    ])
    expect(code).toBe(1)
    expect(statusesOf(summary)).toEqual(['skipped', 'skipped', 'failed', 'completed', 'completed'])
  })

  it('on Ctrl-C cancels what is running, starts no more, and ends with 130', async () => {
    const place = await createJob(SLOW_FLOW)
    const started = place.start(['--set', ENDLESS, ...FIVE_DAYS, '--parallel', '2', '--json', '--log-level', 'debug'])
    await started.says(/subflow.started[\s\S]*subflow.started/)
    expect((await place.start(['--set', 'many=1']).ended).code).toBe(3)
    started.child.kill('SIGINT')
    const { code, stdout } = await started.ended
    expect(code).toBe(130)
    const summary: BackfillSummary = readSummary(stdout)
    expect(summary.status).toBe('cancelled')
    expect(statusesOf(summary)).toEqual(['cancelled', 'cancelled', 'not_started', 'not_started', 'not_started'])
    expect(readdirSync(place.root).filter((name) => name.startsWith('.'))).toEqual([])
  })

  it('that is killed can be started again at once, and runs what had not completed', async () => {
    const place = await createJob(SLOW_FLOW)
    const days = ['--from', '2026-01-01', '--to', '2026-01-02']
    const killed = place.start(['--set', ENDLESS, ...days, '--log-level', 'debug'])
    await killed.says(/subflow.started/)
    killed.child.kill('SIGKILL')
    await killed.ended
    const { code, summary } = await place.json<BackfillSummary>(['--set', 'many=1', ...days])
    expect(code).toBe(0)
    expect(statusesOf(summary)).toEqual(['completed', 'completed'])
    expect(place.runIds().map((run) => place.endOf(run))).toEqual(['superseded', 'completed', 'completed'])
  })

  it('shares memory and CPUs out among runs that go on at once', async () => {
    const place = new RunPlace()
    const job = await place.build(`
settings: { memory_limit: 1024MiB, time_zone: Europe/Berlin }
modules:
  - { id: rows, name: inline_source, configs: { rows: [{ a: 1 }] } }
  - { id: ask, name: sql_mod, configs: { sql: "SELECT current_setting('memory_limit') AS memory, {{run.time}} AS at FROM input" } }
  - { id: out, name: csv_sink, configs: { output_path: "{{run.time}}.csv" } }
connections: { data: ["rows.data - ask.input", "ask.output - out.input"], control: [] }
`)
    const told: string[] = []
    const heard: string[] = []
    const summary = await backfill(job, {
      cwd: place.root,
      env: {},
      from: '2026-03-29',
      to: '2026-03-29 04:00',
      every: 'hour',
      parallel: 2,
      listeners: [{ name: 'test', hear: ({ type }) => heard.push(type), close: () => heard.push('closed') }],
      onRun: ({ date }, ended, total) => told.push(`${date.slice(11, 13)} ${ended}/${total}`),
    })
    // The clocks leave out the hour from two to three.
    expect(summary.runs.map(({ date, status, rows }) => `${date.slice(11)} ${status} ${rows}`)).toEqual(
      ['00', '01', '03', '04'].map((hour) => `${hour}:00:00 completed 1`),
    )
    expect(heard.filter((type) => ['run.completed', 'closed'].includes(type))).toEqual([...Array(4).fill('run.completed'), 'closed'])
    expect(told.map((text) => text.slice(3))).toEqual(['1/4', '2/4', '3/4', '4/4'])
    expect(place.read('2026-03-29 03:00:00.csv')).toBe('memory,at\n512.0 MiB,2026-03-29 03:00:00\n')
  })
})

describe('options that make no sense', () => {
  it.each([
    [['--from', '2026-01-02', '--to', '2026-01-01'], '--from 2026-01-02 is after --to 2026-01-01'],
    [['--from', '1900-01-01', '--to', '2026-01-01', '--every', 'hour'], 'more than 100,000 runs'],
    [['--every', 'day'], '--every needs --from'],
    [['--from', '2026-01-01'], '--from needs --to'],
    [['--date', '2026-01-01', ...FIVE_DAYS], '--date is for one run'],
    [[...FIVE_DAYS, '--every', 'dya'], '--every dya is not known'],
    [[...FIVE_DAYS, '--parallel', 'two'], '--parallel two is not'],
    [[...FIVE_DAYS, '--parallel', '16'], 'parallel 16 is not a whole number from 1 to 15'],
  ])('%j: a usage error, and nothing runs', async (args, message) => {
    const place = await createJob()
    const { code, stdout, stderr } = await place.start([...NONE_BAD, ...args]).ended
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(/^error USAGE {2}[^\n]+\n {2}hint: [^\n]+\n$/)
    expect(stderr).toContain(message)
    expect(place.runIds()).toEqual([])
  })
})
