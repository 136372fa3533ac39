import { readdirSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { TokenTransaction } from '../../../src/database/database.js'
import { openPostgres } from '../../../src/database/postgres/postgres.js'
import type { RunSummary } from '../../../src/run/run.js'
import type { RunOptions } from '../../../src/run/run-options.js'
import { createDatabase, type TestDatabase } from '../../postgres/server.js'
import { replayWhole } from '../checkpoint/journal/replay-whole.js'
import { createUserProject } from '../execution/user-project.js'
import type { JobPlace } from '../job/job-fixture.js'
import { INSERT_ROWS } from './insert-rows.js'

const FLOW = `
settings: { retries: 0 }
modules:
  - { id: src, name: inline_source, configs: { rows: [{ x: 1 }, { x: 2 }] } }
  - { id: roll, name: derive_mod, configs: { columns: { r: "random()::VARCHAR" } } }
  - { id: one, name: insert_rows, configs: { connection: "{{context.one}}", table: "{{context.table}}" } }
  - { id: two, name: insert_rows, configs: { connection: "{{context.two}}", table: "{{context.table}}" } }
  - { id: file, name: csv_sink, configs: { output_path: out.csv } }
connections:
  data: ["src.data - roll.input", "roll.output - one.input", "roll.output - two.input", "roll.output - file.input"]
  control: []
`

let place: JobPlace
let one: TestDatabase
let two: TestDatabase
beforeEach(async () => {
  ;[one, two] = await Promise.all([createDatabase(), createDatabase()])
  for (const database of [one, two]) await database.query('CREATE TABLE t (x int, r text)')
  place = await createUserProject({ 'modules/sinks/insert_rows.ts': INSERT_ROWS })
})
afterEach(() => place.remove())

const run = (job: string, options: Partial<RunOptions> = {}): Promise<RunSummary> =>
  place.run(job, { set: { one: one.url, two: two.url, table: 't' }, seams: { patience: { pause: async () => {} } }, ...options })
const rowsOf = (database: TestDatabase, table = 't') => database.query(`SELECT x, r FROM ${table} ORDER BY x`)
const fileRows = () =>
  place
    .read('out.csv')
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => ({ x: Number(line.split(',')[0]), r: line.split(',')[1] }))
const replayed = ({ folder }: RunSummary) => replayWhole(path.join(folder, 'journal.log'))

/** Does something in the place of the first COMMIT on a database. */
function atCommit(database: TestDatabase, act: (transaction: TokenTransaction, commit: () => Promise<void>) => Promise<void>) {
  let count = 0
  const openDatabase: typeof openPostgres = (spec) => {
    const opened = openPostgres(spec)
    if (spec.database !== database.name) return opened
    const begin = opened.begin.bind(opened)
    opened.begin = async (token, signal) => {
      const transaction = await begin(token, signal)
      const commit = transaction.commit.bind(transaction)
      transaction.commit = () => (count++ === 0 ? act(transaction, commit) : commit())
      return transaction
    }
    return opened
  }
  return { seams: { openDatabase, patience: { pause: async () => {} } } }
}

/** The server process ends, as with a crash or a failover. */
async function losesSession(transaction: TokenTransaction, database: TestDatabase): Promise<void> {
  const { rows } = await transaction.query('SELECT pg_backend_pid()')
  await database.query('SELECT pg_terminate_backend($1::int)', [rows[0]?.[0] ?? null])
}

