import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import stringWidth from 'string-width'
import { expect, it } from 'vitest'
import { formatRun } from '../../../src/cli/past-runs/show/format-run.js'
import { loadRun } from '../../../src/cli/past-runs/show/load-run.js'
import type { ShownRun } from '../../../src/cli/past-runs/show/shown-run.js'
import { runPype } from '../pype-project.js'
import { usePastRuns } from './past-project.js'

const place = usePastRuns()
const load = (word: string): Promise<ShownRun> => loadRun(word, undefined, place.root, new Date())

function draw(shown: ShownRun, width = 100): string {
  return formatRun(shown, '', { width, paint: (_, text) => text, now: Date.now() })
}

function statusesOf({ sub_flows }: ShownRun): { readonly [name: string]: string } {
  return Object.fromEntries(sub_flows.map(({ name, status }) => [name, status]))
}

it('a completed run tells its rows, the times of sub flows and nodes, passes of loops and columns', async () => {
  const shown = await load(place.ids.completed)
  expect(shown).toMatchObject({
    status: 'completed',
    job: 'daily',
    date: '2026-01-01 00:00:00',
    set: { good: 'yes' },
    rows: 2,
    resume: null,
    errors: [],
  })
  expect(statusesOf(shown)).toEqual({
    orders: 'completed',
    list: 'completed',
    each: 'completed',
    never: 'skipped',
    check: 'completed',
    after: 'completed',
  })
  const [orders] = shown.sub_flows
  expect(orders?.work).toEqual([{ process: 1, started: expect.any(String), ended: expect.any(String), status: 'completed' }])
  const kept = orders?.nodes.find(({ node }) => node === 'kept')
  expect(kept).toMatchObject({ rows: 2, runs: 1, time: { started: expect.any(String) } })
  expect(Date.parse(kept?.time?.started ?? '')).toBeGreaterThanOrEqual(Date.parse(orders?.work[0]?.started ?? ''))
  expect(shown.sub_flows.find(({ name }) => name === 'each')).toMatchObject({ passes: { completed: 3 }, nodes: [{ runs: 3 }] })
  expect(shown.columns).toMatchObject({ 'kept.input': [{ name: 'a' }, { name: 'b' }] })
  // The job was built with another source since.
  expect(shown.changed_since).toEqual(['orders'])
})

it.each([80, 100, 160])('every line of a timeline fits into %s columns, and its bars are in the order of time', async (width) => {
  const text = draw(await load(place.ids.completed), width)
  const timeline = text.slice(text.indexOf('  sub flow')).split('\n\n')[0]?.split('\n') ?? []
  expect(Math.max(...timeline.map((line) => stringWidth(line)))).toBeLessThan(width)
  const firstCell = (name: string) => timeline.find((line) => line.includes(` ${name} `))?.indexOf('█') ?? -1
  expect(firstCell('orders')).toBeGreaterThan(0)
  expect(firstCell('list')).toBeGreaterThan(firstCell('orders'))
  expect(firstCell('after')).toBeGreaterThanOrEqual(firstCell('check'))
  expect(timeline).toContainEqual(expect.stringMatching(/^» never +(log +)?skipped$/))
  expect(timeline).toContainEqual(expect.stringMatching(/^ +3 completed$/))
  expect(width < 110 || timeline.some((line) => line.includes('log ×3'))).toBe(true)
})

it('a run that failed and was gone on with has both processes, its error, and why it cannot be resumed any more', async () => {
  const shown = await load(place.ids.failed)
  expect(shown).toMatchObject({
    status: 'failed',
    errors: [{ code: 'COMMAND_FAILED', node: 'check', at: { line: expect.any(Number) } }],
    resume: null,
    why_not_resumable: `${place.ids.killed} came later and has committed; --force resumes it all the same`,
    changed_since: [],
  })
  expect(shown.processes).toHaveLength(2)
  expect(shown.sub_flows.find(({ name }) => name === 'check')?.work).toMatchObject([
    { process: 1, status: 'failed' },
    { process: 2, status: 'failed' },
  ])
  expect(statusesOf(shown)).toMatchObject({ orders: 'completed', check: 'failed', after: 'blocked' })
  const text = draw(shown)
  expect(text).toMatch(/^daily: failed after /)
  expect(text).toContain('  resumed   once\n')
  expect(text).toMatch(/^✗ check .*✗.*✗/m)
  expect(text).toContain('┊')
})

it('a killed run tells what ran then, and the damage of a journal is told with all that comes before it', async () => {
  const shown = await load(place.ids.killed)
  expect(shown).toMatchObject({ status: 'killed', rows: null, warnings: [], resume: `pype run daily --resume ${place.ids.killed}` })
  expect(statusesOf(shown)).toMatchObject({ orders: 'completed', check: 'killed', after: 'not begun' })
  const sign = { ended: null, last_sign: expect.stringMatching(/Z$/) }
  expect(shown.processes).toEqual([{ started: expect.any(String), ...sign }])
  expect(shown.sub_flows.find(({ name }) => name === 'check')?.work).toMatchObject([{ status: 'killed', estimated: true, ...sign }])
  expect(draw(shown)).toMatch(/^daily: killed, its last sign of life after [\d.]+ m?s\n/)
  expect(draw(shown)).toMatch(/^ {2}started {3}[-\d: ]+, last sign of life [-\d: ]+ UTC$/m)
  expect(draw(shown)).not.toMatch(/ended|killed after/)
  expect(draw(shown)).toMatch(/^ {2}progress {2}3 of 6 sub flows completed, 1 killed, 1 skipped, 1 not begun$/m)
  expect(draw(shown)).toMatch(/^† check +░+†$/m)
  expect(draw(shown)).toMatch(/^† check .*†$/m)
  const journal = path.join(place.runs, place.ids.killed, 'journal.log')
  const whole = readFileSync(journal, 'utf8')
  const lines = whole.split('\n')
  writeFileSync(journal, [...lines.slice(0, -3), 'broken', ...lines.slice(-3)].join('\n'))
  const damaged = await load(place.ids.killed)
  writeFileSync(journal, whole)
  expect(damaged.warnings).toEqual([expect.stringContaining('damaged record')])
  expect(statusesOf(damaged)).toMatchObject({ orders: 'completed' })
})

