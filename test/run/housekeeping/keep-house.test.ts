import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { tryFolderLock } from '../../../src/engine/duckdb/folder-lock.js'
import { backfill } from '../../../src/index.js'
import { JobPlace } from '../job/job-fixture.js'
import { RunPlace, SLOW_FLOW } from '../overlap/run-processes.js'

const DAY = 24 * 60 * 60 * 1000

/** A job that fails when the context says so, with rows that cross a boundary. */
async function createJob(settings: string) {
  const place = new JobPlace()
  onTestFinished(() => place.remove())
  const job = await place.build(`
settings: ${settings}
modules:
  - { id: rows, name: inline_source, configs: { rows: [{ a: 1 }] } }
  - { id: end, name: shell, configs: { command: "{{context.command}}" } }
  - { id: out, name: csv_sink, configs: { output_path: "out.csv" } }
connections: { data: ["rows.data - out.input"], control: ["rows (1|) end", "rows (2|) out"] }
`)
  let time = Date.parse('2026-01-01T00:00:00Z')
  return {
    place,
    job,
    runs: path.join(job, 'runs'),
    later: (milliseconds: number) => {
      time += milliseconds
    },
    run: async (command: 'true' | 'false' = 'true') => {
      time += 1000
      return (await place.run(job, { set: { command }, now: () => new Date(time) })).run
    },
    backfill: () => backfill(job, { cwd: place.root, env: {}, set: { command: 'true' }, from: '2026-01-01', to: '2026-01-03' }),
  }
}

function listRuns(folder: string): string[] {
  return readdirSync(folder).filter((name) => existsSync(path.join(folder, name, 'journal.log')))
}

it('a start removes the folders of the oldest runs, and no others', async () => {
  const { run, runs } = await createJob('{ keep_runs: 2 }')
  const ids = [await run(), await run(), await run()]
  expect(listRuns(runs)).toEqual(ids)
  const newest = await run()
  expect(listRuns(runs)).toEqual([ids[1], ids[2], newest])
  expect(readdirSync(runs).filter((name) => name.includes(ids[0] ?? ''))).toEqual([])
})

it('the last runs that have not completed keep their rows for a week, older ones only their journal, log and summary', async () => {
  const { run, runs, later } = await createJob('{ keep_resumable: 2, keep_runs: 3 }')
  const rowsOf = (ids: readonly string[]) => ids.map((id) => existsSync(path.join(runs, id, 'artifacts/rows.data.parquet')))
  const failed = [await run('false'), await run('false'), await run('false')]
  expect(rowsOf(failed)).toEqual([true, true, true])
  await run()
  expect(rowsOf(failed)).toEqual([false, true, true])
  expect(readdirSync(path.join(runs, failed[0] ?? '')).sort()).toEqual(['journal.log', 'log.jsonl', 'summary.json'])
  await run()
  await run()
  await run()
  // They are beyond the last three, and stay all the same as long as they can be resumed.
  expect(listRuns(runs).slice(0, 2)).toEqual(failed.slice(1))
  later(7 * DAY)
  await run()
  expect(listRuns(runs)).toHaveLength(4)
  expect(rowsOf(failed)).toEqual([false, false, false])
})

it('in a folder with the runs of several jobs each start looks at those of its own', async () => {
  const { run, runs, place } = await createJob('{ keep_runs: 1, keep_resumable: 0 }')
  const other = await place.build(
    'modules: [{ id: a, name: fail, configs: { message: no } }]\nconnections: { data: [], control: [] }',
    'other',
  )
  const others = [await place.run(other, { runs }), await place.run(other, { runs })].map((summary) => summary.run)
  const [first, second, third] = [await run(), await run(), await run()]
  expect(listRuns(runs)).not.toContain(first)
  expect(listRuns(runs).sort()).toEqual([...others, second, third].sort())
})

it('a run whose folder is locked, for it is being resumed, is not touched', async () => {
  const { run, runs } = await createJob('{ keep_runs: 1, keep_resumable: 0 }')
  const held = await run('false')
  const lock = await tryFolderLock(path.join(runs, held))
  onTestFinished(() => lock?.release())
  const other = await run('false')
  const ids = [await run(), await run()]
  expect(existsSync(path.join(runs, held, 'artifacts/rows.data.parquet'))).toBe(true)
  expect(listRuns(runs)).toEqual([held, ...ids])
  expect(existsSync(path.join(runs, other))).toBe(false)
})

it('a removal that was interrupted is brought to its end by the next start', async () => {
  const { run, runs } = await createJob('{}')
  mkdirSync(path.join(runs, '.removed.20260101T000000000-abcdef/artifacts'), { recursive: true })
  writeFileSync(path.join(runs, '.removed.20260101T000000000-abcdef/artifacts/a.parquet'), '')
  await run()
  expect(readdirSync(runs).filter((name) => name.startsWith('.removed'))).toEqual([])
})

it('the folder of a start that ended before its journal began goes a day later', async () => {
  const { run, runs, later } = await createJob('{}')
  const begun = path.join(runs, '20251231T000000000-abcdef')
  mkdirSync(path.join(begun, 'artifacts'), { recursive: true })
  utimesSync(begun, new Date('2026-01-01T00:00:00Z'), new Date('2026-01-01T00:00:00Z'))
  await run()
  expect(existsSync(begun)).toBe(true)
  later(DAY)
  await run()
  expect(existsSync(begun)).toBe(false)
})

