import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { tryFolderLock } from '../../../src/engine/duckdb/folder-lock.js'
import { formatRecord } from '../../../src/run/checkpoint/journal/format.js'
import { act, appendThenWait, flow, ResumePlace, waitFor } from './resume-place.js'

const BODY = flow([act('a'), waitFor('b')], ['a (1|) b'])
const WRITES = flow(
  [
    '{ id: rows, name: inline_source, configs: { rows: [{ n: 1 }] } }',
    '{ id: out, name: csv_sink, configs: { output_path: out.csv } }',
    waitFor('b'),
  ],
  ['rows (1|) b'],
  ['rows.data - out.input'],
)
const APPENDS = appendThenWait()

function journalOf(folder: string): string {
  return path.join(folder, 'journal.log')
}

describe('a resume is refused', () => {
  it('when there is nothing to resume', async () => {
    const place = new ResumePlace()
    const job = await place.build(BODY)
    await expect(place.run(job, { resume: {} })).rejects.toMatchObject({ code: 'NOTHING_TO_RESUME' })
    await expect(place.run(job, { resume: { run: 'gone' } })).rejects.toMatchObject({ code: 'NOTHING_TO_RESUME' })
    place.ready()
    const { run } = await place.run(job)
    await expect(place.run(job, { resume: {} })).rejects.toMatchObject({ code: 'NOTHING_TO_RESUME' })
    await expect(place.run(job, { resume: { run } })).rejects.toMatchObject({ code: 'NOTHING_TO_RESUME' })
    expect(place.acts()).toEqual(['a'])
  })

  it('with a date, a context or a value that the run does not have; the same ones are fine', async () => {
    const place = new ResumePlace()
    place.write('context/sample_default.json', '{ "x": 1, "y": "a" }')
    place.write('other.json', '{ "x": 2, "y": "a" }')
    const job = await place.build(flow([act('a', '{{context.x}} {{context.y}}'), waitFor('b')], ['a (1|) b']))
    await place.run(job, { date: '2026-01-31', set: ['y=b'] })
    for (const options of [{ date: '2026-02-01' }, { context: path.join(place.root, 'other.json') }, { set: ['x=2'] }, { set: ['y=a'] }]) {
      await expect(place.run(job, { resume: {}, ...options })).rejects.toMatchObject({ code: 'RESUME_REFUSED' })
    }
    place.write('jobs/sample/context/sample_default.json', '{ "x": 3, "y": "c" }')
    place.ready()
    const same = { date: '2026-01-31 00:00:00', set: ['y=b', 'x=1'] }
    expect(await place.run(job, { resume: {}, ...same })).toMatchObject({ status: 'completed', date: '2026-01-31 00:00:00' })
    expect(place.acts()).toEqual(['1 b'])
  })

  it('with a folder for relative paths that is not that of the run; without one, and with the same, it goes on there', async () => {
    const place = new ResumePlace()
    const job = await place.build(BODY)
    await place.run(job)
    const other = path.join(place.root, 'jobs')
    await expect(place.run(job, { resume: {}, cwd: other, insistsOnCwd: true })).rejects.toMatchObject({
      code: 'RESUME_REFUSED',
      message: `A run cannot be resumed with --cwd ${other}: its relative paths start at ${place.root}.`,
    })
    expect(await place.run(job, { resume: {}, cwd: other })).toMatchObject({ status: 'failed' })
    place.ready()
    expect(await place.run(job, { resume: {}, insistsOnCwd: true })).toMatchObject({ status: 'completed' })
  })

  it.each([
    ['a password as it is', 'postgres://etl:hunter2@h/d', 'postgres://etl:changed@h/d'],
    ['a password of the environment', 'postgres://etl:{{env.PASSWORD}}@h/d', 'postgres://etl:{{env.OTHER}}@h/d'],
  ])('with another connection, told without its password: %s', async (_, dwh, changed) => {
    const place = new ResumePlace()
    const env = { PASSWORD: 'from-env', OTHER: 'from-elsewhere' }
    const context = (value: string) => JSON.stringify({ dwh: value, x: 1 })
    place.write('context/sample_default.json', context(dwh))
    const job = await place.build(flow([act('a', '{{context.dwh}} {{context.x}}'), waitFor('b')], ['a (1|) b']))
    const failed = await place.run(job, { env })
    expect(readFileSync(journalOf(failed.folder), 'utf8')).not.toMatch(/hunter2|from-env/)
    const other = 'postgres://etl:hunter2@other/d'
    place.write('other.json', context(other))
    for (const options of [{ set: [`dwh=${other}`] }, { context: path.join(place.root, 'other.json') }]) {
      await expect(place.run(job, { resume: {}, env, ...options })).rejects.toMatchObject({
        code: 'RESUME_REFUSED',
        message: expect.stringMatching(/another dwh.*etl.*@h\/d/),
      })
    }
    place.write('jobs/sample/context/sample_default.json', context(changed))
    place.ready()
    expect(await place.run(job, { resume: {}, env, set: [`dwh=${changed}`] })).toMatchObject({ status: 'completed', run: failed.run })
  })

  it('with a connection that is another one in the context now, whose password the run needs', async () => {
    const place = new ResumePlace()
    place.write('context/sample_default.json', '{ "dwh": "postgres://etl:hunter2@h/d" }')
    const job = await place.build(flow([act('a', '{{context.dwh}}'), waitFor('b')], ['a (1|) b']))
    await place.run(job)
    place.write('jobs/sample/context/sample_default.json', '{ "dwh": "postgres://etl:hunter2@other/d" }')
    place.ready()
    const refused = place.run(job, { resume: {} })
    await expect(refused).rejects.toMatchObject({ code: 'RESUME_REFUSED', message: expect.stringContaining('another dwh') })
    const same = { resume: {}, set: ['dwh=postgres://etl:changed@h/d'] }
    expect(await place.run(job, same)).toMatchObject({ status: 'completed' })
  })

  it('not when the context of now has other values: the resume says that it uses those of the run', async () => {
    const place = new ResumePlace()
    place.write('context/sample_default.json', '{ "dwh": "postgres://etl:{{env.PASSWORD}}@h/d", "x": 1, "y": 1 }')
    const job = await place.build(flow([act('a', '{{context.dwh}} {{context.x}}'), waitFor('b')], ['a (1|) b']))
    const env = { PASSWORD: 'from-env' }
    await place.run(job, { env })
    place.write('jobs/sample/context/sample_default.json', '{ "dwh": "postgres://etl:{{env.PASSWORD}}@other/d", "x": 2, "y": null }')
    const again = await place.run(job, { resume: {}, env })
    expect(JSON.stringify(place.log(again))).toMatch(/"The resume uses the context of the run: (x, y, dwh|dwh, x, y) are others now\."/)
  })

  it('when a later run of the job has committed, but with force', async () => {
    const place = new ResumePlace()
    const job = await place.build(WRITES)
    const first = await place.run(job)
    await place.run(job)
    const wanted = { run: first.run }
    await expect(place.run(job, { resume: wanted })).rejects.toMatchObject({
      code: 'RESUME_REFUSED',
      hint: expect.stringContaining('--force'),
    })
    place.ready()
    expect((await place.run(job, { resume: wanted, force: true })).run).toBe(first.run)
  })

  it('not when a later run has put nothing in place', async () => {
    const place = new ResumePlace()
    const job = await place.build(BODY)
    const first = await place.run(job)
    await place.run(job)
    place.ready()
    expect((await place.run(job, { resume: { run: first.run } })).run).toBe(first.run)
  })

  it('while the run is still going on', async () => {
    const place = new ResumePlace()
    const job = await place.build(BODY)
    const { folder, run } = await place.run(job)
    const lock = await tryFolderLock(folder)
    await expect(place.run(job, { resume: { run } })).rejects.toMatchObject({ code: 'RUN_BUSY' })
    await lock?.release()
  })

  it('when the journal is of another job, of a newer version, or does not begin with the run', async () => {
    const place = new ResumePlace()
    const other = await place.build(BODY, 'other')
    const job = await place.build(BODY)
    const failed = await place.run(other, { runs: 'all' })
    const wanted = { runs: 'all', resume: { run: failed.run } }
    await expect(place.run(job, wanted)).rejects.toMatchObject({
      code: 'JOURNAL_FOREIGN',
      message: expect.stringContaining('the job other'),
    })
    const { run } = await place.run(job)
    const journal = path.join(job, 'runs', run, 'journal.log')
    const [first = '', ...rest] = readFileSync(journal, 'utf8').split('\n')
    const record = JSON.parse(first.slice(first.indexOf('{')))
    const newer = formatRecord({ kind: 'run', ...record, journal_version: 99 }).toString()
    writeFileSync(journal, newer + rest.join('\n'))
    await expect(place.run(job, { resume: { run } })).rejects.toMatchObject({ code: 'JOURNAL_FOREIGN' })
    writeFileSync(journal, rest.join('\n'))
    await expect(place.run(job, { resume: { run } })).rejects.toMatchObject({ code: 'JOURNAL_BROKEN' })
    await expect(place.run(job, { resume: {} })).rejects.toMatchObject({ code: 'JOURNAL_BROKEN' })
  })

  it('when a record in the middle of the journal is broken', async () => {
    const place = new ResumePlace()
    const job = await place.build(BODY)
    const { folder } = await place.run(job)
    const text = readFileSync(journalOf(folder), 'utf8')
    writeFileSync(journalOf(folder), text.replace('"verdict":"taken"', '"verdict":"token"'))
    await expect(place.run(job, { resume: {} })).rejects.toMatchObject({ code: 'JOURNAL_BROKEN' })
  })

  it('with --again for a node that the flow does not have, and --again and --force without --resume', async () => {
    const place = new ResumePlace()
    const job = await place.build(BODY)
    await place.run(job)
    await expect(place.run(job, { resume: {}, again: ['c'] })).rejects.toMatchObject({ code: 'USAGE' })
    await expect(place.run(job, { again: ['a'] })).rejects.toMatchObject({ code: 'USAGE' })
    await expect(place.run(job, { force: true })).rejects.toMatchObject({ code: 'USAGE' })
  })
})

