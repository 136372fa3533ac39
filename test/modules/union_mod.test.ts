import { expect, test } from 'vitest'
import { type Case, ModuleProject } from './module-flow.js'

test('union_mod puts inputs together by name or by position', async () => {
  const project = new ModuleProject()
  const a = [
    { id: 1, name: 'x' },
    { id: 1, name: 'x' },
  ]
  const b = {
    rows: [
      { id: 2, name: 'y' },
      { id: 1, name: 'x' },
    ],
    columns: { name: 'VARCHAR', id: 'INTEGER' },
  }
  const c = { rows: [{ key: 3, text: 'z' }], columns: { key: 'BIGINT', text: 'VARCHAR' } }
  const union = (configs: object, inputs: Case['inputs'] = { input1: a, input2: b }): Case => ({
    module: 'union_mod',
    configs,
    inputs: inputs ?? {},
    after: [['sort_mod', { by: ['id', 'name'] }]],
  })
  const found = await project.runCases({
    byName: union({}),
    three: union({}, { input1: a, input2: b, input3: b }),
    case: union({}, { input1: a, input2: { rows: [{ Name: 'y', ID: 2 }], columns: { Name: 'VARCHAR', ID: 'INTEGER' } } }),
    one: union({}, { input: a }),
    distinct: union({ distinct: true }),
    byPosition: union({ by: 'position' }, { input1: a, input2: c }),
    wider: union({}, { input1: a, input2: [{ id: 0.5, name: 'h' }] }),
    names: union({}, { input1: a, input2: c }),
    unequal: union({}, { input1: a, input2: [{ id: 1, name: 'x', more: 1 }] }),
    unequalPosition: union({ by: 'position' }, { input1: a, input2: [{ id: 1 }] }),
    types: union({}, { input1: a, input2: { rows: [{ id: 'q', name: 'x' }], columns: { id: 'VARCHAR', name: 'VARCHAR' } } }),
    typesByPosition: union(
      { by: 'position' },
      { input1: a, input2: { rows: [{ id: 1, on: '2026-01-31' }], columns: { id: 'DECIMAL(9,2)', on: 'DATE' } } },
    ),
  })
  const x = { id: 1, name: 'x' }
  const y = { id: 2, name: 'y' }
  expect(found.byName.rows).toEqual([x, x, x, y])
  expect(Object.keys(found.byName.rows?.[0] ?? {})).toEqual(['id', 'name'])
  expect(found.case.rows).toEqual([x, x, y])
  expect(found.three.rows).toEqual([x, x, x, x, y, y])
  expect(found.one.rows).toEqual([x, x])
  expect(found.distinct.rows).toEqual([x, y])
  expect(found.byPosition.rows).toEqual([x, x, { id: 3, name: 'z' }])
  expect(found.wider.rows).toEqual([{ id: 0.5, name: 'h' }, x, x])
  for (const name of ['names', 'unequal', 'unequalPosition'] as const) expect(found[name].error?.code).toBe('SCHEMA_MISMATCH')
  expect(found.names.error?.message).toBe('The inputs have different columns: input1 has id, name; input2 has key, text.')
  expect(found.types.error?.code).toBe('SCHEMA_MISMATCH')
  expect(found.types.error?.message).toBe('The inputs have unlike types: "id" is BIGINT in input1, "id" is VARCHAR in input2.')
  expect(found.typesByPosition.error?.message).toBe('The inputs have unlike types: "name" is VARCHAR in input1, "on" is DATE in input2.')
})
