import { existsSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { tryFolderLock } from '../../../src/engine/duckdb/folder-lock.js'
import { cleanRuns, type OldRuns, planCleaning } from '../../../src/run/housekeeping/clean-runs.js'
import { readCompleted } from '../../../src/run/housekeeping/completed-times.js'
import { usePastRuns } from '../../cli/past-runs/past-project.js'
import { runPype } from '../../cli/pype-project.js'

const place = usePastRuns()
const now = new Date()

function plan(old: Partial<OldRuns>, job = 'daily') {
  return planCleaning(place.runs, job, { resumable: false, now, ...old })
}

it('runs are old by number and by age; one that was killed stays until it is settled', async () => {
  const { completed, failed, killed } = place.ids
  const unsettled = { run: killed, reason: 'it was killed, and the next start of the job settles it first' }
  const all = await plan({ keep: 0 })
  expect(all.remove.map(({ run }) => run)).toEqual([failed, completed])
  expect(all.remove[0]).toMatchObject({ status: 'failed', bytes: expect.any(Number) })
  expect(all.stay).toEqual([unsettled])
  expect(await plan({ keep: 2 })).toMatchObject({ remove: [{ run: completed }], stay: [] })
  expect(await plan({ keep: 0, olderThan: 3_600_000 })).toEqual({ remove: [], stay: [] })
  expect(await plan({ olderThan: 3_600_000, now: new Date(now.getTime() + 7_200_000), resumable: true })).toMatchObject({
    remove: [{ run: failed }, { run: completed }],
    stay: [unsettled],
  })
  expect(await plan({ keep: 0 }, 'other')).toEqual({ remove: [], stay: [] })
})

it('a run that can be resumed goes only when it is asked for, and one that has added rows never', async () => {
  const job = await place.build(
    `modules:
  - { id: rows, name: inline_source, configs: { rows: [{ a: 1 }] } }
  - { id: added, name: csv_sink, configs: { output_path: added.csv, mode: "{{context.mode}}" } }
  - { id: breaks, name: fail, configs: { message: no } }
connections: { data: [rows.data - added.input], control: ["added (1|) breaks"] }`,
    'adds',
  )
  const runs = path.join(job, 'runs')
  const plain = await place.run(job, { set: ['mode=overwrite'], date: '2026-01-01' })
  const old = { keep: 0, resumable: false, now }
  expect(await planCleaning(runs, 'adds', old)).toEqual({
    remove: [],
    stay: [{ run: plain.run, reason: 'it can be resumed; --resumable removes it too' }],
  })
  expect(await planCleaning(runs, 'adds', { ...old, resumable: true })).toMatchObject({ remove: [{ run: plain.run }], stay: [] })
  const adding = await place.run(job, { set: ['mode=append'], date: '2026-01-02' })
  const { remove, stay } = await planCleaning(runs, 'adds', { ...old, resumable: true })
  expect(remove.map(({ run }) => run)).toEqual([plain.run])
  expect(stay).toEqual([{ run: adding.run, reason: expect.stringContaining('it has added rows and not completed') }])
})

it('a run that somebody resumes in the meantime stays; the date of a completed one stays known', async () => {
  const { completed, failed } = place.ids
  const planned = await plan({ keep: 0 })
  const lock = await tryFolderLock(path.join(place.runs, failed))
  const removed = await cleanRuns(place.runs, planned)
  await lock?.release()
  expect(removed.map(({ run }) => run)).toEqual([completed])
  expect([completed, failed].map((run) => existsSync(path.join(place.runs, run)))).toEqual([false, true])
  expect(readCompleted(place.runs)).toMatchObject([{ run: completed, date: '2026-01-01 00:00:00' }])
})

it('the command tells what would go, and needs --yes where nobody can be asked', async () => {
  const { failed, killed } = place.ids
  const dry = await runPype(['clean', 'daily', '--keep', '0', '--dry-run'], place.root, {})
  expect(dry.stdout).toMatch(
    new RegExp(`^daily\n  ${failed}  failed  .* KB\n  ${killed} stays: it was killed.*\n1 run would go, .*KB\\.\n$`),
  )
  expect(await runPype(['clean', 'daily', '--keep', '0'], place.root, {})).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('add --yes'),
  })
  expect(existsSync(path.join(place.runs, failed))).toBe(true)
  const done = await runPype(['clean', 'daily', '--keep', '0', '--yes', '--json'], place.root, {})
  expect(JSON.parse(done.stdout)).toMatchObject([{ job: 'daily', dry_run: false, removed: [{ run: failed }], kept: [{ run: killed }] }])
  expect(existsSync(path.join(place.runs, failed))).toBe(false)
  expect(await runPype(['clean', '--older-than', '3y'], place.root, {})).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--older-than 3y is no age'),
  })
})
