import path from 'node:path'
import { expect, it } from 'vitest'
import { buildFlow } from '../../src/build/build.js'
import { runJob } from '../../src/run/run.js'
import { createProject } from '../cli/pype-project.js'

/** Runs a flow and gives the rows of each output port that were counted. */
async function countRows(
  settings: string,
  modules: readonly string[],
  data: readonly string[],
  files: { readonly [file: string]: string } = {},
) {
  const project = createProject({
    ...files,
    'f.yaml': `flow: { name: f, version: 1.0.0, authors: [me], created: "2026-01-01" }
settings: ${settings}
modules:
${modules.map((module) => `  - ${module}\n`).join('')}connections: { data: [${data.join(', ')}], control: [] }
`,
  })
  const { job } = await buildFlow(path.join(project.folder, 'f.yaml'), { out: path.join(project.folder, 'jobs') })
  const summary = await runJob(job, { cwd: project.folder, env: {}, log: { level: 'info', destinations: [] } })
  expect(summary.errors).toEqual([])
  return Object.fromEntries(
    summary.nodes.flatMap(({ node, outputs = {} }) => Object.entries(outputs).map(([port, rows]) => [`${node}.${port}`, rows])),
  )
}

const NUMBERS = '{ id: numbers, name: csv_source, configs: { file_path: numbers.csv, columns: { n: INTEGER, word: VARCHAR } } }'
const NUMBERS_CSV = `n,word\n${Array.from({ length: 1000 }, (_, n) => `${n},w${n % 10}`).join('\n')}\n`
const sink = (id: string) => `{ id: ${id}, name: parquet_sink, configs: { output_path: ${id}.parquet } }`

/** Joins, a port that two read, columns that are left away, a union, and a filter that the engine would move into the scan. */
const MODULES = [
  NUMBERS,
  '{ id: labels, name: inline_source, configs: { rows: [{ word: w1, label: one }, { word: w2, label: two }] } }',
  '{ id: slim, name: select_mod, configs: { columns: [n, word] } }',
  '{ id: keep, name: filter_mod, configs: { condition: "n >= 100" } }',
  '{ id: joined, name: sql_mod, configs: { sql: "SELECT a.*, b.label FROM input1 a, input2 b WHERE a.word = b.word" } }',
  '{ id: total, name: derive_mod, configs: { columns: { twice: n * 2 } } }',
  '{ id: few, name: filter_mod, configs: { condition: "twice < 300 AND label = \'one\'" } }',
  '{ id: both, name: union_mod, configs: {} }',
  '{ id: count, name: aggregate_mod, configs: { group_by: [word], aggregates: { n: count(*) } } }',
  sink('out'),
  sink('words'),
]
const DATA = [
  'numbers.data - slim.input',
  'slim.output - keep.input',
  'keep.output - joined.input1',
  'labels.data - joined.input2',
  'joined.output - total.input',
  'total.output - few.input',
  'few.output - both.input1',
  'total.output - both.input2',
  'both.output - out.input',
  'keep.output - count.input',
  'count.output - words.input',
]

it('`row_counts: all` counts the rows of every data connection exactly, over joins, unions and ports that several nodes read', async () => {
  expect(await countRows('{ row_counts: all }', MODULES, DATA, { 'numbers.csv': NUMBERS_CSV })).toEqual({
    'numbers.data': 1000,
    'labels.data': 2,
    'slim.output': 1000,
    'keep.output': 900,
    'joined.output': 180,
    'total.output': 180,
    'few.output': 5,
    'both.output': 185,
    'count.output': 10,
  })
})

it('by default only what a sink writes or what is stored is counted', async () => {
  expect(await countRows('{}', MODULES, DATA, { 'numbers.csv': NUMBERS_CSV })).toEqual({
    'keep.output': 900,
    'both.output': 185,
    'count.output': 10,
  })
})

it('counts nothing twice or wrong where SQL samples itself or is recursive: it leaves it out', async () => {
  const modules = [
    NUMBERS,
    '{ id: sampled, name: sql_mod, configs: { sql: "SELECT * FROM (SELECT * FROM input) USING SAMPLE 100 PERCENT (system)" } }',
    '{ id: rounds, name: sql_mod, configs: { sql: "WITH RECURSIVE r AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM r WHERE i < 5) SELECT r.i FROM r, input WHERE n = 0" } }',
    sink('out'),
  ]
  const data = ['numbers.data - sampled.input', 'sampled.output - rounds.input', 'rounds.output - out.input']
  expect(await countRows('{ row_counts: all }', modules, data, { 'numbers.csv': NUMBERS_CSV })).toEqual({ 'rounds.output': 5 })
})

it('rows of csv files are counted before their values are converted, over files of several kinds', async () => {
  const modules = [
    '{ id: numbers, name: csv_source, configs: { file_path: "part*.csv", file_name: file, columns: { n: INTEGER, word: VARCHAR } } }',
    '{ id: good, name: filter_mod, configs: { condition: "word = \'yes\'" } }',
    '{ id: rest, name: filter_mod, configs: { condition: "n > 1" } }',
    sink('out'),
  ]
  const data = ['numbers.data - good.input', 'good.output - rest.input', 'rest.output - out.input']
  // The number that is none is in a row that the filter drops.
  const files = { 'part 1.csv': 'n,word\n1,yes\n2,yes\nnone,no\n', 'part ü.csv': 'word,n\nyes,3\n' }
  expect(await countRows('{ row_counts: all }', modules, data, files)).toEqual({ 'numbers.data': 4, 'good.output': 3, 'rest.output': 2 })
})

// Fails when the counter stands above the conversion: the value that is no number then fails the run.
it.each([
  ['a source of JSON', '{ id: rows, name: json_source, configs: { file_path: rows.jsonl, columns: { n: INTEGER, word: VARCHAR } } }', []],
  [
    'the flow',
    '{ id: rows, name: inline_source, configs: { rows: [{ n: "1", word: yes }, { n: none, word: no }, { n: 3, word: yes }], columns: { n: INTEGER, word: VARCHAR } } }',
    [],
  ],
  [
    'a mod that gives types',
    '{ id: rows, name: select_mod, configs: { types: { n: INTEGER } } }',
    ['{ id: texts, name: csv_source, configs: { file_path: rows.csv, columns: { n: VARCHAR, word: VARCHAR } } }'],
  ],
])('rows of %s are counted before their values are converted', async (_, rows, before) => {
  const modules = [...before, rows, '{ id: good, name: filter_mod, configs: { condition: "word = \'yes\'" } }', sink('out')]
  const port = before.length === 0 ? 'rows.data' : 'rows.output'
  const data = [...before.map(() => 'texts.data - rows.input'), `${port} - good.input`, 'good.output - out.input']
  const files = {
    'rows.jsonl': '{"n": "1", "word": "yes"}\n{"n": "none", "word": "no"}\n{"n": 3, "word": "yes"}\n',
    'rows.csv': 'n,word\n1,yes\nnone,no\n3,yes\n',
  }
  expect(await countRows('{ row_counts: known }', modules, data, files)).toMatchObject({ 'good.output': 2 })
  expect(await countRows('{ row_counts: all }', modules, data, files)).toMatchObject({ [port]: 3, 'good.output': 2 })
})
