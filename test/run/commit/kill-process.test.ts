import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openPostgres } from '../../../src/database/postgres/postgres.js'
import { PYPE } from '../../cli/pype-project.js'
import { type Fault, PostgresProxy } from '../../postgres/proxy.js'
import { createDatabase, type TestDatabase } from '../../postgres/server.js'
import { createUserProject } from '../execution/user-project.js'
import type { JobPlace } from '../job/job-fixture.js'
import { INSERT_ROWS } from './insert-rows.js'

const FLOW = `
modules:
  - { id: src, name: inline_source, configs: { rows: [{ x: 1 }, { x: 2 }] } }
  - { id: roll, name: derive_mod, configs: { columns: { r: "random()::VARCHAR" } } }
  - { id: one, name: insert_rows, configs: { connection: "{{context.one}}", table: t } }
  - { id: two, name: insert_rows, configs: { connection: "{{context.two}}", table: t } }
  - { id: file, name: csv_sink, configs: { output_path: out.csv, mode: append } }
connections:
  data: ["src.data - roll.input", "roll.output - one.input", "roll.output - two.input", "roll.output - file.input"]
  control: []
`

let place: JobPlace
let databases: readonly [TestDatabase, TestDatabase]
let proxies: readonly [PostgresProxy, PostgresProxy]
beforeEach(async () => {
  databases = [await createDatabase(), await createDatabase()]
  for (const database of databases) await database.query('CREATE TABLE t (x int, r text)')
  proxies = [await PostgresProxy.start(databases[0]), await PostgresProxy.start(databases[1])]
  place = await createUserProject({ 'modules/sinks/insert_rows.ts': INSERT_ROWS })
})
afterEach(async () => {
  place.remove()
  for (const proxy of proxies) await proxy.stop()
})

const rowsOf = (database: TestDatabase) => database.query('SELECT x, r FROM t ORDER BY x')
const urls = () => {
  const [one, two] = databases.map(({ url, port }, at) => url.replace(`:${port}/`, `:${proxies[at]?.port}/`))
  return { one: one ?? '', two: two ?? '' }
}

/** Runs the job in a process that is killed when a statement reaches a proxy. */
async function runAndKill(proxy: PostgresProxy, statement: RegExp, fault: Fault): Promise<void> {
  const { one, two } = urls()
  const child = spawn(process.execPath, [PYPE, 'run', 'sample', '--set', `one=${one}`, '--set', `two=${two}`], { cwd: place.root })
  const closed = once(child, 'close')
  proxy.decide = (text) => {
    if (!statement.test(text)) return 'pass'
    child.kill('SIGKILL')
    return fault
  }
  expect((await closed)[1]).toBe('SIGKILL')
  proxy.decide = () => 'pass'
}

describe('a process that is killed while it commits on two databases', () => {
  const points = [
    { at: 0, statement: /^INSERT INTO t /, fault: 'cut before', when: 'while it writes to the first' },
    { at: 0, statement: /^COMMIT$/, fault: 'cut before', when: 'before the first COMMIT' },
    { at: 0, statement: /^COMMIT$/, fault: 'cut after', when: 'before the answer to the first COMMIT' },
    { at: 1, statement: /^COMMIT$/, fault: 'cut before', when: 'between the two' },
    { at: 1, statement: /^COMMIT$/, fault: 'cut after', when: 'before the answer to the second COMMIT' },
  ] as const
  for (const { at, statement, fault, when } of points) {
    it(`${when}, is resumed to the same rows everywhere, once`, async () => {
      const job = await place.build(FLOW)
      // A transaction of the tables of tokens commits first: let it be there.
      for (const database of databases) await prepareTokens(database)
      await runAndKill(proxies[at], statement, fault)
      const { status, errors } = await place.run(job, { set: urls(), resume: {} })
      expect([status, errors]).toEqual(['completed', []])
      const rows = await rowsOf(databases[0])
      expect(rows.map(({ x }) => x)).toEqual([1, 2])
      expect(await rowsOf(databases[1])).toEqual(rows)
      for (const database of databases) expect(await database.query('SELECT * FROM pype_commits')).toEqual([])
      expect(place.read('out.csv')).toBe(`x,r\n${rows.map(({ x, r }) => `${x},${r}\n`).join('')}`)
    })
  }
})

async function prepareTokens(database: TestDatabase): Promise<void> {
  const opened = openPostgres(database.spec)
  await opened.prepareTokens()
  await opened.close()
}
