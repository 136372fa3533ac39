import { expect, test } from 'vitest'
import { ModuleProject } from './module-flow.js'

test('filter_mod sends each row to exactly one port, NULL to reject', async () => {
  const project = new ModuleProject()
  const rows = [{ id: 1, age: 18 }, { id: 2, age: 19 }, { id: 3 }, { id: 4, age: 40 }]
  const filter = (condition: string, reject = true) => ({ module: 'filter_mod', configs: { condition }, inputs: { input: rows }, reject })
  const many = Array.from({ length: 2000 }, (_, id) => ({ id }))
  const found = await project.runCases({
    adults: filter('age > 18'),
    alone: filter('age > 18', false),
    comment: filter('age > 18 -- only adults'),
    either: filter('age < 19 OR age > 39'),
    nothing: filter('NULL'),
    number: filter('id - 1'),
    random: { module: 'filter_mod', configs: { condition: 'random() < 0.5' }, inputs: { input: many }, reject: true },
    unknown: filter('agee > 18'),
    broken: filter('age >'),
  })
  const ids = (values: readonly { readonly [name: string]: unknown }[] | undefined) => values?.map((row) => row['id'])
  expect([ids(found.adults.rows), ids(found.adults.rejects)]).toEqual([
    [2, 4],
    [1, 3],
  ])
  expect(Object.keys(found.adults.rejects?.[0] ?? {})).toEqual(['id', 'age'])
  expect(ids(found.alone.rows)).toEqual([2, 4])
  expect(ids(found.comment.rows)).toEqual([2, 4])
  expect([ids(found.either.rows), ids(found.either.rejects)]).toEqual([
    [1, 4],
    [2, 3],
  ])
  expect([ids(found.nothing.rows), ids(found.nothing.rejects)]).toEqual([[], [1, 2, 3, 4]])
  expect([ids(found.number.rows), ids(found.number.rejects)]).toEqual([[2, 3, 4], [1]])
  const both = [...(ids(found.random.rows) ?? []), ...(ids(found.random.rejects) ?? [])]
  expect(both.map(Number).sort((a, b) => a - b)).toEqual(many.map(({ id }) => id))
  expect(found.unknown.error).toMatchObject({ code: 'SQL_INVALID', hint: expect.stringContaining('age') })
  expect(found.broken.error).toMatchObject({ code: 'SQL_INVALID' })
})

test('a condition that cannot be a truth value is the fault of filter_mod, whichever of its ports are connected', async () => {
  const project = new ModuleProject()
  const filter = (reject: boolean) => ({ module: 'filter_mod', configs: { condition: "'abc'" }, inputs: { input: [{ id: 1 }] }, reject })
  const found = await project.runCases({ one: filter(false), both: filter(true) })
  expect(found.one.error).toMatchObject({ node: 'one', code: 'SQL_FAILED' })
  expect(found.both.error).toMatchObject({ node: 'both', code: 'SQL_FAILED' })
})
