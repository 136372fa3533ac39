import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { backfill } from '../../../src/index.js'
import { listHistory } from '../../../src/run/history/list-history.js'
import { appendThenWait, ResumePlace } from './resume-place.js'

const APPENDS = appendThenWait({ keep_runs: 1 })
const DATE = '2026-01-05'
const LATER_RUN = '20991231T000000000-abcdef'

/** A run that has added a row and failed behind it. */
async function fail() {
  const place = new ResumePlace()
  const job = await place.build(APPENDS)
  const { run, folder } = await place.run(job, { date: DATE })
  place.ready()
  return { place, job, run, folder, runs: path.dirname(folder), journal: path.join(folder, 'journal.log') }
}

/** Changes the byte of a journal that `at` finds in its first line. */
function flip(journal: string, at: (line: string) => number): void {
  const bytes = readFileSync(journal)
  const place = at(bytes.toString('latin1').split('\n', 1)[0] ?? '')
  bytes[place] = (bytes[place] ?? 0) ^ 1
  writeFileSync(journal, bytes)
}

/** Takes the run out of a journal, but for its end. */
function leaveEnd(journal: string): void {
  writeFileSync(journal, `${readFileSync(journal, 'utf8').trimEnd().split('\n').at(-1)}\n`)
}

describe.each<[string, (journal: string) => void]>([
  ['has a changed byte in its length', (journal) => flip(journal, () => 0)],
  ['has a changed byte in its checksum', (journal) => flip(journal, (line) => line.indexOf(' ') + 1)],
  ['has a changed byte in its body', (journal) => flip(journal, (line) => line.length >> 1)],
  ['has lost the end of its line', (journal) => flip(journal, (line) => line.length)],
  ['has no record', (journal) => writeFileSync(journal, '')],
  ['is cut in its first record', (journal) => writeFileSync(journal, readFileSync(journal).subarray(0, 50))],
  ['has its end only', leaveEnd],
])('a run that has added rows, and whose journal %s', (_, damage) => {
  it('is not begun anew, neither by a resume nor by a backfill, and is listed with the reason', async () => {
    const { place, job, run, runs, journal } = await fail()
    damage(journal)
    const broken = { code: 'JOURNAL_BROKEN', message: expect.stringContaining(journal) }
    for (const resume of ['auto', {}, { run }] as const) {
      await expect(place.run(job, { resume, ...(resume === 'auto' ? { date: DATE } : {}) })).rejects.toMatchObject(broken)
    }
    await expect(backfill(job, { cwd: place.root, env: {}, from: DATE, to: DATE })).rejects.toMatchObject(broken)
    expect(place.read('all.csv')).toBe('n\n1\n')
    expect(await listHistory(runs, 'sample', 5)).toMatchObject([{ run, why_not_resumable: expect.stringContaining(journal) }])
  })
})

it('a journal of another run is damage too', async () => {
  const { place, job, run, runs, journal } = await fail()
  const other = await place.build(APPENDS, 'other')
  const { folder } = await place.run(other)
  copyFileSync(path.join(folder, 'journal.log'), journal)
  for (const resume of ['auto', { run }] as const) {
    await expect(place.run(job, { resume })).rejects.toMatchObject({
      code: 'JOURNAL_BROKEN',
      message: expect.stringContaining('another run'),
    })
  }
  expect(await listHistory(runs, 'sample', 5)).toMatchObject([{ run, why_not_resumable: expect.stringContaining('another run') }])
})

it('a damaged journal stays, however many runs come after it', async () => {
  const { place, job, journal } = await fail()
  flip(journal, () => 0)
  for (let i = 0; i < 3; i++) await place.run(job)
  await expect(place.run(job, { resume: 'auto', date: DATE })).rejects.toMatchObject({ code: 'JOURNAL_BROKEN' })
})

it.each([
  ['empty', ''],
  ['cut off', '57 0badc0de run {"jou'],
  ['full of zeros', '\0'.repeat(500)],
])('a run that ended before its first record was whole is passed by: its journal is %s', async (_, text) => {
  const { place, job, run, runs } = await fail()
  const unbegun = path.join(runs, LATER_RUN)
  mkdirSync(unbegun)
  writeFileSync(path.join(unbegun, 'journal.log'), text)
  await expect(place.run(job, { resume: { run: LATER_RUN } })).rejects.toMatchObject({ code: 'NOTHING_TO_RESUME' })
  expect(await place.run(job, { resume: 'auto', date: DATE })).toMatchObject({ status: 'completed', run })
  expect(place.read('all.csv')).toBe('n\n1\n')
  // Its end was written meanwhile, by that start.
  await expect(place.run(job, { resume: { run: LATER_RUN } })).rejects.toMatchObject({ code: 'NOTHING_TO_RESUME' })
  rmSync(unbegun, { recursive: true })
})
