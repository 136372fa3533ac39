import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { CommitToken, Database } from '../../../src/database/database.js'
import { openPostgres } from '../../../src/database/postgres/postgres.js'
import { PostgresProxy } from '../../postgres/proxy.js'
import { createDatabase, type TestDatabase } from '../../postgres/server.js'

const NEVER = new AbortController().signal
const TOKEN: CommitToken = { id: 'abc', run: 'run1', subFlow: 'load', frame: '', table: '"public"."pype_commits"' }

let test: TestDatabase
let opened: Database[]
beforeEach(async () => {
  test = await createDatabase()
  opened = []
})
afterEach(async () => {
  for (const database of opened) await database.close()
})

function open(spec: Partial<TestDatabase['spec']> = {}): Database {
  const database = openPostgres({ ...test.spec, ...spec })
  opened.push(database)
  return database
}

/** Somebody who may log in, and make nothing. */
async function addReader(): Promise<{ user: string; password: string }> {
  const user = `reader_${test.name}`
  await test.query(`REVOKE CREATE ON SCHEMA public FROM PUBLIC; CREATE ROLE ${user} LOGIN PASSWORD 'pw'`)
  return { user, password: 'pw' }
}

describe('the table of tokens', () => {
  it('is made once by four runs that start at the same time', async () => {
    const databases = [1, 2, 3, 4].map(() => open())
    expect(await Promise.all(databases.map((database) => database.prepareTokens()))).toEqual(Array(4).fill('public.pype_commits'))
  })

  it('bears the name that the connection gives it, in the schema that stands before it', async () => {
    await test.query('CREATE SCHEMA "My etl"')
    expect(await open({ tokenTable: 'My etl.Done' }).prepareTokens()).toBe('"My etl"."Done"')
    expect(await test.query(`SELECT to_regclass('"My etl"."Done"')::text AS name`)).toEqual([{ name: '"My etl"."Done"' }])
  })

  it('may have been made by somebody else, when the user has no right to', async () => {
    const reader = await addReader()
    await expect(open(reader).prepareTokens()).rejects.toMatchObject({
      code: 'TOKENS_UNAVAILABLE',
      hint: expect.stringContaining('CREATE TABLE "pype_commits" (id text PRIMARY KEY'),
    })
    await open().prepareTokens()
    await test.query(`GRANT SELECT ON pype_commits TO ${reader.user}`)
    await expect(open(reader).prepareTokens()).rejects.toMatchObject({
      code: 'DATABASE_REFUSED',
      message: expect.stringContaining('no right to INSERT, UPDATE, DELETE on public.pype_commits'),
      hint: expect.stringContaining(`GRANT SELECT, INSERT, UPDATE, DELETE ON public.pype_commits TO ${reader.user}`),
    })
    await test.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON pype_commits TO ${reader.user}`)
    const database = open(reader)
    const table = await database.prepareTokens()
    const transaction = await database.begin({ ...TOKEN, table }, NEVER)
    await transaction.commit()
    expect(await database.hasCommitted({ ...TOKEN, table })).toBe(true)
  })

  it('loses the tokens of a run that has ended, and no cursor', async () => {
    const database = open()
    const table = await database.prepareTokens()
    const cursor = { job: 'j', context: 'c', node: 'n' }
    for (const run of ['run1', 'run2']) {
      const transaction = await database.begin({ ...TOKEN, id: run, run, table }, NEVER)
      if (run === 'run1') await transaction.moveCursors([{ ...cursor, from: null, to: '7' }])
      await transaction.commit()
    }
    await database.forgetTokens(table, 'run1')
    expect(await test.query('SELECT run FROM pype_commits WHERE run IS NOT NULL')).toEqual([{ run: 'run2' }])
    expect(await database.readCursor(table, cursor)).toEqual({ value: '7' })
  })
})

describe('whether a transaction has committed', () => {
  it('is no when it was rolled back, or when nobody ever began it', async () => {
    const database = open()
    await database.prepareTokens()
    expect(await database.hasCommitted(TOKEN)).toBe(false)
    await (await database.begin(TOKEN, NEVER)).rollback()
    expect(await database.hasCommitted(TOKEN)).toBe(false)
  })

  it('is known only when the COMMIT of a client that was killed has ended at the server', async () => {
    const database = open()
    await database.prepareTokens()
    await test.query(`
      CREATE TABLE t (x int);
      CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.5); RETURN NULL; END';
      CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION wait()`)
    const proxy = await PostgresProxy.start(test)
    const killed = open({ port: proxy.port })
    const transaction = await killed.begin(TOKEN, NEVER)
    await transaction.script('INSERT INTO t VALUES (1)')
    const commit = transaction.commit()
    // The server is at the trigger: it has taken the COMMIT, and looks for its client only when it is done.
    await until(async () => (await test.query(`SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'`)).length > 0)
    proxy.leave()
    await expect(commit).rejects.toMatchObject({ code: 'COMMIT_IN_DOUBT' })
    await transaction.rollback()
    expect(await test.query('SELECT x FROM t')).toEqual([])
    expect(await database.hasCommitted(TOKEN)).toBe(true)
    expect(await test.query('SELECT x FROM t')).toEqual([{ x: 1 }])
    await proxy.stop()
  })

  it('waits for a transaction that is open, whatever the isolation that the server begins with', async () => {
    await test.query(`ALTER DATABASE ${test.name} SET default_transaction_isolation = 'serializable'`)
    const database = open()
    await database.prepareTokens()
    const transaction = await database.begin(TOKEN, NEVER)
    const answer = database.hasCommitted(TOKEN)
    await until(async () => (await test.query(`SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted`)).length > 0)
    await transaction.commit()
    expect(await answer).toBe(true)
  })
})

describe('a cursor', () => {
  it('moves with its transaction, from where the run found it', async () => {
    const database = open()
    const table = await database.prepareTokens()
    const cursor = { job: 'j', context: '', node: 'n' }
    const move = async (id: string, from: string | null, to: string, end: 'commit' | 'rollback' = 'commit') => {
      const transaction = await database.begin({ ...TOKEN, id, table }, NEVER)
      try {
        await transaction.moveCursors([{ ...cursor, from, to }])
        await transaction[end]()
      } finally {
        await transaction.rollback()
      }
    }
    await move('1', null, '10', 'rollback')
    expect(await database.readCursor(table, cursor)).toBeUndefined()
    await move('2', null, '10')
    await expect(move('3', null, '11')).rejects.toMatchObject({ code: 'CURSOR_MOVED', node: 'n' })
    await expect(move('4', '9', '11')).rejects.toMatchObject({ code: 'CURSOR_MOVED' })
    await move('5', '10', '12')
    expect(await database.readCursor(table, cursor)).toEqual({ value: '12' })
    expect(await database.readCursor(table, { ...cursor, node: 'other' })).toBeUndefined()
  })

  it('is moved by one of two runs that found it at the same place', async () => {
    const database = open()
    const table = await database.prepareTokens()
    const cursor = { job: 'j', context: '', node: 'n', from: null }
    const [one, two] = [
      await database.begin({ ...TOKEN, id: '1', table }, NEVER),
      await database.begin({ ...TOKEN, id: '2', table }, NEVER),
    ]
    await one.moveCursors([{ ...cursor, to: '1' }])
    const second = two.moveCursors([{ ...cursor, to: '2' }])
    await Promise.all([one.commit(), expect(second).rejects.toMatchObject({ code: 'CURSOR_MOVED' })])
    await two.rollback()
    expect(await database.readCursor(table, cursor)).toEqual({ value: '1' })
  })
})

/** Resolves when a condition holds. */
async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 10))
}
