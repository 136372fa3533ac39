import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { validateFlow } from '../../src/build/build.js'
import { datasetsOf, resolveWritten } from '../../src/build/lineage/dataset.js'
import { lineageOf } from '../../src/build/lineage/flow-lineage.js'
import { toJobEvent } from '../../src/build/lineage/open-lineage.js'
import { type Reached, walkDownstream, walkUpstream } from '../../src/build/lineage/walk-lineage.js'
import { findLineage, formatEnds } from '../../src/cli/columns/lineage-table.js'
import { type ColumnFlow, flowText } from './column-flow.js'
import { createFolder } from './flow-project.js'

const ROWS = { rows: [{ id: 1, day: 'x', amount: 2.5 }] }
const CITIES = { rows: [{ id: 1, city: 'Paris' }] }

/** Two sources that are joined, filtered, grouped and written. */
const SALES: ColumnFlow = {
  modules: {
    sales: ['inline_source', ROWS],
    cities: ['inline_source', CITIES],
    both: ['join_mod', { on: ['id'], how: 'left' }],
    large: ['filter_mod', { condition: 'amount > 1' }],
    sums: ['aggregate_mod', { group_by: ['city'], aggregates: { total: 'sum(amount)' } }],
    round: ['derive_mod', { columns: { total: 'round(total)', label: "city || ' ' || total" } }],
    out: ['csv_sink', { output_path: 'out.csv' }],
  },
  data: [
    'sales.data - both.left',
    'cities.data - both.right',
    'both.output - large.input',
    'large.output - sums.input',
    'sums.output - round.input',
    'round.output - out.input',
  ],
}

async function trace(flow: ColumnFlow, files: { readonly [file: string]: string } = {}) {
  const folder = createFolder({ 'test.yaml': flowText(flow), ...files })
  const { flow: read, columns } = await validateFlow(path.join(folder, 'test.yaml'), {
    columns: { cwd: folder, allPorts: true, trace: true },
  })
  return { folder, ports: lineageOf(read, columns ?? new Map()) }
}

function texts(reached: readonly Reached[]): readonly string[] {
  return reached.map(({ node, port, column, ways }) => `${node}.${port}.${column} ${ways.join('+')}`)
}

const place = (text: string) => {
  const [node = '', port = '', column = ''] = text.split('.')
  return { node, port, column }
}

describe('over several nodes', () => {
  test('a column is followed up to what is read, the nearest first; what decides its rows apart from that', async () => {
    const { ports } = await trace(SALES)
    const { values, rows } = walkUpstream(ports, place('out.input.label'))
    expect(texts(values)).toEqual([
      'round.output.label identity',
      'sums.output.city transformation',
      'sums.output.total transformation',
      'large.output.amount aggregation',
      'large.output.city transformation',
      'both.output.amount aggregation',
      'both.output.city transformation',
      'cities.data.city transformation',
      'sales.data.amount aggregation',
    ])
    expect(texts(rows)).toEqual([
      'large.output.city group_by',
      'both.output.amount filter',
      'both.output.city group_by',
      'cities.data.id join',
      'cities.data.city group_by',
      'sales.data.id join',
      'sales.data.amount filter',
    ])
  })

  test('downstream tells the columns that it goes into, and the ports whose rows it decides', async () => {
    const { ports } = await trace(SALES)
    const { values, rows } = walkDownstream(ports, place('sales.data.amount'))
    expect(texts(values)).toContain('out.input.total aggregation')
    expect(texts(values)).not.toContain('out.input.city identity')
    expect(texts(rows).filter((text) => text.startsWith('out') || text.startsWith('both'))).toEqual(['out.input.* filter'])
  })

  test('what is upstream of a column has it downstream', async () => {
    const { ports } = await trace(SALES)
    const all = ports.flatMap(({ node, port, columns }) => columns.map(({ name }) => ({ node: node.flow.id, port, column: name })))
    const pairs: string[] = []
    for (const to of all) {
      const { values, rows } = walkUpstream(ports, to)
      for (const from of values) pairs.push(`${from.node}.${from.port}.${from.column} ${to.node}.${to.port}.${to.column}`)
      for (const from of rows) pairs.push(`${from.node}.${from.port}.${from.column} ${to.node}.${to.port}.*`)
    }
    const back = all.flatMap((from) => {
      const { values, rows } = walkDownstream(ports, from)
      return [...values, ...rows].map((to) => `${from.node}.${from.port}.${from.column} ${to.node}.${to.port}.${to.column}`)
    })
    expect([...new Set(pairs)].sort()).toEqual([...new Set(back)].sort())
  })

  test('columns converted by select_mod decide which rows it rejects', async () => {
    const { ports } = await trace({
      modules: {
        rows: ['inline_source', ROWS],
        typed: ['select_mod', { columns: ['day', 'id'], rename: { id: 'key' }, types: { day: 'INTEGER' } }],
        good: ['csv_sink', { output_path: 'good.csv' }],
        bad: ['csv_sink', { output_path: 'bad.csv' }],
      },
      data: ['rows.data - typed.input', 'typed.output - good.input', 'typed.reject - bad.input'],
    })
    const good = walkUpstream(ports, place('good.input.key'))
    expect(texts(good.values)).toEqual(['typed.output.key identity', 'rows.data.id identity'])
    expect(texts(good.rows)).toEqual(['rows.data.day filter'])
    expect(texts(walkUpstream(ports, place('bad.input._column')).values)).toContain('rows.data.day transformation')
  })
})

