import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { Ajv } from 'ajv'
import { describe, expect, test } from 'vitest'
import { buildFlow, validateFlow } from '../../src/build/build.js'
import { DiagnosticsError } from '../../src/core/errors.js'
import { flowText } from './column-flow.js'
import { LockProject } from './lock-project.js'

const DAY_ONE = 'id,amount,day\n1,10,02.12.2026\n2,20,03.12.2026\n'

const SOURCE = ['csv_source', { file_path: 'rows.csv', date_format: '%d.%m.%Y' }] as const

const LOCKED = `{"schema_version": 1, "sources": {"rows": {"columns": [
  {"name": "id", "type": "BIGINT"}, {"name": "amount", "type": "BIGINT"}, {"name": "day", "type": "DATE", "format": "%d.%m.%Y"}
]}}}`

describe('locking', () => {
  test('writes names, types and formats; locking again changes nothing', async () => {
    const project = new LockProject(SOURCE, { 'rows.csv': DAY_ONE })
    expect(await project.lock()).toMatchObject({ changed: true, locked: ['rows'], left: [] })
    const text = project.read('test.schema.json')
    expect(text).toBe(`{
  "schema_version": 1,
  "sources": {
    "rows": {
      "columns": [
        { "name": "id", "type": "BIGINT" },
        { "name": "amount", "type": "BIGINT" },
        { "name": "day", "type": "DATE", "format": "%d.%m.%Y" }
      ]
    }
  }
}
`)
    const schema = JSON.parse(readFileSync(new URL('../../schema/lock.schema.json', import.meta.url), 'utf8'))
    expect(new Ajv({ strict: false }).validate(schema, JSON.parse(text))).toBe(true)
    expect(await project.lock()).toMatchObject({ changed: false })
  })

  test('keeps what was locked of a file that is gone, and says so; nothing to lock writes nothing', async () => {
    const project = new LockProject(SOURCE, { 'rows.csv': DAY_ONE })
    await project.lock()
    const text = project.read('test.schema.json')
    project.configure(['csv_source', { file_path: 'gone.csv', date_format: '%d.%m.%Y' }])
    expect(await project.lock()).toMatchObject({
      changed: false,
      left: [{ node: 'rows', reason: 'there is no file gone.csv; the columns that were locked before stay' }],
    })
    expect(project.read('test.schema.json')).toBe(text)
    const none = new LockProject(['inline_source', { rows: [{ a: 1 }] }], {})
    expect(await none.lock()).toMatchObject({ changed: false, locked: [] })
    expect(none.has('test.schema.json')).toBe(false)
  })
})

describe('a schema file that is not of the flow', () => {
  const wrong = [
    [
      'of a node that is not there',
      LOCKED.replace('"rows"', '"rovs"'),
      'LOCK_OUTDATED',
      'locks "rovs", and the flow has no such node.',
      'did you mean "rows"?',
    ],
    [
      'of a node that is no source',
      LOCKED.replace('"rows"', '"out"'),
      'LOCK_OUTDATED',
      'locks "out", which is a json_sink, no source.',
      expect.any(String),
    ],
    ['with a column twice', LOCKED.replace('"amount"', '"ID"'), 'LOCK_INVALID', '"rows" has the column ID twice.', expect.any(String)],
  ] as const
  test.each(wrong)('%s is an error, until it is locked anew', async (_, text, code, message, hint) => {
    const project = new LockProject(SOURCE, { 'rows.csv': DAY_ONE, 'test.schema.json': text })
    const error = await validateFlow(path.join(project.folder, 'test.yaml')).catch((thrown: unknown) => thrown)
    expect(error instanceof DiagnosticsError && error.diagnostics).toMatchObject([
      { code, message: expect.stringContaining(message), hint },
    ])
    await project.lock()
    expect(await validateFlow(path.join(project.folder, 'test.yaml'))).toMatchObject({ diagnostics: [] })
  })

  test('a folder in its place is told, and a mark of the encoding at its beginning is read over', async () => {
    const marked = new LockProject(SOURCE, { 'rows.csv': DAY_ONE, 'test.schema.json': `\uFEFF${LOCKED}` })
    expect(await validateFlow(path.join(marked.folder, 'test.yaml'))).toMatchObject({ diagnostics: [] })
    const taken = new LockProject(SOURCE, { 'rows.csv': DAY_ONE, 'test.schema.json/file': '' })
    await expect(validateFlow(path.join(taken.folder, 'test.yaml'))).rejects.toMatchObject({
      diagnostics: [{ code: 'LOCK_INVALID', message: 'The schema file cannot be read (EISDIR).' }],
    })
  })
})

