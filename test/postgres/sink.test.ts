import { beforeAll, expect, test } from 'vitest'
import { BuiltProject, complete, fail, moveFlow, writeFlow } from './flow.js'
import { createDatabase, type TestDatabase } from './server.js'

let database: TestDatabase

beforeAll(async () => {
  database = await createDatabase()
})

const rows = (table: string) => database.query(`SELECT * FROM ${table} ORDER BY 1`)

test('columns match by name; those that the rows lack get their defaults', async () => {
  await database.query(`CREATE TABLE matched (
    "Straße" text, id bigint GENERATED ALWAYS AS IDENTITY, "say ""hi""" int, made int DEFAULT 7, twice int GENERATED ALWAYS AS (2 * made) STORED, gone int)`)
  await database.query('ALTER TABLE matched DROP COLUMN gone')
  const project = new BuiltProject()
  const input = [{ 'say "hi"': 1, STRASSE: null, id: 42 }].map(({ STRASSE, ...row }) => ({ ...row, Straße: STRASSE ?? '' }))
  await complete(project, writeFlow(database, input, { table: 'matched' }))
  await complete(project, writeFlow(database, [{ Straße: null }], { table: 'matched' }))
  expect(await database.query('SELECT * FROM matched ORDER BY "say ""hi"""')).toEqual([
    { Straße: '', id: '42', 'say "hi"': 1, made: 7, twice: 14 },
    { Straße: null, id: '1', 'say "hi"': null, made: 7, twice: 14 },
  ])
})

test('NULL and the empty text stay apart, also in a single column', async () => {
  await database.query('CREATE TABLE texts (x text)')
  const project = new BuiltProject()
  const values = [{ x: null }, { x: '' }, { x: '\\.' }, { x: 'NULL' }, { x: '"' }, { x: 'a\r\nb' }, { x: null }]
  await complete(project, writeFlow(database, { rows: values, columns: { x: 'VARCHAR' } }, { table: 'texts' }))
  await complete(project, moveFlow(database, { table: 'texts' }, { table: 'copies', create_table: true }, ['limit_mod', { limit: 100 }]))
  const found = async (table: string) => (await database.query(`SELECT x FROM ${table} ORDER BY x NULLS LAST`)).map(({ x }) => x)
  expect(await found('texts')).toEqual(['', '"', 'NULL', '\\.', 'a\r\nb', null, null])
  expect(await found('copies')).toEqual(await found('texts'))
})

test('names are those that are written, with schemas, blanks, quotes and upper case', async () => {
  await database.query(`CREATE SCHEMA "Größe 1"; CREATE TABLE "Größe 1"."a ""b"" c" ("Ä b" int)`)
  await database.query(`CREATE SCHEMA dotted; CREATE TABLE dotted."x.y" (a int); CREATE TABLE "UPPER" (a int)`)
  const project = new BuiltProject()
  await complete(project, writeFlow(database, [{ 'Ä b': 1 }], { table: 'Größe 1."a ""b"" c"' }))
  await complete(project, writeFlow(database, [{ a: 2 }], { table: 'dotted."x.y"' }))
  await complete(project, writeFlow(database, [{ a: 3 }], { table: 'UPPER' }))
  expect(await rows(`"Größe 1"."a ""b"" c"`)).toEqual([{ 'Ä b': 1 }])
  expect(await rows('dotted."x.y"')).toEqual([{ a: 2 }])
  expect(await rows('"UPPER"')).toEqual([{ a: 3 }])
  expect(await fail(project, writeFlow(database, [{ a: 1 }], { table: 'upper' }))).toMatchObject({
    code: 'TABLE_NOT_FOUND',
    hint: 'did you mean public."UPPER"?',
  })
})

test('append adds rows; overwrite replaces them, with the table as it is', async () => {
  await database.query(`CREATE TABLE kept (id int PRIMARY KEY, note text DEFAULT 'new'); INSERT INTO kept VALUES (1, 'old')`)
  await database.query('CREATE VIEW over_kept AS SELECT * FROM kept; GRANT SELECT ON kept TO PUBLIC')
  const project = new BuiltProject()
  await complete(project, writeFlow(database, [{ id: 2 }], { table: 'kept' }))
  expect(await rows('kept')).toEqual([
    { id: 1, note: 'old' },
    { id: 2, note: 'new' },
  ])
  await complete(project, writeFlow(database, [{ id: 1 }, { id: 3 }], { table: 'kept', mode: 'overwrite' }))
  expect(await rows('over_kept')).toEqual([
    { id: 1, note: 'new' },
    { id: 3, note: 'new' },
  ])
})

