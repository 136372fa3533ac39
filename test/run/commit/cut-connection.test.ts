import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { kindOfStatement } from '../../postgres/kind-of.js'
import { PostgresProxy } from '../../postgres/proxy.js'
import { createDatabase, type TestDatabase } from '../../postgres/server.js'
import { createUserProject } from '../execution/user-project.js'
import type { JobPlace } from '../job/job-fixture.js'
import { INSERT_ROWS } from './insert-rows.js'
import { READ_NEW } from './read-new.js'

const FLOW = `
settings: { retries: 2, retry_delay: 0 }
modules:
  - { id: src, name: read_new, configs: { connection: "{{context.cut}}", table: s, cursor: x } }
  - { id: db, name: insert_rows, configs: { connection: "{{context.cut}}", table: t, append: true } }
connections: { data: ["src.data - db.input"], control: [] }
`

let place: JobPlace
let database: TestDatabase
let proxy: PostgresProxy
beforeEach(async () => {
  database = await createDatabase()
  await database.query('CREATE TABLE s (x int); INSERT INTO s VALUES (1), (2); CREATE TABLE t (x int)')
  proxy = await PostgresProxy.start(database)
  place = await createUserProject({ 'modules/sinks/insert_rows.ts': INSERT_ROWS, 'modules/source/read_new.ts': READ_NEW })
})
afterEach(async () => {
  place.remove()
  await proxy.stop()
})

const cutUrl = () => database.url.replace(`:${database.port}/`, `:${proxy.port}/`)

describe('a connection that is cut at any statement', () => {
  it('costs an attempt, and no row is lost or there twice', async () => {
    const job = await place.build(FLOW)
    const run = () => place.run(job, { set: { cut: cutUrl() } })
    await run()
    const statements = [...new Set(proxy.statements.map(kindOfStatement))]
    expect(statements.length).toBeGreaterThan(10)
    for (const [at, cut] of statements.entries()) {
      // The table of tokens too: the statements that make it are cut as well.
      await database.query('TRUNCATE t; DROP TABLE pype_commits')
      let isCut = false
      // In turns before the statement and before its answer.
      proxy.decide = (statement) => {
        if (isCut || kindOfStatement(statement) !== cut) return 'pass'
        isCut = true
        return at % 2 === 0 ? 'cut before' : 'cut after'
      }
      const { status, errors } = await run()
      expect([cut, isCut, status, errors]).toEqual([cut, true, 'completed', []])
      expect([cut, await database.query('SELECT x FROM t ORDER BY x')]).toEqual([cut, [{ x: 1 }, { x: 2 }]])
      expect(await database.query('SELECT value FROM pype_commits')).toEqual([{ value: '2' }])
    }
  })
})