test('columns that come from no other one are told what they are made of', async () => {
  const { ports } = await trace({
    modules: {
      sales: ['inline_source', ROWS],
      more: [
        'derive_mod',
        { columns: { day: "'on {{run.date}}'", one: '1 + 1', at: 'now()', key: 'uuid()', n: 'row_number() OVER ()', twice: 'one * 2' } },
      ],
      sums: ['aggregate_mod', { group_by: ['day'], aggregates: { rows: 'count(*) + 1', big: 'count(*) FILTER (WHERE amount > 1)' } }],
      counted: [
        'sql_mod',
        { sql: 'SELECT rows, (SELECT count(*) FROM input) AS all_rows, current_date AS today, sum(1) AS ones FROM input GROUP BY rows' },
      ],
      out: ['csv_sink', { output_path: 'out.csv' }],
    },
    data: ['sales.data - more.input', 'more.output - sums.input', 'sums.output - counted.input', 'counted.output - out.input'],
  })
  const given = ports.flatMap(({ node, columns }) =>
    columns.flatMap((column) => (column.given === undefined ? [] : [[`${node.flow.id}.${column.name}`, column.given]])),
  )
  expect(Object.fromEntries(given)).toEqual({
    'more.day': { kind: 'template', of: ['{{run.date}}'] },
    'more.one': { kind: 'constant', of: [] },
    'more.twice': { kind: 'constant', of: [] },
    'more.at': { kind: 'function', of: [] },
    'more.key': { kind: 'function', of: [] },
    'more.n': { kind: 'rows', of: ['sales.data'] },
    'sums.rows': { kind: 'rows', of: ['more.output'] },
    'counted.all_rows': { kind: 'rows', of: ['sums.output'] },
    'counted.today': { kind: 'function', of: [] },
    'counted.ones': { kind: 'rows', of: ['sums.output'] },
  })
  const place = { node: 'out', port: 'input' }
  const table = formatEnds(
    findLineage(
      ports,
      [
        { ...place, column: 'rows' },
        { ...place, column: 'today' },
      ],
      'upstream',
    ),
    100,
  )
  expect(table).toMatch(/out\.input\.rows +sums\.output\.rows +identity +all rows of more\.output\n/)
  expect(table).toMatch(/out\.input\.today +counted\.output\.today +identity +a function\n/)
})

const CODE = (more: string) => `import { defineModule } from 'pypeline/sdk'
export default defineModule({
  name: 'twice', type: 'mod', version: '1.0.0', description: 'Code.', category: 'Rows', inputPorts: ['input'], outputPorts: ['output'],
  globals: {}, packages: [], config: { required: {}, optional: {} },
  run: async ({ input }) => ({ output: input }),
  ${more}
})
`

function throughCode(): ColumnFlow {
  return {
    modules: { rows: ['inline_source', ROWS], code: ['twice'], out: ['csv_sink', { output_path: 'out.csv' }] },
    data: ['rows.data - code.input', 'code.output - out.input'],
  }
}

async function traceCode(more: string) {
  const ports = { input_ports: ['input'], output_ports: ['output'] }
  const registry = { twice: { module_path: 'modules/mods/twice.ts', type: 'mod', version: '1.0.0', description: 'Code.', ...ports } }
  return trace(throughCode(), { 'modules/mods/twice.ts': CODE(more), 'ModRegistry.json': JSON.stringify(registry) })
}