describe('a build', () => {
  test('copies the schema file, depends on it and not on the data, and takes the copy away with it', async () => {
    const project = new LockProject(SOURCE, { 'rows.csv': DAY_ONE })
    const build = (check = false) => buildFlow(path.join(project.folder, 'test.yaml'), { out: path.join(project.folder, 'jobs'), check })
    await build()
    expect(project.read('jobs/test/test_dag.json')).not.toContain('locked_columns')
    await project.lock()
    expect((await build()).changed).toEqual(['test_dag.json', 'test_execution_metadata.json', 'test.schema.json'])
    expect(project.read('jobs/test/test.schema.json')).toBe(project.read('test.schema.json'))
    project.write('rows.csv', 'other\nx\n')
    expect((await build(true)).changed).toEqual([])
    writeFileSync(path.join(project.folder, 'test.schema.json'), project.read('test.schema.json').replace('BIGINT', 'INTEGER'))
    expect((await build()).changed).toEqual(['test_dag.json', 'test_execution_metadata.json', 'test.schema.json'])
    const { rmSync } = await import('node:fs')
    rmSync(path.join(project.folder, 'test.schema.json'))
    expect((await build(true)).changed).toContain('test.schema.json')
    await build()
    expect(project.has('jobs/test/test.schema.json')).toBe(false)
    expect((await build(true)).changed).toEqual([])
  })

  test('checks columns against the locked ones, whatever file is there', async () => {
    const project = new LockProject(SOURCE, { 'rows.csv': DAY_ONE })
    await project.lock()
    project.write('rows.csv', 'other\nx\n')
    const { columns } = await validateFlow(path.join(project.folder, 'test.yaml'), { columns: { cwd: project.folder } })
    const [ports] = [...(columns ?? new Map()).values()]
    expect(ports?.get('data')).toMatchObject({
      origin: 'locked',
      columns: [{ name: 'id' }, { name: 'amount' }, { name: 'day', type: 'DATE' }],
    })
  })

  test.each([
    ['no JSON', SOURCE, 'nonsense', 'LOCK_INVALID'],
    ['another shape', SOURCE, '{"schema_version": 1, "sources": {"rows": {"columns": [{"name": "id"}]}}}', 'LOCK_INVALID'],
    ['another version', SOURCE, '{"schema_version": 2, "sources": {}}', 'LOCK_INVALID'],
    [
      'columns that are declared now',
      ['csv_source', { file_path: 'rows.csv', columns: { id: 'BIGINT', amount: 'BIGINT', day: 'VARCHAR' } }],
      undefined,
      'LOCK_OUTDATED',
    ],
    ['a format that is another one now', ['csv_source', { file_path: 'rows.csv', date_format: '%Y' }], undefined, 'LOCK_OUTDATED'],
    ['a type that there is not', SOURCE, LOCKED.replace('BIGINT', 'BIGIN'), 'LOCK_INVALID'],
    ['a column that is picked now', ['csv_source', { ...SOURCE[1], columns: ['id', 'more'] }], undefined, 'LOCK_OUTDATED'],
  ] as const)('refuses a schema file with %s', async (_, source, text, code) => {
    const project = new LockProject(SOURCE, { 'rows.csv': DAY_ONE })
    await project.lock()
    if (text !== undefined) project.write('test.schema.json', text)
    project.configure(source)
    const error: unknown = await validateFlow(path.join(project.folder, 'test.yaml'), { columns: { cwd: project.folder } }).catch(
      (thrown: unknown) => thrown,
    )
    if (!(error instanceof DiagnosticsError)) throw error
    expect(error.diagnostics).toMatchObject([{ code, hint: expect.stringContaining('--lock') }])
    // What the hint says helps.
    if (text !== undefined) expect(await project.lock()).toMatchObject({ changed: true })
  })
})

