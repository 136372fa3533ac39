import { expect, test } from 'vitest'
import { ModuleProject } from './module-flow.js'

test('aggregate_mod computes one row per group, or one for all', async () => {
  const project = new ModuleProject()
  const input = [
    { region: 'n', 'pay "day"': 1, amount: 10 },
    { region: 'n', 'pay "day"': 1, amount: 5 },
    { region: 'n', 'pay "day"': 2, amount: null },
    { region: null, 'pay "day"': 1, amount: 7 },
    { region: null, 'pay "day"': 1, amount: 8 },
  ]
  const aggregates = { total: 'sum(amount)', orders: 'count(*) -- all rows', known: 'count(amount)' }
  const aggregate = (configs: object, rows: object = input) => ({
    module: 'aggregate_mod',
    configs,
    inputs: { input: rows as typeof input },
  })
  const found = await project.runCases({
    one: { ...aggregate({ group_by: ['region'], aggregates }), after: [['sort_mod', { by: ['region'] }]] },
    two: {
      ...aggregate({ group_by: ['pay "day"', 'region'], aggregates: { n: 'count(*)' } }),
      after: [['sort_mod', { by: ['n', 'region'] }]],
    },
    all: aggregate({ aggregates }),
    none: aggregate({ aggregates }, { rows: [], columns: { amount: 'INTEGER' } }),
    noneGrouped: aggregate({ aggregates, group_by: ['region'] }, { rows: [], columns: { amount: 'INTEGER', region: 'VARCHAR' } }),
    unknown: aggregate({ group_by: ['regio'], aggregates }),
    plain: aggregate({ group_by: ['region'], aggregates: { a: 'amount' } }),
  })
  expect(found.one.rows).toEqual([
    { region: 'n', total: 15, orders: 3, known: 2 },
    { region: null, total: 15, orders: 2, known: 2 },
  ])
  expect(found.two.rows).toEqual([
    { 'pay "day"': 2, region: 'n', n: 1 },
    { 'pay "day"': 1, region: 'n', n: 2 },
    { 'pay "day"': 1, region: null, n: 2 },
  ])
  expect(Object.keys(found.two.rows?.[0] ?? {})).toEqual(['pay "day"', 'region', 'n'])
  expect(found.all.rows).toEqual([{ total: 30, orders: 5, known: 4 }])
  expect(found.none.rows).toEqual([{ total: null, orders: 0, known: 0 }])
  expect(found.noneGrouped.rows).toEqual([])
  expect(found.unknown.error).toMatchObject({ code: 'SQL_INVALID', message: expect.stringContaining('regio') })
  expect(found.plain.error).toMatchObject({ code: 'SQL_INVALID', message: expect.stringContaining('amount') })
})