test('overwrite takes the place of rows that others refer to, of partitions, and of the rows that it reads itself', async () => {
  await database.query(`CREATE TABLE parent (id int PRIMARY KEY); INSERT INTO parent VALUES (1), (2)`)
  await database.query(`CREATE TABLE child (id int REFERENCES parent DEFERRABLE INITIALLY DEFERRED); INSERT INTO child VALUES (1)`)
  await database.query(`CREATE TABLE parts (id int, day date) PARTITION BY LIST (id);
    CREATE TABLE parts1 PARTITION OF parts FOR VALUES IN (1); CREATE TABLE parts2 PARTITION OF parts FOR VALUES IN (2); INSERT INTO parts VALUES (1, '2026-01-01')`)
  const project = new BuiltProject()
  await complete(project, writeFlow(database, [{ id: 1 }, { id: 5 }], { table: 'parent', mode: 'overwrite' }))
  expect(await rows('parent')).toEqual([{ id: 1 }, { id: 5 }])
  await complete(project, writeFlow(database, [{ id: 2 }], { table: 'parts', mode: 'overwrite' }))
  expect(await rows('parts')).toEqual([{ id: 2, day: null }])
  await complete(
    project,
    moveFlow(database, { table: 'parent' }, { table: 'parent', mode: 'overwrite' }, ['derive_mod', { columns: { id: 'id + 0' } }]),
  )
  await complete(project, moveFlow(database, { table: 'parent' }, { table: 'parent', mode: 'overwrite' }))
  expect(await rows('parent')).toEqual([{ id: 1 }, { id: 5 }])
  const refused = await fail(project, writeFlow(database, [{ id: 7 }], { table: 'parent', mode: 'overwrite' }))
  expect(refused).toMatchObject({
    code: 'CONSTRAINT_VIOLATED',
    message: expect.stringContaining('Key (id)=(1) is still referenced from table "child"'),
  })
  expect(await rows('parent')).toEqual([{ id: 1 }, { id: 5 }])
})

test('upsert updates rows with the same keys and adds the others', async () => {
  await database.query(`CREATE TABLE stock (shop int, item text, n int, seen int DEFAULT 0, PRIMARY KEY (shop, item))`)
  await database.query(`INSERT INTO stock VALUES (1, 'a', 1, 9), (1, 'b', 2, 9)`)
  const project = new BuiltProject()
  const input = [
    { item: 'b', shop: 1, n: 20 },
    { item: 'a', shop: 2, n: 30 },
  ]
  const log = await complete(project, {
    ...writeFlow(database, input, { table: 'stock', mode: 'upsert', keys: ['item', 'shop'] }),
    modules: {
      ...writeFlow(database, input, { table: 'stock', mode: 'upsert', keys: ['item', 'shop'] }).modules,
      say: ['log', { message: '{{write__row_count}} rows' }],
    },
    control: ['rows (1|) say'],
  })
  expect(log).toContain('2 rows')
  expect(await database.query('SELECT * FROM stock ORDER BY shop, item')).toEqual([
    { shop: 1, item: 'a', n: 1, seen: 9 },
    { shop: 1, item: 'b', n: 20, seen: 9 },
    { shop: 2, item: 'a', n: 30, seen: 0 },
  ])
  await complete(project, writeFlow(database, [{ shop: 3, item: 'c' }], { table: 'stock', mode: 'upsert', keys: ['item', 'shop'] }))
  await complete(project, writeFlow(database, [{ shop: 3, item: 'c' }], { table: 'stock', mode: 'upsert', keys: ['item', 'shop'] }))
  expect(await database.query('SELECT count(*)::int AS n FROM stock')).toEqual([{ n: 4 }])
})

test('tables with partitions, identities and computed columns are replaced and upserted too', async () => {
  await database.query(`CREATE TABLE odd (id bigint GENERATED ALWAYS AS IDENTITY, day date, n int, twice int GENERATED ALWAYS AS (2 * n) STORED, PRIMARY KEY (id, day))
    PARTITION BY RANGE (day); CREATE TABLE odd1 PARTITION OF odd FOR VALUES FROM ('2026-01-01') TO ('2026-02-01'); CREATE TABLE odd2 PARTITION OF odd DEFAULT`)
  const project = new BuiltProject()
  const write = (input: readonly object[], configs: object) =>
    complete(
      project,
      writeFlow(database, { rows: input, columns: { id: 'BIGINT', day: 'DATE', n: 'INTEGER' } }, { table: 'odd', ...configs }),
    )
  await write(
    [
      { id: 5, day: '2026-01-01', n: 1 },
      { id: 6, day: '2025-01-01', n: 2 },
    ],
    { mode: 'overwrite' },
  )
  await write(
    [
      { id: 5, day: '2026-01-01', n: 10 },
      { id: 7, day: '2024-01-01', n: 3 },
    ],
    { mode: 'upsert', keys: ['id', 'day'] },
  )
  expect(await database.query('SELECT id, n, twice FROM odd ORDER BY id')).toEqual([
    { id: '5', n: 10, twice: 20 },
    { id: '6', n: 2, twice: 4 },
    { id: '7', n: 3, twice: 6 },
  ])
})

