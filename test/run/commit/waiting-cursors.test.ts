import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { RunOptions, RunSummary } from '../../../src/run/run.js'
import { createDatabase, type TestDatabase } from '../../postgres/server.js'
import { createUserProject } from '../execution/user-project.js'
import type { JobPlace } from '../job/job-fixture.js'
import { INSERT_ROWS } from './insert-rows.js'
import { READ_NEW } from './read-new.js'

/** Rows go to a file over a boundary, and to a table in the sub flow of their source; then comes what may fail. */
const flow = (append = true, settings = 'retries: 0') => `settings: { ${settings} }
modules:
  - { id: src, name: read_new, configs: { connection: "{{context.source}}", table: s, cursor: x } }
  - { id: next, name: derive_mod, configs: { columns: { z: "1" } } }
  - { id: file, name: csv_sink, configs: { output_path: out.csv${append ? ', mode: append' : ''} } }
  - { id: db, name: insert_rows, configs: { connection: "{{context.source}}", table: t, append: ${append} } }
  - { id: after, name: shell, configs: { command: ["test", "!", "-e", "fail"] } }
connections:
  data: ["src.data - next.input", "next.output - file.input", "src.data - db.input"]
  control: ["src (1|) next", "file (1|) after"]
`

let place: JobPlace
let database: TestDatabase
beforeEach(async () => {
  database = await createDatabase()
  await database.query('CREATE TABLE t (x int); CREATE TABLE s (x int); INSERT INTO s VALUES (1), (2)')
  place = await createUserProject({ 'modules/sinks/insert_rows.ts': INSERT_ROWS, 'modules/source/read_new.ts': READ_NEW })
})
afterEach(() => place.remove())

const run = (job: string, options: Partial<RunOptions> = {}): Promise<RunSummary> =>
  place.run(job, { set: { source: database.url }, ...options })
const runs = () => readdirSync(path.join(place.root, 'jobs/sample/runs')).filter((name) => !name.startsWith('.'))
const rows = async () => [(await database.query('SELECT x FROM t ORDER BY x')).map(({ x }) => x), place.read('out.csv')]

/** A run that has completed, and one behind it that fails when its rows are in place. */
async function failSecond(job: string): Promise<RunSummary> {
  expect((await run(job)).errors).toEqual([])
  await database.query('INSERT INTO s VALUES (3)')
  place.write('fail', '')
  const failed = await run(job)
  expect(failed.errors).toMatchObject([{ code: 'COMMAND_FAILED' }])
  rmSync(path.join(place.root, 'fail'))
  return failed
}

/** As if the process of a run had been killed before it could write its end. */
function takeEnd({ folder }: RunSummary): void {
  const journal = path.join(folder, 'journal.log')
  const records = readFileSync(journal, 'utf8').trimEnd().split('\n')
  writeFileSync(journal, `${records.slice(0, -1).join('\n')}\n`)
}

const ONCE = [[1, 2, 3], 'x,z\n1,1\n2,1\n3,1\n']

describe('a cursor that waits for the end of a run whose rows were added', () => {
  it('keeps a new run from starting, names the run that holds it, and leaves that the one to resume', async () => {
    const job = await place.build(flow())
    const { run: held } = await failSecond(job)
    const before = runs()
    for (const resume of [{}, { resume: 'auto', date: '2001-01-01' }] as const) {
      await expect(run(job, resume)).rejects.toMatchObject({
        code: 'CURSOR_WAITS',
        node: 'src',
        message: expect.stringMatching(new RegExp(`^The run ${held} has not completed, .* was added by file and db:`)),
        hint: `resume it: pype run sample --resume ${held}; or take out what file and db added, and start with --force`,
      })
    }
    expect(runs()).toEqual(before)
    expect((await run(job, { resume: {} })).run).toBe(held)
    expect((await run(job)).status).toBe('completed')
    expect(await rows()).toEqual(ONCE)
  })

  it('is held by a run that was killed too, also when a start with another context has settled it', async () => {
    const job = await place.build(flow())
    const killed = await failSecond(job)
    takeEnd(killed)
    await expect(run(job)).rejects.toMatchObject({ code: 'CURSOR_WAITS' })
    place.write('other.json', '{}')
    expect((await run(job, { context: './other.json' })).errors).toMatchObject([{ code: 'CURSOR_MISSING' }])
    expect(readFileSync(path.join(killed.folder, 'journal.log'), 'utf8')).toContain('"superseded"')
    await expect(run(job)).rejects.toMatchObject({ code: 'CURSOR_WAITS' })
    expect((await run(job, { resume: { run: killed.run } })).errors).toEqual([])
    expect(await rows()).toEqual(ONCE)
  })

  it('is not waited for when its rows have been taken out, and that is said', async () => {
    const job = await place.build(flow())
    await failSecond(job)
    await database.query('DELETE FROM t WHERE x = 3')
    place.write('out.csv', 'x,z\n1,1\n2,1\n')
    expect((await run(job, { force: true })).errors).toEqual([])
    expect((await run(job)).errors).toEqual([])
    expect(await rows()).toEqual(ONCE)
    // Who deletes the cursor starts anew: what has waited has moved on since.
    rmSync(path.join(place.root, 'jobs/sample/state'), { recursive: true })
    rmSync(path.join(place.root, 'out.csv'))
    await database.query('TRUNCATE t')
    expect((await run(job)).errors).toEqual([])
  })

  it('is in nobody’s way where no rows were added', async () => {
    const job = await place.build(flow(false))
    await failSecond(job)
    expect((await run(job)).errors).toEqual([])
  })

  it('keeps the folder of its run when old runs are removed', async () => {
    const job = await place.build(flow(true, 'retries: 0, keep_runs: 1, keep_resumable: 0'))
    const { run: held } = await failSecond(job)
    place.write('other.json', '{}')
    for (const _ of [1, 2]) await run(job, { context: './other.json' })
    expect(runs()).toContain(held)
    await expect(run(job)).rejects.toMatchObject({ code: 'CURSOR_WAITS' })
    expect((await run(job, { resume: { run: held }, force: true })).errors).toEqual([])
    for (const _ of [1, 2]) await run(job)
    expect(runs()).not.toContain(held)
  })
})
