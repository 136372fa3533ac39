import { once } from 'node:events'
import { Readable } from 'node:stream'
import { buffer, text } from 'node:stream/consumers'
import { setTimeout as delay, setImmediate } from 'node:timers/promises'
import { afterEach, beforeAll, expect, test, vi } from 'vitest'
import type { CommitToken, ConnectionSpec, Database } from '../../src/database/database.js'
import { openPostgres } from '../../src/database/postgres/postgres.js'
import { createDatabase, type TestDatabase } from './server.js'

let server: TestDatabase
let table: string
const opened: Database[] = []

beforeAll(async () => {
  server = await createDatabase()
  const database = open()
  table = await database.prepareTokens()
})

afterEach(async () => {
  await Promise.all(opened.splice(0).map((database) => database.close()))
  await vi.waitFor(async () => {
    const left = await server.query(`SELECT state, query FROM pg_stat_activity WHERE application_name = 'pype' AND datname = $1`, [
      server.name,
    ])
    expect(left).toEqual([])
  })
})

function open(changes: Partial<ConnectionSpec> = {}): Database {
  const database = openPostgres({ ...server.spec, ...changes })
  opened.push(database)
  return database
}

const NEVER = new AbortController().signal
let tokens = 0

function begin(database: Database, signal = NEVER) {
  const token: CommitToken = { id: `token ${++tokens}`, run: 'run', subFlow: 'load', frame: '', table }
  return database.begin(token, signal)
}

test('values come back as the texts that the server sends, NULL and the empty text apart', async () => {
  const session = await open({ options: { TimeZone: 'Europe/Berlin', DateStyle: 'German', bytea_output: 'escape' } }).session(NEVER)
  const { rows, columns } = await session.query(
    `SELECT 9007199254740993::int8 AS big, 1.10::numeric(10,2), timestamptz '2026-07-01 10:00Z', '\\x00ff'::bytea, null, '', $1::text, 0.1::float8 + 0.2::float8`,
    ["it's"],
  )
  expect(rows).toEqual([['9007199254740993', '1.10', '2026-07-01 12:00:00+02', '\\x00ff', null, '', "it's", '0.30000000000000004']])
  expect(columns.slice(0, 2)).toEqual([
    { name: 'big', typeId: 20, typeModifier: -1 },
    { name: 'numeric', typeId: 1700, typeModifier: ((10 << 16) | 2) + 4 },
  ])
  await session.close()
})

test('query takes one statement, script takes several', async () => {
  const session = await open().session(NEVER)
  await expect(session.query('SELECT 1; SELECT 2')).rejects.toMatchObject({ code: 'SQL_INVALID' })
  expect((await session.script('SELECT 1; SELECT 2 AS two')).rows).toEqual([['2']])
  await session.close()
})

test('rows are copied in and out, in one transaction, and are gone after a rollback', async () => {
  const transaction = await begin(open())
  await transaction.script('CREATE TABLE copied (id int, name text)')
  expect(await transaction.copyIn('COPY copied FROM STDIN (FORMAT csv)', Readable.from(['1,one\n2,', '"tw""o"\n3,\n4,""\n']))).toBe(4)
  expect(await text(await transaction.copyOut('COPY copied TO STDOUT (FORMAT csv)'))).toBe('1,one\n2,"tw""o"\n3,\n4,""\n')
  expect(await text(await transaction.copyOut('COPY (SELECT 1 WHERE false) TO STDOUT'))).toBe('')
  await transaction.rollback()
  expect(await server.query(`SELECT to_regclass('copied') AS t`)).toEqual([{ t: null }])
})

test('many rows go through untouched', async () => {
  const database = open()
  const transaction = await begin(database)
  await transaction.script(
    'CREATE TABLE many AS SELECT i, md5(i::text) AS name FROM generate_series(1, 300000) i; CREATE TABLE others (LIKE many)',
  )
  const bytes = await transaction.copyOut('COPY many TO STDOUT (FORMAT binary)')
  const all = await buffer(bytes)
  expect(await transaction.copyIn('COPY others FROM STDIN (FORMAT binary)', Readable.from([all]))).toBe(300_000)
  const { rows } = await transaction.query('SELECT count(*), (SELECT count(*) FROM (TABLE many EXCEPT TABLE others) x) FROM others')
  expect(rows).toEqual([['300000', '0']])
  await transaction.rollback()
})