test('an upsert refuses keys that come twice, that are NULL, and that no index has', async () => {
  await database.query(`CREATE TABLE keyed (id int UNIQUE, "Name" text); INSERT INTO keyed VALUES (1, 'old')`)
  const project = new BuiltProject()
  const upsert = (input: readonly object[], keys = ['id']) =>
    fail(project, writeFlow(database, input, { table: 'keyed', mode: 'upsert', keys }))
  const twice = await upsert([
    { id: 1, Name: 'a' },
    { id: 2, Name: 'b' },
    { id: 1, Name: 'c' },
  ])
  expect(twice).toMatchObject({ code: 'KEY_INVALID', message: 'Several rows have the same key: id = 1 (2 rows).' })
  expect(await upsert([{ id: 5 }, { id: 5 }])).toMatchObject({ code: 'KEY_INVALID', message: expect.stringContaining('id = 5 (2 rows)') })
  expect(await upsert([{ id: 3 }, { id: null }])).toMatchObject({
    code: 'KEY_INVALID',
    message: expect.stringMatching(/NULL in its key \(id\)(?!.*pype_[0-9a-f]{32})/),
  })
  expect(await upsert([{ id: 1, Name: 'x' }], ['Name'])).toMatchObject({
    code: 'SCHEMA_MISMATCH',
    hint: expect.stringContaining('CREATE UNIQUE INDEX'),
  })
  expect(await upsert([{ id: 1 }], ['Name'])).toMatchObject({ code: 'SCHEMA_MISMATCH', message: expect.stringContaining('Name') })
  expect(await rows('keyed')).toEqual([{ id: 1, Name: 'old' }])
})

test('a table is made for the rows when it is missing', async () => {
  const project = new BuiltProject()
  const columns = {
    id: 'BIGINT',
    'Ä "q"': 'DECIMAL(10,2)',
    tags: 'VARCHAR[]',
    at: 'TIMESTAMP WITH TIME ZONE',
    more: 'STRUCT(a INTEGER, b VARCHAR)',
  }
  const input = {
    rows: [{ id: 1, 'Ä "q"': '1.10', tags: ['a', null, '"'], at: '2026-01-02 03:04:05+00', more: { a: 1, b: 'x' } }],
    columns,
  }
  const configs = { table: 'made', mode: 'upsert', keys: ['id'], create_table: true }
  await complete(project, writeFlow(database, input, configs))
  await complete(project, writeFlow(database, input, configs))
  const types = await database.query(
    `SELECT attname, format_type(atttypid, atttypmod) AS type FROM pg_attribute WHERE attrelid = 'made'::regclass AND attnum > 0`,
  )
  expect(types.map(({ attname, type }) => `${attname} ${type}`)).toEqual([
    'id bigint',
    'Ä "q" numeric(10,2)',
    'tags text[]',
    'at timestamp with time zone',
    'more json',
  ])
  expect(await database.query(`SELECT tags, "Ä ""q""" AS q, more FROM made`)).toEqual([
    { tags: ['a', null, '"'], q: '1.10', more: { a: 1, b: 'x' } },
  ])
  expect(await fail(project, writeFlow(database, input, { table: 'made', mode: 'error_if_exists' }))).toMatchObject({
    code: 'TARGET_EXISTS',
  })
  await complete(project, writeFlow(database, [{ a: 1 }], { table: 'made2', mode: 'error_if_exists' }))
  expect(await rows('made2')).toEqual([{ a: '1' }])
})

test('rows go from table to table as they are where the engine would only pass them on', async () => {
  await database.query(`CREATE TABLE exact (id int PRIMARY KEY, n numeric(10,2)); INSERT INTO exact VALUES (1, 'NaN'), (2, 1.10)`)
  const project = new BuiltProject()
  await complete(project, moveFlow(database, { table: 'exact', columns: ['n', 'id'] }, { table: 'exact2', create_table: true }))
  expect(await database.query('SELECT * FROM exact2 ORDER BY id')).toEqual([
    { n: 'NaN', id: 1 },
    { n: '1.10', id: 2 },
  ])
  const refused = await fail(
    project,
    moveFlow(database, { table: 'exact' }, { table: 'exact2' }, ['sql_mod', { sql: 'SELECT * FROM input' }]),
  )
  expect(refused).toMatchObject({ code: 'BAD_ROW', message: expect.stringContaining('NaN') })
})

