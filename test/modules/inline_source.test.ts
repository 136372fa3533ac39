import path from 'node:path'
import { expect, test } from 'vitest'
import { buildFlow } from '../../src/build/build.js'
import { runJob } from '../../src/run/run.js'
import { createProject } from '../cli/pype-project.js'
import { ModuleProject } from './module-flow.js'

const kinds = (names: readonly string[]) =>
  ['sql_mod', { sql: `SELECT ${names.map((name) => `typeof(${name}) AS ${name}`).join(', ')} FROM input LIMIT 1` }] as const

test('inline_source gives the rows of the flow with inferred or declared types', async () => {
  const project = new ModuleProject()
  const rows = [
    { i: 1, d: 1, b: true, s: '', j: { a: [1] } },
    { d: 0.5, s: "it's" },
    { i: 9007199254740991, d: null, n: null },
  ]
  const declared = {
    rows: [{ m: '1.50', t: '2026-02-03', l: [1, 2], u: 'ü' }, { m: 2 }],
    columns: { u: 'VARCHAR', m: 'DECIMAL(10,2)', t: 'DATE', l: 'INTEGER[]' },
  }
  const found = await project.runCases({
    plain: { module: 'inline_source', configs: { rows }, message: '{{plain__row_count}} rows' },
    plainKinds: { module: 'inline_source', configs: { rows }, after: [kinds(['i', 'd', 'b', 's', 'j', 'n'])] },
    declared: { module: 'inline_source', configs: declared },
    declaredKinds: { module: 'inline_source', configs: declared, after: [kinds(['u', 'm', 't', 'l'])] },
    none: { module: 'inline_source', configs: { rows: [], columns: { a: 'INTEGER' } }, message: '{{none__row_count}} rows' },
    nothing: { module: 'inline_source', configs: { rows: [] } },
    mixed: { module: 'inline_source', configs: { rows: [{ a: 1 }, { a: 'x' }] } },
    unknown: { module: 'inline_source', configs: { rows: [{ a: 1, b: 2 }], columns: { a: 'INTEGER' } } },
    misfit: { module: 'inline_source', configs: { rows: [{ a: 1 }, { a: 1.5 }], columns: { a: 'INTEGER' } } },
  })
  expect(found.plain.rows).toEqual([
    { i: 1, d: 1, b: true, s: '', j: { a: [1] }, n: null },
    { i: null, d: 0.5, b: null, s: "it's", j: null, n: null },
    { i: 9007199254740991, d: null, b: null, s: null, j: null, n: null },
  ])
  expect(found.plain.message).toBe('3 rows')
  expect(found.plainKinds.rows).toEqual([{ i: 'BIGINT', d: 'DOUBLE', b: 'BOOLEAN', s: 'VARCHAR', j: 'JSON', n: 'VARCHAR' }])
  expect(found.declared.rows).toEqual([
    { u: 'ü', m: 1.5, t: '2026-02-03', l: [1, 2] },
    { u: null, m: 2, t: null, l: null },
  ])
  expect(found.declaredKinds.rows).toEqual([{ u: 'VARCHAR', m: 'DECIMAL(10,2)', t: 'DATE', l: 'INTEGER[]' }])
  expect(found.none).toMatchObject({ rows: [], message: '0 rows' })
  expect(found.nothing.error).toMatchObject({ code: 'CONFIG_INVALID', hint: 'give columns with their types' })
  expect(found.mixed.error).toMatchObject({ code: 'CONFIG_INVALID', message: expect.stringContaining('"a" have different types') })
  expect(found.unknown.error).toMatchObject({ code: 'SCHEMA_MISMATCH', message: 'A row has the column "b"; declared are a.' })
  expect(found.misfit.error).toMatchObject({ code: 'BAD_ROW', message: `Column "a": '1.5' is no INTEGER. The row is: {"a":"1.5"}` })
})

test('a type that does not exist is named with the nearest one', async () => {
  const project = new ModuleProject({ 'a.csv': 'a\n1\n' })
  const found = await project.runCases({
    inline: { module: 'inline_source', configs: { rows: [{ a: 1 }], columns: { a: 'BIGIMT' } } },
    csv: { module: 'csv_source', configs: { file_path: 'a.csv', columns: { a: 'TXT' } } },
  })
  expect(found.inline.error).toMatchObject({ code: 'SQL_INVALID', message: 'There is no type BIGIMT.', hint: 'did you mean "BIGINT"?' })
  expect(found.csv.error).toMatchObject({ message: 'There is no type TXT.', hint: expect.stringContaining('types are: VARCHAR, INTEGER') })
})

test('a row that lacks a column has no value there, whatever the column is called', async () => {
  const project = new ModuleProject()
  const rows: readonly object[] = [{ a: 1, constructor: 'x', valueOf: 2 }, { a: 2 }]
  const found = await project.runCases({ rows: { module: 'inline_source', configs: { rows } } })
  expect(found.rows.rows).toEqual([
    { a: 1, constructor: 'x', valueOf: 2 },
    { a: 2, constructor: null, valueOf: null },
  ])
})

test('numbers of columns with a type keep all of their digits, and what is written in a column of texts', async () => {
  const types = { big: 'BIGINT', huge: 'HUGEINT', money: '"DECIMAL(20,2)"', hex: 'BIGINT', near: 'DOUBLE', zip: 'VARCHAR', version: 'text' }
  const project = createProject({
    'exact.yaml': `flow: { name: exact, version: 1.0.0, authors: [me], created: "2026-01-01" }
modules:
  - id: rows
    name: inline_source
    configs:
      columns: { ${Object.entries(types)
        .map(([name, type]) => `${name}: ${type}`)
        .join(', ')} }
      rows:
        - { big: 9007199254740993, huge: 170141183460469231731687303715884105727, money: 12345678901234567.89, hex: 0x20000000000001, near: .inf, zip: 01234, version: 1.10 }
        - { big: -9007199254740993, huge: 0, money: +2.50, hex: 0x1f, near: 1e3, zip: 7, version: "1" }
  - { id: out, name: csv_sink, configs: { output_path: out.csv } }
connections: { data: [rows.data - out.input], control: [] }
`,
  })
  const { job } = await buildFlow(path.join(project.folder, 'exact.yaml'), { out: path.join(project.folder, 'jobs') })
  const summary = await runJob(job, { cwd: project.folder, env: {}, log: { level: 'info', destinations: [] } })
  expect(summary.errors).toEqual([])
  expect(project.read('out.csv').split('\n')).toEqual([
    'big,huge,money,hex,near,zip,version',
    '9007199254740993,170141183460469231731687303715884105727,12345678901234567.89,9007199254740993,inf,01234,1.10',
    '-9007199254740993,0,2.50,31,1000.0,7,1',
    '',
  ])
})