test('whoever writes waits for a server that takes no more rows', async () => {
  const [writing, holding] = [await begin(open()), await begin(open())]
  await writing.script(`
    CREATE TABLE slow (line text);
    CREATE FUNCTION pg_temp.wait() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_advisory_xact_lock_shared(75); RETURN NULL; END';
    CREATE TRIGGER wait BEFORE INSERT ON slow FOR EACH ROW EXECUTE FUNCTION pg_temp.wait()`)
  await holding.query('SELECT pg_advisory_xact_lock(75)')
  let sent = 0
  const line = `${'x'.repeat(65_535)}\n`
  const lines = function* () {
    for (; sent < LINES; sent++) yield line
  }
  const copying = writing.copyIn('COPY slow FROM STDIN', Readable.from(lines()))
  let before = -1
  // Until nothing is taken any more: what the sockets hold is full.
  while (sent === 0 || sent !== before) {
    before = sent
    await delay(200)
  }
  expect(sent).toBeLessThan(LINES / 2)
  await holding.rollback()
  expect(await copying).toBe(0)
  expect(sent).toBe(LINES)
  await writing.rollback()
})

/** Of 64 KiB each: far more than what the sockets of both sides hold. */
const LINES = 1000

test('bytes that end with an error are not taken, and the session goes on', async () => {
  const transaction = await begin(open())
  await transaction.script('CREATE TABLE half (id int)')
  async function* broken() {
    yield '1\n'
    throw new Error('the sender broke')
  }
  await expect(transaction.copyIn('COPY half FROM STDIN', Readable.from(broken()))).rejects.toThrow('the sender broke')
  await expect(transaction.query('SELECT 1')).rejects.toThrow(/aborted/)
  await expect(transaction.commit()).rejects.toMatchObject({ code: 'DATABASE_FAILED' })
  expect(await server.query(`SELECT to_regclass('half') AS t`)).toEqual([{ t: null }])
})

test('a copy that the server refuses ends the bytes, with the row and the column', async () => {
  const transaction = await begin(open())
  await transaction.script('CREATE TABLE numbers (id int PRIMARY KEY)')
  const endless = Readable.from(
    (async function* () {
      for (let i = 0; ; i++) {
        if (i % 1000 === 0) await setImmediate()
        yield `${i === 100_000 ? 'x' : i}\n`
      }
    })(),
  )
  await expect(transaction.copyIn('COPY numbers FROM STDIN', endless)).rejects.toMatchObject({
    code: 'BAD_ROW',
    message: expect.stringContaining('COPY numbers, line 100001, column id: "x"'),
  })
  expect(endless.destroyed).toBe(true)
  await transaction.rollback()
})

test('a copy from or to a table that is missing says so', async () => {
  const session = await open().session(NEVER)
  await expect(session.copyIn('COPY nowhere FROM STDIN', Readable.from(['1\n']))).rejects.toMatchObject({ code: 'TABLE_NOT_FOUND' })
  await expect(session.copyOut('COPY nowhere TO STDOUT')).rejects.toMatchObject({ code: 'TABLE_NOT_FOUND' })
  expect((await session.query('SELECT 1')).rows).toEqual([['1']])
  await session.close()
})

test('an error amid the rows is never an end of them', async () => {
  const session = await open().session(NEVER)
  const bytes = await session.copyOut('COPY (SELECT 1 / (200000 - i) FROM generate_series(1, 300000) i) TO STDOUT')
  await expect(text(bytes)).rejects.toMatchObject({ code: 'BAD_ROW', message: expect.stringContaining('division by zero') })
  expect((await session.query('SELECT 1')).rows).toEqual([['1']])
  await session.close()
})

test('a connection that is lost amid the rows is never an end of them', async () => {
  const session = await open().session(NEVER)
  const pid = (await session.query('SELECT pg_backend_pid()')).rows[0]?.[0]
  const bytes = await session.copyOut('COPY (SELECT repeat(i::text, 100) FROM generate_series(1, 10000000) i) TO STDOUT')
  const read = expect(text(bytes)).rejects.toMatchObject({ code: 'DATABASE_UNREACHABLE' })
  await server.query('SELECT pg_terminate_backend($1)', [pid])
  await read
  await expect(session.query('SELECT 1')).rejects.toMatchObject({ code: 'DATABASE_UNREACHABLE' })
  await session.close()
})

test('whoever reads no further ends the statement at the server', async () => {
  const session = await open().session(NEVER)
  const bytes = await session.copyOut('COPY (SELECT repeat(i::text, 100) FROM generate_series(1, 10000000) i) TO STDOUT')
  await once(bytes, 'readable')
  bytes.destroy()
  await session.close()
})

