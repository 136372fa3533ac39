import { expect, test } from 'vitest'
import { ModuleProject } from './module-flow.js'

test('select_mod picks, drops, renames and converts, in this order', async () => {
  const project = new ModuleProject()
  const rows = [
    { id: '1', nm: 'x', day: '2026-01-02', 'odd "name"': true },
    { id: '2', nm: 'y' },
  ]
  const bad = [
    { n: '1', d: '1.50' },
    { n: 'x', d: '2.005' },
    { n: '1.5', d: '3' },
    { n: null, d: 'y' },
  ]
  const select = (configs: object, input: readonly object[] = rows) => ({ module: 'select_mod', configs, inputs: { input } })
  const types = { n: 'INTEGER', d: 'DECIMAL(10,2)' }
  const found = await project.runCases({
    columns: select({ columns: ['nm', 'id'] }),
    drop: select({ drop: ['day', 'odd "name"'] }),
    rename: select({ rename: { nm: 'name', 'odd "name"': 'plain' } }),
    types: select({ columns: ['id', 'nm', 'day'], drop: ['nm'], rename: { id: 'key' }, types: { key: 'INTEGER', day: 'DATE' } }),
    untyped: { ...select({ columns: ['id'] }), reject: true },
    misfit: { ...select({ types }, bad), reject: true, message: '{{misfit__rejected}} rejected' },
    fails: select({ types }, bad),
    overflow: { ...select({ types: { n: 'TINYINT' } }, [{ n: 127 }, { n: 128 }, { n: 300 }]), reject: true },
    max3: { ...select({ types, max_rejects: 3 }, bad), reject: true },
    max2: { ...select({ types, max_rejects: 2 }, bad), reject: true },
    maxShare: { ...select({ types, max_rejects: '50%' }, bad), reject: true },
    unknown: select({ columns: ['nope'] }),
    unknownDrop: select({ drop: ['nope'] }),
    unknownType: select({ types: { nope: 'DATE' } }),
    dropped: select({ columns: ['id'], rename: { nm: 'name' } }),
    clash: select({ columns: ['id', 'nm'], rename: { nm: 'id' } }),
  })
  expect(found.columns.rows?.map((row) => Object.entries(row).flat())).toEqual([
    ['nm', 'x', 'id', '1'],
    ['nm', 'y', 'id', '2'],
  ])
  expect(found.drop.rows).toEqual([
    { id: '1', nm: 'x' },
    { id: '2', nm: 'y' },
  ])
  expect(found.rename.rows?.map((row) => Object.keys(row))[0]).toEqual(['id', 'name', 'day', 'plain'])
  expect(found.types.rows).toEqual([
    { key: 1, day: '2026-01-02' },
    { key: 2, day: null },
  ])
  expect(found.untyped).toMatchObject({ rows: [{ id: '1' }, { id: '2' }], rejects: [] })
  expect(found.misfit.rows).toEqual([{ n: 1, d: 1.5 }])
  expect(found.misfit.rejects).toEqual([
    { n: 'x', d: '2.005', _error_code: 'BAD_ROW', _error_message: `Column "n": 'x' is no INTEGER.`, _column: 'n' },
    { n: '1.5', d: '3', _error_code: 'BAD_ROW', _error_message: `Column "n": '1.5' is no INTEGER.`, _column: 'n' },
    { n: null, d: 'y', _error_code: 'BAD_ROW', _error_message: `Column "d": 'y' is no DECIMAL(10,2).`, _column: 'd' },
  ])
  expect(found.misfit.message).toBe('3 rejected')
  expect(found.fails.error).toMatchObject({ code: 'BAD_ROW' })
  expect(found.overflow.rows).toEqual([{ n: 127 }])
  expect(found.overflow.rejects?.map((row) => row['n'])).toEqual([128, 300])
  expect(found.max3.rows).toEqual([{ n: 1, d: 1.5 }])
  expect(found.max2.error).toMatchObject({
    code: 'TOO_MANY_REJECTS',
    message: expect.stringContaining(`The first of them:\n  - Column "n": 'x' is no INTEGER.\n  - Column "n": '1.5'`),
  })
  expect(found.maxShare.error?.code).toBe('TOO_MANY_REJECTS')
  for (const name of ['unknown', 'unknownDrop', 'unknownType'] as const) {
    expect(found[name].error).toMatchObject({ code: 'SQL_INVALID', message: expect.stringContaining('"nope"') })
  }
  expect(found.dropped.error).toMatchObject({ code: 'SQL_INVALID', message: expect.stringContaining('"nm"') })
  expect(found.clash.error).toMatchObject({ code: 'SQL_INVALID', message: expect.stringContaining('"id"') })
})