describe('a sub flow that writes to several databases and files', () => {
  it('gives all of them the same rows, and keeps nothing of what it has frozen', async () => {
    const summary = await run(await place.build(FLOW), { keep: true })
    expect([summary.status, summary.errors]).toEqual(['completed', []])
    expect(await rowsOf(one)).toHaveLength(2)
    expect(await rowsOf(two)).toEqual(await rowsOf(one))
    expect(fileRows()).toEqual(await rowsOf(one))
    expect(readdirSync(path.join(summary.folder, 'artifacts'))).toEqual([])
  })

  it('leaves nothing anywhere when the first of them does not commit', async () => {
    const summary = await run(
      await place.build(FLOW),
      atCommit(one, async (transaction, commit) => {
        await losesSession(transaction, one)
        await commit()
      }),
    )
    expect(summary.errors).toMatchObject([{ code: 'DATABASE_UNREACHABLE' }])
    expect([await rowsOf(one), await rowsOf(two), place.list().includes('out.csv')]).toEqual([[], [], false])
    expect(replayed(summary).openIntents.size).toBe(0)
    expect(readdirSync(path.join(summary.folder, 'artifacts'))).toEqual([])
  })

  it('fills the second one from the rows that were frozen when it has lost its transaction', async () => {
    const summary = await run(
      await place.build(FLOW),
      atCommit(two, async (transaction, commit) => {
        await losesSession(transaction, two)
        await commit()
      }),
    )
    expect([summary.status, summary.errors]).toEqual(['completed', []])
    expect(await rowsOf(one)).toHaveLength(2)
    expect(await rowsOf(two)).toEqual(await rowsOf(one))
    expect(fileRows()).toEqual(await rowsOf(one))
  })

  it('does not read the source again to fill one', async () => {
    const job = await place.build(`
settings: { retries: 0 }
modules:
  - { id: src, name: postgres_source, configs: { connection: "{{context.one}}", table: s } }
  - { id: one, name: postgres_sink, configs: { connection: "{{context.one}}", table: t, mode: overwrite } }
  - { id: two, name: postgres_sink, configs: { connection: "{{context.two}}", table: "{{context.table}}", mode: overwrite } }
connections: { data: ["src.data - one.input", "src.data - two.input"], control: [] }
`)
    await one.query(`CREATE TABLE s (x int, r text); INSERT INTO s VALUES (1, 'a,"b"'), (2, ''), (3, NULL)`)
    await two.query(`INSERT INTO t VALUES (9, 'old')`)
    const summary = await run(
      job,
      atCommit(two, async (transaction, commit) => {
        await losesSession(transaction, two)
        await one.query(`UPDATE s SET r = 'later'; INSERT INTO s VALUES (4, 'more')`)
        await commit()
      }),
    )
    expect([summary.status, summary.errors]).toEqual(['completed', []])
    const rows = [
      { x: 1, r: 'a,"b"' },
      { x: 2, r: '' },
      { x: 3, r: null },
    ]
    expect([await rowsOf(one), await rowsOf(two)]).toEqual([rows, rows])
  })

  for (const way of ['the next start', 'a resume'] as const) {
    it(`fails as COMMIT_PARTIAL when the second one refuses for good; ${way} completes it`, async () => {
      const job = await place.build(FLOW)
      const summary = await run(
        job,
        atCommit(two, async (transaction, commit) => {
          await losesSession(transaction, two)
          await two.query('ALTER TABLE t RENAME TO away')
          await commit()
        }),
      )
      expect(summary.status).toBe('failed')
      expect(summary.errors).toMatchObject([{ code: 'COMMIT_PARTIAL', node: 'two' }])
      for (const database of [one, two]) expect(summary.errors[0]?.message).toContain(database.name)
      expect(await rowsOf(one)).toHaveLength(2)
      expect([await rowsOf(two, 'away'), place.list().includes('out.csv')]).toEqual([[], false])

      await expect(run(job)).rejects.toMatchObject({ code: 'COMMIT_PARTIAL', node: 'two', at: { file: 'jobs/sample/sample.yaml' } })
      await two.query('ALTER TABLE away RENAME TO t')
      const first = await rowsOf(one)
      if (way === 'a resume') {
        const pauses: number[] = []
        const { seams } = atCommit(two, async (transaction, commit) => {
          await losesSession(transaction, two)
          await commit()
        })
        const patience = { pause: async (seconds: number) => void pauses.push(seconds) }
        const resumed = await run(job, { resume: {}, seams: { ...seams, patience } })
        expect([resumed.status, resumed.run, pauses]).toEqual(['completed', summary.run, [0.5]])
        expect([await rowsOf(one), await rowsOf(two), fileRows()]).toEqual([first, first, first])
      } else {
        // The names of the tables are those of the run that is finished, not of the one that starts.
        await one.query('CREATE TABLE other (x int, r text)')
        await two.query('CREATE TABLE other (x int, r text)')
        await run(job, { set: { one: one.url, two: two.url, table: 'other' } })
        expect([await rowsOf(one), await rowsOf(two)]).toEqual([first, first])
        expect(await rowsOf(two, 'other')).toEqual(await rowsOf(one, 'other'))
        expect(replayed(summary).completed.size).toBe(1)
      }
    })
  }
})
