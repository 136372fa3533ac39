import { chmodSync, readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createDatabase, type TestDatabase } from '../postgres/server.js'
import { JobPlace } from '../run/job/job-fixture.js'

const RIGHT = `right@horse/battery'#7`
const WRONG = `wrong@horse/battery'#7`
const FLOW = `
modules:
  - { id: src, name: inline_source, configs: { rows: [{ x: 1 }, { x: 2 }] } }
  - { id: db, name: postgres_sink, configs: { connection: "{{context.warehouse}}", table: t } }
connections: { data: ["src.data - db.input"], control: [] }
`

let place: JobPlace
let database: TestDatabase
let role: string
beforeEach(async () => {
  place = new JobPlace()
  database = await createDatabase()
  role = `etl_${database.name}`
  await database.query(`CREATE ROLE ${role} LOGIN PASSWORD '${RIGHT.replaceAll("'", "''")}'`)
  await database.query(`CREATE TABLE t (x int); GRANT ALL ON t TO ${role}; GRANT ALL ON SCHEMA public TO ${role}`)
})
afterEach(() => place.remove())

async function build(warehouse: string): Promise<string> {
  const { host, port, name } = database
  const url = warehouse.replace('ROLE', role).replace('PLACE', `${host}:${port}/${name}`)
  place.write('context/sample_default.json', JSON.stringify({ warehouse: url, secrets: { provider: 'file', path: 'secrets.json' } }))
  return place.build(FLOW)
}

function writeSecret(password: string): void {
  chmodSync(place.write('secrets.json', JSON.stringify({ db: { password } })), 0o600)
}

/** What a run wrote: log, journal and summary. */
function readRuns(job: string): string {
  const runs = path.join(job, 'runs')
  const files = readdirSync(runs, { recursive: true }).map((file) => path.join(runs, String(file)))
  return files.flatMap((file) => (statSync(file).isFile() ? [readFileSync(file, 'latin1')] : [])).join('\n')
}

const rows = async () => (await database.query('SELECT x FROM t ORDER BY x')).map(({ x }) => x)
const log = { level: 'debug', destinations: ['file'] } as const

describe('a connection with a secret', () => {
  it('logs in with it, whatever characters it has', async () => {
    const job = await build('postgres://ROLE:{{secret.db#password}}@PLACE')
    writeSecret(RIGHT)
    const { status, errors } = await place.run(job, { log })
    expect([status, errors]).toEqual(['completed', []])
    expect(await rows()).toEqual([1, 2])
    expect(readRuns(job)).not.toContain('horse')
  })

  it('that is wrong fails without showing it, and the resume takes the one that was put right', async () => {
    const job = await build('postgres://ROLE:{{secret.db#password}}@PLACE')
    writeSecret(WRONG)
    const failed = await place.run(job, { log })
    expect([failed.status, failed.errors[0]?.code]).toEqual(['failed', 'DATABASE_REFUSED'])
    expect(JSON.stringify(failed)).not.toContain('horse')
    writeSecret(RIGHT)
    const { status, errors } = await place.run(job, { log, resume: {} })
    expect([status, errors]).toEqual(['completed', []])
    expect(await rows()).toEqual([1, 2])
    expect(readRuns(job)).not.toContain('horse')
  })
})

describe('a connection with a password that stands elsewhere', () => {
  it.each([
    ['the environment', 'postgres://ROLE:{{env.DB_PASSWORD}}@PLACE'],
    ['the context', `postgres://ROLE:${encodeURIComponent(RIGHT)}@PLACE`],
  ])('in %s, does not write it down either, and can be resumed', async (_, warehouse) => {
    const job = await build(warehouse)
    const env = { DB_PASSWORD: RIGHT }
    await database.query('ALTER TABLE t ADD CHECK (x < 2)')
    const failed = await place.run(job, { log, env })
    expect(failed.errors[0]?.code).toBe('CONSTRAINT_VIOLATED')
    await database.query('ALTER TABLE t DROP CONSTRAINT t_x_check')
    const { status, errors } = await place.run(job, { log, env, resume: {} })
    expect([status, errors]).toEqual(['completed', []])
    expect(await rows()).toEqual([1, 2])
    expect(readRuns(job)).not.toContain('horse')
  })
})