test('select_mod needs something to do', async () => {
  const project = new ModuleProject()
  const flow = {
    modules: { src: ['inline_source', { rows: [{ a: 1 }] }], pick: ['select_mod', {}], out: ['log_sink', {}] },
    data: ['src.data - pick.input', 'pick.output - out.input'],
  } as const
  await expect(project.run(flow)).rejects.toThrow(/at least one of columns, drop, rename and types/)
})

test('select_mod names the value that cannot be converted, also behind other nodes of its statement', async () => {
  const long = 'y'.repeat(1000)
  const project = new ModuleProject({ 'in.csv': `id,age\n1,\n2,7\n3,${long}\n` })
  const failing = {
    inline: { module: 'select_mod', configs: { types: { age: 'INTEGER' } }, inputs: { input: [{ id: 1, age: 'x' }] } },
    number: { module: 'select_mod', configs: { types: { age: 'TINYINT' } }, inputs: { input: [{ age: null }, { age: 300 }] } },
    fused: {
      module: 'csv_source',
      configs: { file_path: 'in.csv', columns: { id: 'VARCHAR', age: 'VARCHAR' } },
      after: [
        ['derive_mod', { columns: { old: "age || ''" } }],
        ['select_mod', { types: { id: 'INTEGER', old: 'INTEGER' } }],
      ],
    },
  } as const
  const found = await project.runCases(failing)
  expect(found.inline.error).toMatchObject({
    code: 'BAD_ROW',
    node: 'inline',
    message: `Column "age": 'x' is no INTEGER. The row is: {"id":1,"age":"x"}`,
    hint: expect.stringContaining('connect the reject port'),
  })
  expect(found.number.error?.message).toBe(`Column "age": '300' is no TINYINT. The row is: {"age":300}`)
  expect(found.fused.error).toMatchObject({ code: 'BAD_ROW', node: 'fused_1', message: expect.stringContaining(`Column "old": 'yyy`) })
  expect(found.fused.error?.message).toContain('The row is: {"id":"3","age":"yyy')
  expect(found.fused.error?.message.length).toBeLessThan(500)
})

test('select_mod takes columns of any name, without regard to case, and leaves at least one', async () => {
  const project = new ModuleProject()
  const select = (configs: object) => ({ module: 'select_mod', configs, inputs: { input: [{ valueOf: 1, constructor: 2, Id: 3 }] } })
  const found = await project.runCases({
    odd: select({ rename: { constructor: 'toString' }, types: { tostring: 'VARCHAR' } }),
    case: select({ columns: ['ID', 'valueof'], drop: ['VALUEOF'] }),
    none: select({ drop: ['valueOf', 'constructor', 'Id'] }),
    near: select({ drop: ['Idd'] }),
  })
  expect(found.odd.rows).toEqual([{ valueOf: 1, toString: '2', Id: 3 }])
  expect(found.case.rows).toEqual([{ Id: 3 }])
  expect(found.none.error).toMatchObject({ code: 'CONFIG_INVALID', message: expect.stringContaining('No column is left') })
  expect(found.near.error).toMatchObject({ code: 'SQL_INVALID', hint: 'did you mean "Id"?' })
})