test('an abort ends what a statement waits for, and sends no further one', async () => {
  const database = open()
  const controller = new AbortController()
  const [sleeper, copier] = [await begin(database, controller.signal), await database.session(controller.signal)]
  const ended = Promise.all([
    expect(sleeper.script('SELECT pg_sleep(600)')).rejects.toMatchObject({ code: 'CANCELLED' }),
    expect(copier.copyIn(`COPY ${table} (id) FROM STDIN`, new Readable({ read: () => undefined }))).rejects.toMatchObject({
      code: 'CANCELLED',
    }),
  ])
  await vi.waitFor(async () => {
    expect(
      await server.query(
        `SELECT query FROM pg_stat_activity WHERE datname = $1 AND wait_event IN ('PgSleep', 'ClientRead') AND state = 'active'`,
        [server.name],
      ),
    ).toHaveLength(2)
  })
  controller.abort(new Error('stop'))
  await ended
  await expect(sleeper.query('SELECT 1')).rejects.toMatchObject({ code: 'CANCELLED' })
  await sleeper.rollback()
  await copier.close()
})

test('an abort ends rows on their way out', async () => {
  const controller = new AbortController()
  const session = await open().session(controller.signal)
  const bytes = await session.copyOut('COPY (SELECT repeat(i::text, 100) FROM generate_series(1, 10000000) i) TO STDOUT')
  const read = expect(text(bytes)).rejects.toMatchObject({ code: 'CANCELLED' })
  controller.abort()
  await read
  await session.close()
})

test('all sessions of a snapshot see the same rows', async () => {
  await server.query('CREATE TABLE seen AS SELECT 1 AS id')
  const snapshot = await open().snapshot(NEVER)
  await server.query('INSERT INTO seen VALUES (2)')
  const [one, two] = [await snapshot.open(), await snapshot.open()]
  expect((await one.query('SELECT id FROM seen')).rows).toEqual([['1']])
  expect(await text(await two.copyOut('COPY seen TO STDOUT'))).toBe('1\n')
  await expect(one.query('INSERT INTO seen VALUES (3)')).rejects.toMatchObject({ code: 'DATABASE_FAILED' })
  await one.close()
  await two.close()
  await snapshot.close()
})

test('a transaction commits with its token', async () => {
  const database = open()
  const token: CommitToken = { id: 'committed', run: 'run', subFlow: 'load', frame: '', table }
  const transaction = await database.begin(token, NEVER)
  await transaction.script('CREATE TABLE kept (id int)')
  await transaction.checkConstraints()
  await transaction.commit()
  await transaction.rollback()
  expect(await database.hasCommitted(token)).toBe(true)
  expect(await database.hasCommitted({ ...token, id: 'other' })).toBe(false)
  expect(await server.query(`SELECT to_regclass('kept')::text AS t`)).toEqual([{ t: 'kept' }])
})

test('a constraint that is checked late is checked before the commit', async () => {
  await server.query('CREATE TABLE parents (id int PRIMARY KEY)')
  await server.query('CREATE TABLE children (id int, parent int REFERENCES parents DEFERRABLE INITIALLY DEFERRED)')
  const transaction = await begin(open())
  await transaction.script('INSERT INTO children VALUES (1, 42)')
  await expect(transaction.checkConstraints()).rejects.toMatchObject({
    code: 'CONSTRAINT_VIOLATED',
    message: expect.stringContaining('Key (parent)=(42) is not present in table "parents"'),
  })
  await transaction.rollback()
})

test('whoever cannot log in is told why', async () => {
  const error = async (changes: Partial<ConnectionSpec>) => {
    const failure = await open(changes)
      .session(NEVER)
      .catch((reason: unknown) => reason)
    expect(JSON.stringify(failure) + String(failure)).not.toContain('geheim')
    return failure
  }
  expect(await error({ port: 1 })).toMatchObject({ code: 'DATABASE_UNREACHABLE', hint: expect.stringContaining('127.0.0.1, port 1') })
  expect(await error({ host: 'nowhere.invalid' })).toMatchObject({ code: 'DATABASE_UNREACHABLE' })
  expect(await error({ password: 'geheim' })).toMatchObject({
    code: 'DATABASE_REFUSED',
    hint: 'check the user, postgres, and the password',
  })
  expect(await error({ password: undefined })).toMatchObject({ code: 'DATABASE_REFUSED', hint: expect.stringContaining('password:') })
  expect(await error({ database: 'nowhere' })).toMatchObject({
    code: 'DATABASE_REFUSED',
    message: expect.stringContaining('"nowhere" does not exist'),
  })
  expect(await error({ ssl: true })).toMatchObject({ code: 'DATABASE_REFUSED', message: expect.stringContaining('does not support SSL') })
  expect(await error({ options: { nonsense: '1' } })).toMatchObject({
    code: 'DATABASE_REFUSED',
    hint: 'check the options of the connection',
  })
})

test('a statement that fails says where', async () => {
  const session = await open().session(NEVER)
  await expect(session.query('SELECT 1,\n  nam FROM pg_class')).rejects.toMatchObject({
    code: 'SQL_INVALID',
    message: `${open().label}: column "nam" does not exist. Line 2 of the statement: nam FROM pg_class.`,
  })
  await session.close()
})
