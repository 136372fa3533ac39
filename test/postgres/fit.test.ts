import { beforeAll, expect, test } from 'vitest'
import { BuiltProject, complete, fail, moveFlow, writeFlow } from './flow.js'
import { createDatabase, type TestDatabase } from './server.js'

let database: TestDatabase

beforeAll(async () => {
  database = await createDatabase()
})

/** Type of the column, type of the value, values that do not fit. */
const MISFITS: readonly (readonly [string, string, readonly string[]])[] = [
  ['numeric(6,2)', 'VARCHAR', ['1.005', '9.999', '1e-3', '0x10']],
  ['numeric(6,2)', 'DOUBLE', ['1.239', '1e300']],
  ['numeric(6,2)', 'DECIMAL(10,3)', ['1.239']],
  ['numeric(50,3)', 'VARCHAR', ['1.0005']],
  ['numeric(5,-2)', 'INTEGER', ['1234']],
  ['integer', 'DOUBLE', ['1.5']],
  ['integer', 'VARCHAR', ['1.5', '0x1F', '1_000']],
  ['real', 'DOUBLE', ['0.123456789', '123456789']],
  ['real', 'BIGINT', ['16777217']],
  ['double precision', 'BIGINT', ['9007199254740993', '9223372036854775807']],
  ['date', 'TIMESTAMP', ['2026-01-02 23:30:00']],
  ['date', 'VARCHAR', ['01.02.2026', 'today', '2026-01-02 23:30:00', '20260102']],
  ['date', 'INTEGER', ['20260102']],
  ['timestamp', 'VARCHAR', ['2026-01-02 10:00:00+02', 'now', '2026-01-02 10:00:00.1234567']],
  ['timestamp', 'TIMESTAMP_NS', ['2026-01-02 10:00:00.123456789']],
  ['timestamp(0)', 'TIMESTAMP', ['2026-01-02 10:00:00.5']],
  ['timestamptz', 'VARCHAR', ['yesterday', '02.01.2026 10:00:00+00']],
  ['time(0)', 'TIME', ['10:00:00.5']],
  ['char(3)', 'VARCHAR', ['abcd', 'abc  ']],
  ['varchar(3)', 'VARCHAR', ['abcd', 'abc ']],
  ['numeric(6,2)[]', 'DOUBLE[]', ['[1.5, 1.239]']],
  ['money', 'VARCHAR', ['1.005']],
]