it('of the runs of one date that have added rows and not completed the last one stays, until one completes', async () => {
  const place = new JobPlace()
  onTestFinished(() => place.remove())
  const job = await place.build(`
settings: { keep_runs: 1, keep_resumable: 0 }
modules:
  - { id: rows, name: inline_source, configs: { rows: [{ a: 1 }] } }
  - { id: out, name: csv_sink, configs: { output_path: out.csv, mode: append } }
  - { id: end, name: shell, configs: { command: "test -f {{run.date}}" } }
connections: { data: ["rows.data - out.input"], control: ["rows (1|) end"] }
`)
  const run = async (date: string) => (await place.run(job, { date })).run
  const first = await run('2026-01-01')
  const second = await run('2026-01-01')
  const others = [await run('2026-01-02'), await run('2026-01-03')]
  const last = await run('2026-01-04')
  expect(listRuns(path.join(job, 'runs'))).toEqual([second, ...others, last])
  expect(first).not.toBe(second)
  place.write('2026-01-01', '')
  await run('2026-01-01')
  const next = [await run('2026-01-05'), await run('2026-01-06')]
  expect(listRuns(path.join(job, 'runs'))).toEqual([...others, last, ...next])
})

it('a link in the place of a run that leads nowhere keeps nothing else from going', async () => {
  const { run, runs, place, job } = await createJob('{ keep_runs: 1 }')
  const first = await run()
  symlinkSync('/nowhere/at/all', path.join(runs, '20251231T000000000-abcdef'))
  await run()
  const last = await place.run(job, { set: { command: 'true' } })
  expect(JSON.stringify(place.log(last))).not.toContain('cannot be removed')
  expect(existsSync(path.join(runs, first))).toBe(false)
})

it('rows of a run that was killed right behind its end go with the next start, unless they were to be kept', async () => {
  const { run, runs, place, job } = await createJob('{}')
  const done = await run()
  mkdirSync(path.join(runs, done, 'artifacts'))
  mkdirSync(path.join(runs, done, 'spill'))
  const { run: keeping } = await place.run(job, { set: { command: 'true' }, keep: true })
  await run()
  expect(readdirSync(path.join(runs, done)).sort()).toEqual(['journal.log', 'log.jsonl', 'summary.json'])
  expect(readdirSync(path.join(runs, keeping, 'artifacts'))).toEqual(['rows.data.parquet'])
})

it('so does what it has spilled elsewhere, also with the folder of the run', async () => {
  const { run, runs, place } = await createJob('{ spill_dir: spilled, keep_runs: 1 }')
  const first = await run()
  expect(place.list('spilled')).toEqual([])
  place.write('spilled/of-others', '')
  for (const isKept of [true, false]) {
    place.write(`spilled/${first}/x.parquet`, '')
    await run()
    expect(place.list('spilled')).toEqual(['of-others'])
    expect(listRuns(runs).includes(first)).toBe(isKept)
  }
})

it('what a killed run has spilled, and parts of its artifacts, go with the next start', async () => {
  const place = new RunPlace()
  await place.build(`settings: { spill_dir: spilled }${SLOW_FLOW}`)
  const { id, child, ended } = await place.startEndless()
  child.kill('SIGKILL')
  await ended
  const left = [path.join(place.root, 'spilled', id), path.join(place.runs, id, 'artifacts/.a.data.parquet.partial')]
  writeFileSync(left[1] ?? '', 'PAR1')
  expect(left.map((file) => existsSync(file))).toEqual([true, true])
  expect((await place.start(['--set', 'many=1']).ended).code).toBe(0)
  expect(left.map((file) => existsSync(file))).toEqual([false, false])
})

it('a backfill skips the dates that have completed in runs that are removed', async () => {
  const { run, runs, backfill } = await createJob('{ keep_runs: 1 }')
  const first = await backfill()
  await run()
  await run()
  expect(listRuns(runs)).toHaveLength(2)
  const noted = readFileSync(path.join(runs, 'completed.jsonl'), 'utf8')
  expect(noted.trim().split('\n')).toHaveLength(3)
  // As a power cut may leave it.
  writeFileSync(path.join(runs, 'completed.jsonl'), `${noted}\n{"run":"2026`)
  const second = await backfill()
  expect(second.runs.map(({ status }) => status)).toEqual(['skipped', 'skipped', 'skipped'])
  expect(second.runs.map((each) => each.run)).toEqual(first.runs.map((each) => each.run))
})

it('a backfill knows what it has completed with a secret in its context', async () => {
  const place = new JobPlace()
  onTestFinished(() => place.remove())
  place.write('context/sample_default.json', JSON.stringify({ secrets: { provider: 'env' }, token: '{{secret.api#token}}' }))
  const job = await place.build(`
modules: [{ id: call, name: shell, configs: { command: "true", env: { TOKEN: "{{context.token}}" } } }]
connections: { data: [], control: [] }
`)
  const fill = () => backfill(job, { cwd: place.root, env: { SECRET_API_TOKEN: 'very-secret' }, from: '2026-01-01', to: '2026-01-01' })
  expect((await fill()).runs.map(({ status }) => status)).toEqual(['completed'])
  expect((await fill()).runs.map(({ status }) => status)).toEqual(['skipped'])
})