it('a run of an older version, which recorded no times, is shown without bars', async () => {
  const journal = path.join(place.runs, place.ids.killed, 'journal.log')
  const whole = readFileSync(journal)
  const { formatRecord } = await import('../../../src/run/checkpoint/journal/format.js')
  const { readJournal } = await import('../../../src/run/checkpoint/journal/read-journal.js')
  const records: Buffer[] = []
  readJournal(journal, (record) => {
    if (record.kind !== 'completed') return records.push(formatRecord(record))
    const { work: _, ended: __, columns: ___, ...old } = record
    return records.push(formatRecord({ ...old, nodes: old.nodes.map(({ began: ____, ...node }) => node) }))
  })
  writeFileSync(journal, Buffer.concat(records))
  const shown = await load(place.ids.killed)
  writeFileSync(journal, whole)
  expect(shown.warnings).toEqual([expect.stringContaining('older version')])
  expect(shown.sub_flows.find(({ name }) => name === 'orders')).toMatchObject({ status: 'completed', work: [], nodes: [{}, { rows: 2 }] })
  expect(draw(shown)).toMatch(/^✓ orders +completed$/m)
})

it('without its job a run shows what it has recorded itself', async () => {
  const jobs = path.join(place.root, 'jobs')
  renameSync(jobs, path.join(place.root, 'moved'))
  renameSync(path.join(place.root, 'moved/daily/runs'), path.join(place.root, 'Läufe hier'))
  const shown = await loadRun('last~2', 'Läufe hier', place.root, new Date())
  renameSync(path.join(place.root, 'Läufe hier'), path.join(place.root, 'moved/daily/runs'))
  renameSync(path.join(place.root, 'moved'), jobs)
  expect(shown).toMatchObject({
    run: place.ids.completed,
    job: 'daily',
    status: 'completed',
    warnings: [expect.stringContaining('not there any more')],
  })
  expect(shown.sub_flows.find(({ name }) => name === 'orders')).toMatchObject({
    nodes: [{ node: 'orders' }, { node: 'kept', rows: 2, module: null }],
  })
})

it('a run is called last, by its job, its id, a part of it or its folder', async () => {
  const { completed, failed, killed } = place.ids
  expect((await load('last')).run).toBe(killed)
  expect((await load('daily')).run).toBe(killed)
  expect((await load('daily.yaml')).run).toBe(killed)
  expect((await load('daily~1')).run).toBe(failed)
  expect((await load('last~2')).run).toBe(completed)
  expect((await load(failed.slice(-6))).run).toBe(failed)
  expect((await load(`./jobs/daily/runs/${failed}`)).run).toBe(failed)
  const hintOf = (word: string) =>
    load(word).then(String, ({ code, message, hint }: { [key: string]: string }) => `${code} ${message} ${hint}`)
  expect(await hintOf('20')).toBe(`FILE_NOT_FOUND There is no run 20. the last one is ${killed}; \`pype runs\` lists them`)
  expect(await hintOf('202')).toMatch(/^USAGE 3 runs could be meant by "202"\. give more of the id: /)
  expect(await hintOf('dayly')).toBe('FILE_NOT_FOUND There is no run dayly. did you mean "daily"?')
  expect(await hintOf('daily~7')).toMatch(/^FILE_NOT_FOUND There is no run daily~7: there are 3 runs of daily\./)
})

it('the command prints the page, and JSON that says the same', async () => {
  const page = await runPype(['show', place.ids.failed], place.root, { NO_COLOR: '1', LC_ALL: 'C', TZ: 'Asia/Tokyo' })
  expect(page).toMatchObject({ code: 0, stderr: '' })
  expect(page.stdout).toContain('error COMMAND_FAILED  node check: The command ended with exit code 1.')
  expect(page.stdout).toContain(`it cannot be resumed: ${place.ids.killed} came later`)
  expect(page.stdout).not.toContain('\u001b')
  expect(page.stdout).toMatch(/^[\x00-\x7F]*$/)
  const json = await runPype(['show', place.ids.failed, '--json'], place.root, {})
  expect(JSON.parse(json.stdout)).toEqual(await load(place.ids.failed))
})

it('a mark of a process stays where the next one goes on in the same cell, and what is told of passes is whole on a narrow terminal', async () => {
  const shown = await load(place.ids.completed)
  const [each] = shown.sub_flows.filter(({ name }) => name === 'each')
  if (each === undefined) throw new Error('the run has no loop')
  const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, seconds)).toISOString()
  const work = [
    { process: 1, started: at(0), ended: at(100), status: 'failed' },
    { process: 2, started: at(90_000), ended: at(90_100), status: 'failed' },
    { process: 3, started: at(180_000), ended: at(180_001), status: 'completed' },
  ] as const
  const processes = work.map(({ started, ended }) => ({ started, ended }))
  const passes = { completed: 123_456, failed: 1_234, blocked: 99 }
  const text = draw({ ...shown, processes, sub_flows: [{ ...each, name: 'long', work, passes, items: 124_789 }] }, 80)
  expect(text).toMatch(/^✓ each .* █+✗█+✗?█$/m)
  expect(text).toMatch(/^ +123,456 of 124,789 completed, 1,234 failed, 99 blocked$/m)
})