describe('which run is resumed', () => {
  it('is the last one that did not complete, and a superseded one only by its id', async () => {
    const place = new ResumePlace()
    const job = await place.build(BODY)
    const killed = await place.run(job)
    cutEnd(killed.folder)
    const second = await place.run(job)
    expect((await place.run(job, { resume: {} })).run).toBe(second.run)
    cutEnd(second.folder)
    place.ready()
    expect((await place.run(job, { resume: { run: killed.run } })).run).toBe(killed.run)
    expect(place.acts()).toEqual(['a', 'a'])
  })

  it('with auto is that of the same logical time, or a new one', async () => {
    const place = new ResumePlace()
    const job = await place.build(BODY)
    const run = async (date: string) => (await place.run(job, { date, resume: 'auto' })).run
    const first = await run('2026-01-01')
    const second = await run('2026-01-02')
    expect(second).not.toBe(first)
    expect([await run('2026-01-01'), await run('2026-01-02 00:00:00')]).toEqual([first, second])
    place.ready()
    expect(await run('2026-01-01')).toBe(first)
    expect([first, second]).not.toContain(await run('2026-01-01'))
  })

  it('with auto is a superseded one too, and it is refused, never started anew, when a later run has committed', async () => {
    const place = new ResumePlace()
    const job = await place.build(APPENDS)
    const run = (date: string, resume?: 'auto') => place.run(job, { date, ...(resume === undefined ? {} : { resume }) })
    const killed = await run('2026-04-01')
    cutEnd(killed.folder)
    place.ready()
    await run('2026-04-02', 'auto')
    const refused = run('2026-04-01', 'auto')
    await expect(refused).rejects.toMatchObject({
      code: 'RESUME_REFUSED',
      message: expect.stringContaining(killed.run),
      hint: expect.stringMatching(new RegExp(`pype run sample --resume ${killed.run} --force; to start anew .*leave --resume away`)),
    })
    expect(place.read('all.csv')).toBe('n\n1\n1\n')
    expect(await place.run(job, { resume: { run: killed.run }, force: true })).toMatchObject({ status: 'completed' })
    expect(place.read('all.csv')).toBe('n\n1\n1\n')
    expect((await run('2026-04-01', 'auto')).run).not.toBe(killed.run)
  })

  it('with auto is a superseded one when nothing later has committed', async () => {
    const place = new ResumePlace()
    const job = await place.build(BODY)
    const killed = await place.run(job, { date: '2026-04-01' })
    cutEnd(killed.folder)
    await place.run(job, { date: '2026-04-02' })
    place.ready()
    expect(await place.run(job, { date: '2026-04-01', resume: 'auto' })).toMatchObject({ run: killed.run, status: 'completed' })
    expect(place.acts()).toEqual(['a', 'a'])
  })

  it('goes on behind a torn record', async () => {
    const place = new ResumePlace()
    const job = await place.build(BODY)
    const failed = await place.run(job)
    cutEnd(failed.folder)
    appendFileSync(journalOf(failed.folder), '57 0badc0de completed {"sub_fl')
    place.ready()
    expect(await place.run(job, { resume: {} })).toMatchObject({ status: 'completed', run: failed.run })
    await expect(place.run(job, { resume: { run: failed.run } })).rejects.toMatchObject({ code: 'NOTHING_TO_RESUME' })
  })
})

/** As if the process had been killed right before the last record. */
function cutEnd(folder: string): void {
  const lines = readFileSync(journalOf(folder), 'utf8').trimEnd().split('\n')
  writeFileSync(journalOf(folder), `${lines.slice(0, -1).join('\n')}\n`)
}