test.each(MISFITS)('a column %s refuses what it does not hold of %s, with the value and the row', async (to, from, values) => {
  await database.query(`DROP TABLE IF EXISTS fit; CREATE TABLE fit (id int, x ${to})`)
  const project = new BuiltProject()
  for (const value of values) {
    const rows = ['', value].map((each, id) => ({ id, x: id === 0 ? null : each }))
    const error = await fail(project, castFlow(rows, from, 'fit'))
    expect(error.code, value).toBe('BAD_ROW')
    expect(error.message).toMatch(/^Column "x": ".*" does not fit the type .* of the table\. The row is: \{"id":1,"x":/)
    expect(error.hint).toContain('nothing is rounded')
  }
  expect(await database.query('SELECT * FROM fit')).toEqual([])
})

/** Type of the column, type of the value, a value, and what the table has then. */
const FITS: readonly (readonly [string, string, string, string])[] = [
  ['numeric(6,2)', 'VARCHAR', ' 1.5000', '1.50'],
  ['numeric(6,2)', 'VARCHAR', '1e3', '1000.00'],
  ['numeric(6,2)', 'DOUBLE', '0.1', '0.10'],
  ['numeric(6,2)', 'DOUBLE', 'nan', 'NaN'],
  ['numeric(6,2)', 'DECIMAL(10,3)', '1.230', '1.23'],
  ['numeric(5,-2)', 'INTEGER', '1200', '1200'],
  ['numeric', 'VARCHAR', '1.00000000000000000000000000000000000000000000001', '1.00000000000000000000000000000000000000000000001'],
  ['integer', 'DOUBLE', '3.0', '3'],
  ['integer', 'DECIMAL(10,2)', '3.00', '3'],
  ['integer', 'VARCHAR', '7', '7'],
  ['real', 'DOUBLE', '0.1', '0.1'],
  ['real', 'VARCHAR', '1e-3', '0.001'],
  ['double precision', 'BIGINT', '9007199254740992', '9.007199254740992e+15'],
  ['date', 'TIMESTAMP', '2026-01-02 00:00:00', '2026-01-02'],
  ['date', 'VARCHAR', '2026-01-02', '2026-01-02'],
  ['date', 'VARCHAR', 'infinity', 'infinity'],
  ['timestamp', 'VARCHAR', '2026-01-02T10:00:00.5', '2026-01-02 10:00:00.5'],
  ['timestamp(0)', 'TIMESTAMP', 'infinity', 'infinity'],
  ['timestamptz', 'VARCHAR', '2026-01-02 10:00:00+02', '2026-01-02 08:00:00+00'],
  ['timestamptz', 'VARCHAR', '2026-07-02 10:00', '2026-07-02 10:00:00+00'],
  ['timestamptz', 'TIMESTAMP', '2026-01-02 10:00:00', '2026-01-02 10:00:00+00'],
  ['time', 'VARCHAR', '10:00', '10:00:00'],
  ['char(3)', 'VARCHAR', 'ab', 'ab'],
  ['numeric(6,2)[]', 'DOUBLE[]', '[1.5, NULL]', '{1.50,NULL}'],
]

test('what a column holds as it is goes in, whatever its type', async () => {
  await database.query(`CREATE TABLE fits (id int, ${FITS.map(([type], i) => `c${i} ${type}`).join(', ')})`)
  const project = new BuiltProject()
  const row = Object.fromEntries(FITS.map(([, , value], i) => [`c${i}`, value]))
  const items = FITS.map(([, type], i) => `CAST(c${i} AS ${type}) AS c${i}`).join(', ')
  const mod = ['sql_mod', { sql: `SELECT id, ${items} FROM input` }] as const
  await complete(project, between(writeFlow(database, textRows([{ id: 1, ...row }]), { table: 'fits' }), mod))
  const found = await database.query(`SELECT ${FITS.map((_, i) => `c${i}::text COLLATE "C" AS c${i}`).join(', ')} FROM fits`)
  expect(found).toEqual([Object.fromEntries(FITS.map(([, , , text], i) => [`c${i}`, text]))])
})

test.each([
  ['timestamptz', 'timestamp', 'time zone'],
  ['timestamptz', 'date', 'time zone'],
  ['timestamp', 'time', 'date'],
])('%s into %s is refused before a row is read: the %s would be lost', async (from, to, lost) => {
  await database.query(`DROP TABLE IF EXISTS part, whole; CREATE TABLE part (x ${to}); CREATE TABLE whole (x ${from})`)
  const error = await fail(new BuiltProject(), moveFlow(database, { table: 'whole' }, { table: 'part' }))
  expect(error).toMatchObject({ code: 'SCHEMA_MISMATCH', message: expect.stringContaining(`the ${lost} of each`) })
  expect(error.hint).toContain('select_mod')
})

test('rows between two tables are looked at too where the second one holds less', async () => {
  await database.query(`CREATE TABLE wide (n numeric, d numeric(10,3), t text, stamp timestamp);
    CREATE TABLE narrow (n numeric(6,2), d numeric(6,2), t varchar(3), stamp timestamp(0));
    INSERT INTO wide VALUES (1.5, 2.250, 'abc', '2026-01-01 10:00')`)
  const project = new BuiltProject()
  await complete(project, moveFlow(database, { table: 'wide' }, { table: 'narrow' }))
  for (const [column, value] of Object.entries({ n: '1.005', d: '1.239', t: `'abc '`, stamp: `'2026-01-01 10:00:00.5'` })) {
    await database.query(`TRUNCATE wide; INSERT INTO wide (${column}) VALUES (${value})`)
    const error = await fail(project, moveFlow(database, { table: 'wide' }, { table: 'narrow' }))
    expect(error).toMatchObject({ code: 'BAD_ROW', message: expect.stringContaining(`Column "${column}": `) })
  }
  expect(await database.query('SELECT n::text, d::text, t FROM narrow')).toEqual([{ n: '1.50', d: '2.25', t: 'abc' }])
})

test.each(['upsert', 'overwrite'])('mode %s keeps the table as it is when a value does not fit', async (mode) => {
  await database.query('DROP TABLE IF EXISTS kept; CREATE TABLE kept (id int PRIMARY KEY, x numeric(6,2)); INSERT INTO kept VALUES (1, 1)')
  const keys = mode === 'upsert' ? { keys: ['id'] } : {}
  const error = await fail(new BuiltProject(), writeFlow(database, [{ id: 1, x: 1.239 }], { table: 'kept', mode, ...keys }))
  expect(error.code).toBe('BAD_ROW')
  expect(await database.query('SELECT id, x::text FROM kept')).toEqual([{ id: 1, x: '1.00' }])
})

function textRows(rows: readonly object[]) {
  const [first = {}] = rows
  return { rows, columns: Object.fromEntries(Object.keys(first).map((name) => [name, name === 'id' ? 'INTEGER' : 'VARCHAR'])) }
}

function castFlow(rows: readonly object[], type: string, table: string) {
  const mod = ['sql_mod', { sql: `SELECT id, CAST(x AS ${type}) AS x FROM input` }] as const
  return between(writeFlow(database, textRows(rows), { table }), mod)
}

/** A flow of two nodes with a third one between them. */
function between(flow: ReturnType<typeof writeFlow>, mod: readonly [string, object]): ReturnType<typeof writeFlow> {
  return { ...flow, modules: { ...flow.modules, mod: [mod[0], mod[1]] }, data: ['rows.data - mod.input', 'mod.output - write.input'] }
}