describe('a run', () => {
  test('reads tomorrow’s file with the types of today', async () => {
    const project = new LockProject(['csv_source', { file_path: 'rows.csv' }], { 'rows.csv': 'id,code,ratio\n1,A1,0.5\n' })
    await project.lock()
    // Inference would take the codes for numbers, and lose a zero, and the ratios for whole numbers.
    project.write('rows.csv', 'ratio,id,code\n1,7,12\n2,8,13\n')
    expect((await project.run()).status).toBe('completed')
    expect(project.rows()).toEqual([
      { id: 7, code: '12', ratio: 1 },
      { id: 8, code: '13', ratio: 2 },
    ])
    project.write('rows.csv', 'id,code,ratio\n')
    expect((await project.run()).status).toBe('completed')
  })

  test.each([
    ['a new column', 'id,amount,day,more\n1,10,02.12.2026,x\n', 'it has the new more'],
    ['a missing column', 'id,day\n1,02.12.2026\n', 'it lacks amount'],
    ['another type', 'id,amount,day\n1,1.5,02.12.2026\n', 'it has amount as DOUBLE and not BIGINT'],
    ['all at once', 'id,amount,date\nx,1,02.12.2026\n', 'it lacks day; it has the new date; it has id as VARCHAR and not BIGINT'],
  ])('freeze: %s fails before rows move', async (_, text, expected) => {
    const project = new LockProject(SOURCE, { 'rows.csv': DAY_ONE })
    await project.lock()
    project.write('rows.csv', text)
    const { status, errors } = await project.run()
    expect(status).toBe('failed')
    expect(errors).toMatchObject([
      { code: 'SCHEMA_MISMATCH', node: 'rows', message: expect.stringContaining(`differs from the locked columns: ${expected}.`) },
    ])
    expect(project.has('out.jsonl')).toBe(false)
  })

  test('warn: goes on with the locked columns that are there', async () => {
    const project = new LockProject(SOURCE, { 'rows.csv': DAY_ONE }, { schema: 'warn' })
    await project.lock()
    project.write('rows.csv', 'more,amount,id\nx,5,1\n')
    const summary = await project.run()
    expect(project.rows()).toEqual([{ id: 1, amount: 5 }])
    expect(readFileSync(path.join(summary.folder, 'log.jsonl'), 'utf8')).toMatch(
      /"level":"warn".*differs from the locked columns: it lacks day; it has the new more\./,
    )
  })

  test('evolve: takes what is there, with the locked types where they fit', async () => {
    const project = new LockProject(
      ['csv_source', { file_path: 'rows.csv' }],
      { 'rows.csv': 'id,code,gone\n1,A1,x\n' },
      { schema: 'evolve' },
    )
    await project.lock()
    project.write('rows.csv', 'id,more,code\n0.5,2,12\n')
    expect((await project.run()).status).toBe('completed')
    expect(project.rows()).toEqual([{ id: 0.5, more: 2, code: '12' }])
  })

  test.each(['INTEGER', 'DECIMAL(9,2)', 'FLOAT', 'HUGEINT', 'VARCHAR'])('a lock that was edited holds: %s', async (type) => {
    const project = new LockProject(['csv_source', { file_path: 'rows.csv' }], { 'rows.csv': 'id\n1\n' })
    await project.lock()
    project.write('test.schema.json', project.read('test.schema.json').replace('BIGINT', type))
    expect((await project.run()).status).toBe('completed')
    project.write('rows.csv', `id\n${type === 'HUGEINT' ? '' : '9'.repeat(39)}x\n`)
    const { status, errors } = await project.run()
    if (type === 'VARCHAR') expect(status).toBe('completed')
    // A type that is never found in a file is checked value by value.
    else expect(errors).toMatchObject([{ code: type === 'HUGEINT' ? 'SCHEMA_MISMATCH' : 'BAD_ROW' }])
  })

  test.each(['freeze', 'warn', 'evolve'])('%s: a file with none of the locked columns is another file', async (schema) => {
    const project = new LockProject(['csv_source', { file_path: 'rows.csv' }], { 'rows.csv': 'id,name\n1,x\n' }, { schema })
    await project.lock()
    project.write('rows.csv', 'id;name\n1;x\n')
    expect((await project.run()).errors).toMatchObject([
      { code: 'SCHEMA_MISMATCH', message: expect.stringContaining('has none of the locked columns'), hint: 'set delimiter: ";"' },
    ])
  })

  test('files of a glob that differ are held to the lock', async () => {
    const files = { '1.csv': 'id,name\n1,x\n', '2.csv': 'name,id\ny,2\n' }
    const source = ['csv_source', { file_path: '*.csv' }] as const
    const project = new LockProject(source, files)
    await project.lock()
    expect((await project.run()).status).toBe('completed')
    // The new column stands in the first file: the others are right all the same.
    project.write('1.csv', 'id,more,name\n1,z,x\n')
    expect((await project.run()).errors).toMatchObject([
      { code: 'SCHEMA_MISMATCH', message: expect.stringMatching(/1\.csv has the unexpected more\./) },
    ])
    project.configure(source, { schema: 'warn' })
    const summary = await project.run()
    expect(project.rows()).toEqual([
      { id: 1, name: 'x' },
      { id: 2, name: 'y' },
    ])
    expect(readFileSync(path.join(summary.folder, 'log.jsonl'), 'utf8')).toMatch(
      /1\.csv differs from the locked columns: it has the new more\./,
    )
    project.write('2.csv', 'id\n2\n')
    expect((await project.run()).errors).toMatchObject([{ code: 'SCHEMA_MISMATCH', message: expect.stringContaining('2.csv lacks name') }])
    project.configure(source, { schema: 'evolve' })
    expect((await project.run()).errors).toMatchObject([
      { code: 'SCHEMA_MISMATCH', message: expect.stringContaining('2.csv lacks more, name') },
    ])
  })

  test('a value that does not fit leaves by the reject port, where there is one', async () => {
    const project = new LockProject(SOURCE, { 'rows.csv': DAY_ONE })
    await project.lock()
    project.write('rows.csv', 'id,amount,day\n1,ten,02.12.2026\n2,20,03.12.2026\n')
    project.write(
      'test.yaml',
      flowText({
        modules: { rows: SOURCE, out: ['json_sink', { output_path: 'out.jsonl' }], bad: ['json_sink', { output_path: 'bad.jsonl' }] },
        data: ['rows.data - out.input', 'rows.reject - bad.input'],
      }),
    )
    expect((await project.run()).status).toBe('completed')
    expect(project.rows()).toEqual([{ id: 2, amount: 20, day: '2026-12-03' }])
    expect(project.read('bad.jsonl')).toContain('"_column":"amount"')
  })

  test('picked columns, JSON and Parquet are held to theirs', async () => {
    const picked = new LockProject(['csv_source', { file_path: 'rows.csv', columns: ['amount', 'id'], file_name: 'file' }], {
      'rows.csv': DAY_ONE,
    })
    await picked.lock()
    picked.write('rows.csv', 'new,id,amount\nx,1,2\n')
    expect((await picked.run()).status).toBe('completed')
    expect(picked.rows()).toEqual([{ amount: 2, id: 1, file: path.join(picked.folder, 'rows.csv') }])

    const json = new LockProject(['json_source', { file_path: 'rows.json' }], { 'rows.json': '{"id": 1, "name": "x"}\n' })
    await json.lock()
    json.write('rows.json', '{"name": 5, "id": 2}\n')
    expect((await json.run()).status).toBe('completed')
    expect(json.rows()).toEqual([{ id: 2, name: '5' }])
    json.write('rows.json', '{"id": 2.5, "name": "x"}\n')
    expect((await json.run()).errors).toMatchObject([{ code: 'SCHEMA_MISMATCH' }])

    const writer = new LockProject(['inline_source', { rows: [{ id: 1 }] }], {})
    const parquet = async (type: string) => {
      writer.write(
        'test.yaml',
        flowText({
          modules: {
            rows: ['inline_source', { rows: [{ id: 1 }], columns: { id: type } }],
            out: ['parquet_sink', { output_path: 'rows.parquet' }],
          },
          data: ['rows.data - out.input'],
        }),
      )
      expect((await writer.run()).status).toBe('completed')
      writer.configure(['parquet_source', { file_path: 'rows.parquet' }])
    }
    await parquet('INTEGER')
    await writer.lock()
    expect((await writer.run()).status).toBe('completed')
    const { rmSync } = await import('node:fs')
    const lock = writer.read('test.schema.json')
    rmSync(path.join(writer.folder, 'test.schema.json'))
    await parquet('BIGINT')
    writer.write('test.schema.json', lock)
    expect((await writer.run()).errors).toMatchObject([
      { code: 'SCHEMA_MISMATCH', message: expect.stringContaining('it has id as BIGINT and not INTEGER') },
    ])
  })
})
