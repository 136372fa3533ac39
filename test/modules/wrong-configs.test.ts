import { expect, test } from 'vitest'
import { ModuleProject } from './module-flow.js'

const LEFT_ALONE: readonly (readonly [module: string, configs: object, message: RegExp])[] = [
  ['join_mod', { on: [] }, /at least one column in on/],
  ['join_mod', { on: {} }, /at least one column in on/],
  ['aggregate_mod', { group_by: ['k'], aggregates: { K: 'count(*)' } }, /Two columns would be called "K"/],
  ['aggregate_mod', { aggregates: { n: 'count(*), 1' } }, /makes a list, and one expression is expected for "n"/],
  ['derive_mod', { columns: { n: '1) AS m, (2' } }, /closes nothing for "n"/],
  ['sql_mod', { sql: 'SELECT 1 AS a) SELECT * FROM (SELECT 2 AS a' }, /closes nothing/],
  ['filter_mod', { condition: 'x) OR (true' }, /closes nothing/],
  ['csv_source', { file_path: 'a.csv', thousands: '.' }, /thousands and decimal are the same/],
  ['csv_source', { file_path: 'a.csv', other_columns: 'ignore', columns: ['a'] }, /other_columns goes with a map of columns/],
]

test('configs that cannot work are errors of the build', async () => {
  const project = new ModuleProject()
  const modules: Record<string, readonly [string, object]> = { src: ['inline_source', { rows: [{ k: 1, x: true }] }] }
  const data: string[] = []
  const control: string[] = []
  LEFT_ALONE.forEach(([module, configs], i) => {
    modules[`m${i}`] = [module, configs]
    modules[`out${i}`] = ['json_sink', { output_path: `${i}.json` }]
    const ports = module === 'join_mod' ? ['left', 'right'] : ['input']
    if (module === 'csv_source') {
      data.push(`m${i}.data - out${i}.input`)
      control.push(`src (1|) m${i}`)
    } else data.push(...ports.map((port) => `src.data - m${i}.${port}`), `m${i}.output - out${i}.input`)
  })
  const error = await project.run({ modules, data, control }).catch((thrown: Error) => thrown)
  const lines = error instanceof Error ? error.message.split('\n') : []
  expect(lines).toHaveLength(LEFT_ALONE.length)
  LEFT_ALONE.forEach(([, , message], i) => {
    expect(lines[i]).toMatch(message)
  })
})

test('configs whose values are templates count as given', async () => {
  const { summary } = await new ModuleProject().run({
    modules: {
      limit: ['set_global', { values: { least: 2, name: 'k' } }],
      src: ['inline_source', { rows: [{ k: 1 }, { k: 2 }] }],
      join: ['join_mod', { condition: '"left".k = "right".k AND "left".k >= {{limit__least}}' }],
      pick: ['select_mod', { columns: ['{{limit__name}}'] }],
      out: ['json_sink', { output_path: 'out.json' }],
    },
    data: ['src.data - join.left', 'src.data - join.right', 'join.output - pick.input', 'pick.output - out.input'],
    control: ['limit (1|) src'],
  })
  expect(summary.errors).toEqual([])
})
