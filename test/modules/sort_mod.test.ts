import { expect, test } from 'vitest'
import { ModuleProject } from './module-flow.js'

const values = (rows: readonly { readonly [name: string]: unknown }[] | undefined, name: string) => rows?.map((row) => row[name])

test('sort_mod sorts by several columns with NULL where it is said', async () => {
  const project = new ModuleProject()
  const input = [
    { a: 2, b: 'x', 'c asc': 1 },
    { a: null, b: 'y', 'c asc': 3 },
    { a: 1, b: null, 'c asc': 2 },
    { a: 2, b: 'a', 'c asc': 4 },
  ]
  const sort = (...by: string[]) => ({ module: 'sort_mod', configs: { by }, inputs: { input } })
  const found = await project.runCases({
    plain: sort('a', 'b'),
    down: sort('a desc', 'b'),
    first: sort('a nulls first', 'b DESC NULLS LAST'),
    downFirst: sort(' a  desc  nulls first ', 'b desc nulls first'),
    odd: sort('c asc'),
    oddDown: sort('c asc desc'),
    unknown: sort('nope desc'),
    expression: sort('a + 1'),
  })
  expect(found.plain.rows?.map((row) => [row['a'], row['b']])).toEqual([
    [1, null],
    [2, 'a'],
    [2, 'x'],
    [null, 'y'],
  ])
  expect(values(found.down.rows, 'a')).toEqual([2, 2, 1, null])
  expect(found.first.rows?.map((row) => [row['a'], row['b']])).toEqual([
    [null, 'y'],
    [1, null],
    [2, 'x'],
    [2, 'a'],
  ])
  expect(values(found.downFirst.rows, 'b')).toEqual(['y', 'x', 'a', null])
  expect(values(found.odd.rows, 'c asc')).toEqual([1, 2, 3, 4])
  expect(values(found.oddDown.rows, 'c asc')).toEqual([4, 3, 2, 1])
  expect(found.unknown.error).toMatchObject({
    code: 'SQL_INVALID',
    message: 'There is no column "nope" in the input.',
    hint: expect.stringContaining('a, b, c asc'),
  })
  expect(found.expression.error?.code).toBe('SQL_INVALID')
})

test('the order of a sort holds through filter, select, derive and limit', async () => {
  const project = new ModuleProject()
  const input = Array.from({ length: 5000 }, (_, i) => ({ id: i, key: (i * 7919) % 5000, name: `n${i % 10}` }))
  const sorted = { module: 'sort_mod', configs: { by: ['key desc'] }, inputs: { input } }
  const after = [
    ['filter_mod', { condition: 'key % 2 = 0' }],
    ['derive_mod', { columns: { twice: 'key * 2' } }],
    ['select_mod', { columns: ['twice', 'key'], rename: { key: 'k' } }],
  ] as const
  const found = await project.runCases({
    all: { ...sorted, after },
    some: { ...sorted, after: [...after, ['limit_mod', { limit: 3, offset: 2 }]] },
    converted: { ...sorted, after: [['select_mod', { types: { key: 'VARCHAR' } }]] },
  })
  const expected = Array.from({ length: 2500 }, (_, i) => 4998 - 2 * i)
  expect(values(found.all.rows, 'k')).toEqual(expected)
  expect(found.some.rows).toEqual([4994, 4992, 4990].map((k) => ({ twice: 2 * k, k })))
  expect(values(found.converted.rows, 'key')).toEqual(Array.from({ length: 5000 }, (_, i) => String(4999 - i)))
})

test('sort_mod refuses an empty list', async () => {
  const project = new ModuleProject()
  const modules = { src: ['inline_source', { rows: [{ a: 1 }] }], sort: ['sort_mod', { by: [] }], out: ['log_sink', {}] } as const
  await expect(project.run({ modules, data: ['src.data - sort.input', 'sort.output - out.input'] })).rejects.toThrow(
    /at least one column in by/,
  )
})
