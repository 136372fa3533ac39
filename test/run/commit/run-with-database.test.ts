import { rmSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openPostgres } from '../../../src/database/postgres/postgres.js'
import { PostgresProxy } from '../../postgres/proxy.js'
import { createDatabase, type TestDatabase } from '../../postgres/server.js'
import { replayWhole } from '../checkpoint/journal/replay-whole.js'
import { createUserProject } from '../execution/user-project.js'
import type { JobPlace } from '../job/job-fixture.js'
import { INSERT_ROWS } from './insert-rows.js'

const FLOW = `
settings: { retries: 0 }
modules:
  - { id: src, name: inline_source, configs: { rows: [{ x: 1 }, { x: 2 }] } }
  - { id: db, name: insert_rows, configs: { connection: "{{context.warehouse}}", table: t } }
  - { id: file, name: csv_sink, configs: { output_path: out.csv } }
connections:
  data: ["src.data - db.input", "src.data - file.input"]
  control: []
`

let place: JobPlace
let database: TestDatabase
beforeEach(async () => {
  database = await createDatabase()
  await database.query('CREATE TABLE t (x int PRIMARY KEY)')
  place = await createUserProject({ 'modules/sinks/insert_rows.ts': INSERT_ROWS })
})
afterEach(() => place.remove())

const rows = async () => (await database.query('SELECT x FROM t ORDER BY x')).map(({ x }) => x)

describe('a run with a database', () => {
  it('commits rows and files of a sub flow together, and leaves no token behind when it has ended', async () => {
    const job = await place.build(FLOW)
    const { status, errors } = await place.run(job, { set: { warehouse: database.url } })
    expect([status, errors]).toEqual(['completed', []])
    expect(await rows()).toEqual([1, 2])
    expect(place.read('out.csv')).toBe('x\n1\n2\n')
    expect(await database.query('SELECT * FROM pype_commits')).toEqual([])
  })

  it('that fails leaves neither rows nor files', async () => {
    const job = await place.build(FLOW)
    await database.query('INSERT INTO t VALUES (2)')
    const { status, errors } = await place.run(job, { set: { warehouse: database.url } })
    expect([status, errors[0]?.code, errors[0]?.node]).toEqual(['failed', 'CONSTRAINT_VIOLATED', 'db'])
    expect(await rows()).toEqual([2])
    expect(place.list().includes('out.csv')).toBe(false)
  })

  it('that is cancelled ends what the server does for it, and leaves nothing', async () => {
    const job = await place.build(FLOW)
    await database.query(`
      CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(600); RETURN NEW; END';
      CREATE TRIGGER slow BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION wait()`)
    const sleeps = () => database.query(`SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()`)
    const controller = new AbortController()
    const running = place.run(job, { set: { warehouse: database.url }, signal: controller.signal })
    while ((await sleeps()).length === 0) await new Promise((resolve) => setTimeout(resolve, 20))
    controller.abort()
    expect((await running).status).toBe('cancelled')
    expect([await sleeps(), await rows(), place.list().includes('out.csv')]).toEqual([[], [], false])
  })

  it('tries again with a new token when the attempt was rolled back', async () => {
    const job = await place.build(FLOW.replace('retries: 0', 'retries: 1, retry_delay: 0'))
    const tokens: string[] = []
    const openDatabase: typeof openPostgres = (spec) => {
      const opened = openPostgres(spec)
      const begin = opened.begin.bind(opened)
      opened.begin = async (token, signal) => {
        tokens.push(token.id)
        if (tokens.length === 1) throw new Error('the first attempt fails')
        return begin(token, signal)
      }
      return opened
    }
    const { status } = await place.run(job, { set: { warehouse: database.url }, seams: { openDatabase } })
    expect(status).toBe('completed')
    expect(new Set(tokens).size).toBe(2)
    expect(await rows()).toEqual([1, 2])
  })

  it('that does not know what came of a commit takes no error connection, and the next start settles it first', async () => {
    const proxy = await PostgresProxy.start(database)
    proxy.decide = (statement) =>
      statement === 'COMMIT' && proxy.statements.some((one) => one.startsWith('INSERT INTO t')) ? 'leave after' : 'pass'
    const warn =
      '  - { id: warn, name: csv_sink, configs: { output_path: warned.csv } }\n  - { id: why, name: inline_source, configs: { rows: [{ a: 1 }] } }\n'
    const body = FLOW.replace('connections:', `${warn}connections:`)
      .replace('control: []', 'control: ["src (1|error) why"]')
      .replace('"src.data - file.input"', '"src.data - file.input", "why.data - warn.input"')
    const job = await place.build(body)
    const url = database.url.replace(`:${database.port}/`, `:${proxy.port}/`)
    const first = await place.run(job, { set: { warehouse: url }, seams: { patience: { pause: async () => {} } } })
    expect(first.errors.map(({ code }) => code)).toEqual(['COMMIT_UNFINISHED'])
    expect(place.list().includes('warned.csv')).toBe(false)
    await expect(place.run(job, { set: { warehouse: url } })).rejects.toMatchObject({ code: 'COMMIT_UNFINISHED' })
    proxy.decide = () => 'pass'
    proxy.comeBack()
    const second = await place.run(job, { set: { warehouse: url }, resume: {} })
    expect([second.status, await rows(), place.read('out.csv')]).toEqual(['completed', [1, 2], 'x\n1\n2\n'])
    await proxy.stop()
  })

  it('that dies after the database has committed is finished by the next start, from its sealed connection', async () => {
    const job = await place.build(FLOW)
    // Its files cannot be put in place: as if the process had died before.
    const openDatabase: typeof openPostgres = (spec) => {
      const opened = openPostgres(spec)
      const begin = opened.begin.bind(opened)
      opened.begin = async (token, signal) => {
        const transaction = await begin(token, signal)
        const commit = transaction.commit.bind(transaction)
        transaction.commit = async () => {
          await commit()
          place.write('out.csv/in-the-way', '')
        }
        return transaction
      }
      return opened
    }
    const first = await place.run(job, { set: { warehouse: database.url }, seams: { openDatabase } })
    expect(first.errors[0]?.code).toBe('COMMIT_UNFINISHED')
    expect(replayWhole(`${first.folder}/journal.log`).openIntents.size).toBe(1)
    await database.query('DELETE FROM t')
    rmSync(`${place.root}/out.csv`, { recursive: true })
    const second = await place.run(job, { set: { warehouse: database.url } })
    expect(second.status).toBe('completed')
    expect(replayWhole(`${first.folder}/journal.log`).completed.size).toBe(1)
    expect(await database.query('SELECT * FROM pype_commits')).toEqual([])
  })
})