describe('modules with code', () => {
  test('which do not tell their columns: all that follows may come from any column', async () => {
    const { ports } = await traceCode('')
    expect(texts(walkUpstream(ports, place('out.input.*')).values).filter((text) => text.startsWith('rows'))).toEqual([
      'rows.data.id unknown',
      'rows.data.day unknown',
      'rows.data.amount unknown',
    ])
    expect(ports.find(({ kind }) => kind === 'written')?.doubt).toContain('is code')
  })

  test('which tell their columns and not where these come from', async () => {
    const { ports } = await traceCode("columns: () => ({ output: [{ name: 'sum', type: 'DOUBLE' }] }),")
    expect(texts(walkUpstream(ports, place('out.input.sum')).values)).toContain('rows.data.amount unknown')
  })

  test('which tell it', async () => {
    const { ports } = await traceCode(`columns: () => ({ output: [{ name: 'sum', type: 'DOUBLE' }] }),
  lineage: () => ({ output: { columns: { sum: [{ port: 'input', column: 'amount' }] }, rows: [{ port: 'input', column: 'day' }] } }),`)
    const { values, rows } = walkUpstream(ports, place('out.input.sum'))
    expect(texts(values)).toEqual(['code.output.sum identity', 'rows.data.amount transformation'])
    expect(texts(rows)).toEqual(['rows.data.day filter'])
  })
})

describe('as OpenLineage', () => {
  test('files and tables are called as its conventions say', async () => {
    const { folder, ports } = await trace({
      modules: {
        table: ['postgres_source', { connection: 'postgres://me:{{secret.shop#password}}@db.example:5433/shop', table: 'sales.orders' }],
        plain: ['postgres_source', { connection: '{{context.shop}}', table: 'orders' }],
        out: ['csv_sink', { output_path: 'out/a b.csv' }],
        copy: ['postgres_sink', { connection: { host: 'db.example', database: 'shop', user: 'me' }, table: '"odd.name"', mode: 'append' }],
      },
      data: ['table.data - out.input', 'plain.data - copy.input'],
      control: ['out (1|) plain'],
    })
    const named = await Promise.all(ports.map(async ({ node }) => (await datasetsOf(node, 'test', folder, resolveWritten))[0]))
    expect(Object.fromEntries(ports.map(({ node }, i) => [node.flow.id, named[i]]))).toEqual({
      table: { namespace: 'postgres://db.example:5433', name: 'shop.sales.orders' },
      plain: { namespace: 'postgres://{{context.shop}}', name: 'public.orders' },
      out: { namespace: 'file', name: path.join(folder, 'out/a b.csv') },
      copy: { namespace: 'postgres://db.example:5432', name: 'shop.public.odd.name' },
    })
  })

  test('each column that is written has its input fields, and the rows theirs', async () => {
    const { folder, ports } = await trace(SALES)
    const datasets = new Map(
      await Promise.all(ports.map(async ({ node }) => [node, await datasetsOf(node, 'test', folder, resolveWritten)] as const)),
    )
    const event = toJobEvent(ports, { flow: 'test', producer: 'urn:test', time: '2026-01-01T00:00:00.000Z', datasets })
    const field = (name: string, column: string, type: string, subtype: string) => ({
      namespace: 'pype',
      name: `test.${name}`,
      field: column,
      transformations: [{ type, subtype }],
    })
    expect(event).toMatchObject({
      eventTime: '2026-01-01T00:00:00.000Z',
      producer: 'urn:test',
      schemaURL: 'https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/JobEvent',
      job: { namespace: 'pype', name: 'test' },
      inputs: [
        { namespace: 'pype', name: 'test.sales' },
        {
          namespace: 'pype',
          name: 'test.cities',
          facets: {
            schema: {
              fields: [
                { name: 'id', type: 'BIGINT' },
                { name: 'city', type: 'VARCHAR' },
              ],
            },
          },
        },
      ],
      outputs: [
        {
          namespace: 'file',
          facets: {
            columnLineage: {
              _schemaURL: 'https://openlineage.io/spec/facets/1-2-0/ColumnLineageDatasetFacet.json#/$defs/ColumnLineageDatasetFacet',
              fields: {
                city: { inputFields: [field('cities', 'city', 'DIRECT', 'IDENTITY')] },
                total: { inputFields: [field('sales', 'amount', 'DIRECT', 'AGGREGATION')] },
              },
              dataset: [
                field('cities', 'id', 'INDIRECT', 'JOIN'),
                field('cities', 'city', 'INDIRECT', 'GROUP_BY'),
                field('sales', 'id', 'INDIRECT', 'JOIN'),
                field('sales', 'amount', 'INDIRECT', 'FILTER'),
              ],
            },
          },
        },
      ],
    })
  })
})
