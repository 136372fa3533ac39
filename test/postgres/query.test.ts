import { beforeAll, expect, test } from 'vitest'
import { endsTransaction, splitStatements } from '../../modules/_postgres-statements.js'
import { BuiltProject, complete, fail } from './flow.js'
import { createDatabase, type TestDatabase } from './server.js'

let database: TestDatabase

beforeAll(async () => {
  database = await createDatabase()
})

const query = (configs: object, message = 'done') => ({
  modules: { ask: ['postgres_query', { connection: database.url, ...configs }], say: ['log', { message }] } as const,
  control: ['ask (1|) say'],
})

test('statements run in order, and the first row of the last one is published', async () => {
  await database.query('CREATE TABLE t (id int, note text)')
  const project = new BuiltProject()
  const log = await complete(
    project,
    query(
      {
        sql: `INSERT INTO t VALUES (1, 'a;b'), (2, $$;$$); -- two; rows
          UPDATE t SET note = note || {{flow.name}};
          SELECT max(id) AS top, count(*) AS "N", bool_and(true) AS ok, 1.10::numeric(5,2) AS exact, NULL::text AS nothing, DATE '2026-01-02' AS day FROM t;`,
      },
      '{{ask__top}} {{ask__n}} {{ask__ok}} {{ask__exact}} {{ask__day}} {{ask__row_count}}',
    ),
  )
  expect(log).toContain('2 2 true 1.10 2026-01-02 1')
  expect(await database.query('SELECT note FROM t ORDER BY id')).toEqual([
    { note: expect.stringMatching(/^a;bflow/) },
    { note: expect.stringMatching(/^;flow/) },
  ])
})

test('a number without a precision is compared as a number, and keeps its digits', async () => {
  const project = new BuiltProject()
  const sql = `SELECT 9::numeric AS nine, 10.50::numeric AS more, repeat('9', 40)::numeric AS big, 'NaN'::numeric AS odd, NULL::numeric AS no, sum(x) AS total
    FROM (VALUES (0.1), (-0.25)) AS t (x)`
  const log = await complete(project, {
    modules: {
      ask: ['postgres_query', { connection: database.url, sql }],
      say: ['log', { message: '{{ask__nine}} {{ask__more}} {{ask__big}} {{ask__odd}} {{ask__total}}' }],
      less: ['log', { message: 'nine is less' }],
    },
    control: [
      'ask (1|) say',
      'ask (2|{{ask__nine}} < {{ask__more}} AND {{ask__nine}} < 10 AND {{ask__total}} < 0 AND {{ask__no}} IS NULL) less',
    ],
  })
  expect(log).toContain(`9 10.50 ${'9'.repeat(40)} NaN -0.15`)
  expect(log).toContain('nine is less')
})

test('without a row, the columns are NULL; a misspelt one is told with those that there are', async () => {
  const project = new BuiltProject()
  const log = await complete(project, {
    modules: {
      ask: ['postgres_query', { connection: database.url, sql: 'SELECT 1 AS highest, now() AS at WHERE FALSE' }],
      say: ['log', { message: 'there is none' }],
    },
    control: ['ask (1|{{ask__highest}} IS NULL AND {{ask__at}} IS NULL AND {{ask__row_count}} = 0) say'],
  })
  expect(log).toContain('there is none')
  const error = await fail(project, query({ sql: 'SELECT 1 AS highest, 2 AS lowest' }, '{{ask__higest}}'))
  expect(error).toMatchObject({ code: 'TEMPLATE_VALUE', hint: 'did you mean "highest"? it publishes highest, lowest, row_count' })
})

test('a value of a flow cannot break out of its place', async () => {
  const project = new BuiltProject()
  const nasty = `'; DROP TABLE t; -- "\\`
  const log = await complete(project, {
    modules: {
      set: ['set_global', { values: { text: nasty, big: '{{run.date}}' } }],
      ask: [
        'postgres_query',
        {
          connection: database.url,
          sql: 'SELECT {{set__text}} AS a, $1 AS b, {{set__big}} AS c, {{run.date}} + 1 AS d',
          params: ['{{set__text}}'],
        },
      ],
      say: ['log', { message: '{{ask__a}}|{{ask__b}}' }],
    },
    control: ['set (1|) ask', 'ask (1|) say'],
  })
  expect(log).toContain(`${nasty}|${nasty}`)
})