test('two sinks write the same rows of a source that gives others each time', async () => {
  await database.query('CREATE TABLE one (x float8); CREATE TABLE two (x float8)')
  const project = new BuiltProject()
  await complete(project, {
    modules: {
      read: ['postgres_source', { connection: database.url, query: 'SELECT random() AS x FROM generate_series(1, 1000); -- rows' }],
      one: ['postgres_sink', { connection: database.url, table: 'one' }],
      two: ['postgres_sink', { connection: database.url, table: 'two' }],
    },
    data: ['read.data - one.input', 'read.data - two.input'],
  })
  expect(await database.query('SELECT count(*)::int AS n FROM (TABLE one INTERSECT TABLE two) both_have')).toEqual([{ n: 1000 }])
})

test('what does not go with the table is refused before anything is written', async () => {
  await database.query('CREATE TABLE strict (id int NOT NULL, n int, twice int GENERATED ALWAYS AS (2 * n) STORED)')
  const project = new BuiltProject()
  const write = (input: readonly object[], configs: object = {}) =>
    fail(project, writeFlow(database, input, { table: 'strict', ...configs }))
  expect(await write([{ id: 1, other: 2 }])).toMatchObject({ code: 'SCHEMA_MISMATCH', message: expect.stringContaining('no column other') })
  expect(await write([{ n: 1 }])).toMatchObject({ code: 'SCHEMA_MISMATCH', message: expect.stringContaining('no column id') })
  expect(await write([{ id: 1, twice: 1 }])).toMatchObject({
    code: 'SCHEMA_MISMATCH',
    message: expect.stringContaining('computes twice itself'),
  })
  expect(await write([{ id: 'x' }])).toMatchObject({ code: 'BAD_ROW', message: expect.stringContaining('Column "id": "x"') })
  expect(await write([{ id: 1 }, { id: null }])).toMatchObject({ code: 'CONSTRAINT_VIOLATED', message: expect.stringContaining('"id"') })
  expect(await fail(project, writeFlow(database, [{ id: 1 }], { table: 'nowhere' }))).toMatchObject({
    code: 'TABLE_NOT_FOUND',
    hint: expect.stringContaining('create_table'),
  })
  expect(await rows('strict')).toEqual([])
})

test('a key that is violated half way leaves nothing of any sink', async () => {
  await database.query('CREATE TABLE first (id int); CREATE TABLE second (id int PRIMARY KEY)')
  const project = new BuiltProject()
  const error = await fail(project, {
    modules: {
      read: ['postgres_source', { connection: database.url, query: 'SELECT i % 50000 AS id FROM generate_series(1, 60000) i' }],
      first: ['postgres_sink', { connection: database.url, table: 'first' }],
      second: ['postgres_sink', { connection: database.url, table: 'second' }],
      file: ['csv_sink', { output_path: 'out.csv' }],
    },
    data: ['read.data - first.input', 'read.data - second.input', 'read.data - file.input'],
  })
  expect(error).toMatchObject({
    code: 'CONSTRAINT_VIOLATED',
    message: expect.stringContaining('Key (id)=(1) already exists'),
    hint: expect.stringContaining('upsert'),
  })
  expect(await rows('first')).toEqual([])
  expect(await rows('second')).toEqual([])
  expect(project.has('out.csv')).toBe(false)
})

test('a user with the rights that the page names writes in each mode', async () => {
  const user = `writer_${database.name}`
  await database.query(`CREATE TABLE granted (id int PRIMARY KEY, x int); CREATE ROLE ${user} LOGIN PASSWORD 'pw'`)
  await complete(new BuiltProject(), writeFlow(database, [{ id: 1, x: 1 }], { table: 'granted' }))
  await database.query(`REVOKE CREATE ON SCHEMA public FROM PUBLIC; REVOKE TEMPORARY ON DATABASE ${database.name} FROM PUBLIC`)
  await database.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON pype_commits TO ${user}`)
  const url = new URL(database.url)
  url.username = user
  url.password = 'pw'
  const write = (configs: object, id: number) =>
    writeFlow({ ...database, url: url.href }, [{ id, x: id }], { table: 'granted', ...configs })
  await database.query(`GRANT INSERT ON granted TO ${user}`)
  await complete(new BuiltProject(), write({}, 2))
  await database.query(`GRANT SELECT, UPDATE ON granted TO ${user}; GRANT TEMPORARY ON DATABASE ${database.name} TO ${user}`)
  await complete(new BuiltProject(), write({ mode: 'upsert', keys: ['id'] }, 3))
  await database.query(`REVOKE UPDATE ON granted FROM ${user}; GRANT DELETE ON granted TO ${user}`)
  await complete(new BuiltProject(), write({ mode: 'overwrite' }, 4))
  expect(await rows('granted')).toEqual([{ id: 4, x: 4 }])
})