test('statements that fail undo those before them', async () => {
  await database.query('CREATE TABLE undone (id int PRIMARY KEY)')
  const project = new BuiltProject()
  expect(await fail(project, query({ sql: 'INSERT INTO undone VALUES (1); INSERT INTO undone VALUES (1)' }))).toMatchObject({
    code: 'CONSTRAINT_VIOLATED',
  })
  expect(await fail(project, query({ sql: 'INSERT INTO undone VALUES (1); SELECT {{run.date}}; /* now */ COMMIT' }))).toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringContaining('COMMIT'),
    hint: expect.stringContaining('transaction: false'),
  })
  expect(await fail(project, query({ sql: 'INSERT INTO undone VALUES (2); VACUUM undone' }))).toMatchObject({
    message: expect.stringMatching(/^Statement 2 of 2 \(VACUUM undone\): .*VACUUM cannot run inside a transaction block/),
    hint: expect.stringContaining('transaction: false'),
  })
  expect(await fail(project, query({ sql: `SELECT 1 / 0` }))).toMatchObject({
    code: 'BAD_ROW',
    hint: 'mend the value in the statement, or in the rows that it reads',
  })
  expect(await database.query('SELECT * FROM undone')).toEqual([])
})

test.each([
  [{ sql: 'SELECT 1; COMMIT' }, /"COMMIT" would end the transaction/],
  [{ sql: 'SELECT 1; /* a /* b */ c */ COMMIT' }, /COMMIT" would end the transaction/],
  [{ sql: 'SELECT $1; SELECT 2', params: ['{{run.date}}'] }, /params go with one statement, and sql has 2/],
])('what a text of statements cannot do is told by the build: %o', async (configs, message) => {
  await expect(new BuiltProject().run(query(configs))).rejects.toThrow(message)
})

test('statements that cannot stand in a transaction run by themselves', async () => {
  await database.query('CREATE TABLE alone (id int)')
  const project = new BuiltProject()
  await complete(
    project,
    query({ transaction: false, sql: 'INSERT INTO alone VALUES (1); VACUUM alone; CREATE INDEX CONCURRENTLY ON alone (id)' }),
  )
  expect(await database.query('SELECT * FROM alone')).toEqual([{ id: 1 }])
})

test('a sub flow deletes and writes in one transaction', async () => {
  await database.query(`CREATE TABLE days (day date, n int CHECK (n > 0)); INSERT INTO days VALUES ('2026-01-01', 1), ('2026-01-02', 2)`)
  const project = new BuiltProject()
  expect(await fail(project, query({ sql: `DELETE FROM days; INSERT INTO days VALUES ('2026-01-03', 0)` }))).toMatchObject({
    code: 'CONSTRAINT_VIOLATED',
  })
  expect(await database.query('SELECT count(*)::int AS n FROM days')).toEqual([{ n: 2 }])
})

test.each([
  ['a; b ;;\n; c', ['a', 'b', 'c']],
  [`SELECT ';' || "x;y" || $$;$$ || $a$;$$;$a$ || E'\\';' -- ;\n; /* ; /* ; */ ; */ SELECT 2`, 2],
  ['-- only a comment', []],
  ['CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END; SELECT 3', 2],
  [`CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1; SELECT 2'; BEGIN; END`, 3],
  ['SELECT a$1;SELECT $1', 2],
])('statements are told apart: %s', (text, expected) => {
  const found = splitStatements(text)
  expect(typeof expected === 'number' ? found.length : found.map((statement) => statement.text)).toEqual(expected)
})

test.each([
  ['COMMIT', true],
  ['-- done\n/* a /* b */ c */ COMMIT', true],
  ['Start /* a */ Transaction', true],
  ['ROLLBACK AND CHAIN', true],
  ['ROLLBACK WORK', true],
  ['rollback/* only */to half', false],
  ['ROLLBACK TRANSACTION TO SAVEPOINT half', false],
  ['/* COMMIT */ SELECT 1', false],
  ['"commit"', false],
  ['CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; END', false],
])('a statement that begins or ends a transaction is known: %s', (text, expected) => {
  expect(splitStatements(text).map(endsTransaction)).toEqual([expected])
})
