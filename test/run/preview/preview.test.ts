import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { formatProfile } from '../../../src/cli/rows/profile-page.js'
import { PypeError } from '../../../src/core/errors.js'
import { plainPage } from '../../cli/terminal/plain-page.js'
import { PreviewPlace } from './preview-place.js'

const ORDERS = 'id,city,amount\n1,London,10.5\n2,Paris,99\n3,,20\n'
const READ = 'orders csv_source { file_path: orders.csv, columns: { id: INTEGER, city: VARCHAR, amount: DOUBLE } }'
const LARGE = 'large filter_mod { condition: "amount >= 15" }'
const OUT = 'out csv_sink { output_path: out.csv }'

function openOrders(): PreviewPlace {
  const place = new PreviewPlace({ 'orders.csv': ORDERS })
  place.flow([READ, LARGE, OUT], ['orders.data - large.input', 'large.output - out.input'])
  return place
}

it('the rows of a port, of an input port and of a sink, with nothing written', async () => {
  const place = openOrders()
  const large = [
    { id: 2, city: 'Paris', amount: 99 },
    { id: 3, city: null, amount: 20 },
  ]
  for (const port of ['large', 'large.output', 'out', 'out.input']) expect(await place.rows(port), port).toEqual(large)
  expect(await place.rows('large.input')).toHaveLength(3)
  expect(await place.rows('large.reject')).toMatchObject([{ id: 1 }])
  expect(place.files()).toEqual(['flow.yaml', 'orders.csv'])
})

it('a name that there is not is an error with the nearest one', async () => {
  const place = openOrders()
  await expect(place.rows('lage')).rejects.toMatchObject({ code: 'USAGE', hint: 'did you mean "large"?' })
  await expect(place.rows('large.outptu')).rejects.toMatchObject({ code: 'USAGE', hint: 'did you mean "output"?' })
  await expect(place.rows(undefined)).rejects.toMatchObject({ code: 'USAGE', hint: 'the nodes with rows are orders, large, out' })
  await expect(place.rows('large.output.x')).rejects.toMatchObject({ code: 'USAGE' })
})

it('a node without rows is refused', async () => {
  const place = openOrders()
  place.flow([READ, OUT, 'told log { message: hi }'], ['orders.data - out.input'], ['out (1|) told'])
  await expect(place.rows('told')).rejects.toMatchObject({ code: 'PREVIEW_REFUSED' })
})

it('--where keeps rows of the port, and its errors are its own', async () => {
  const place = openOrders()
  expect(await place.rows('orders', { where: "city = 'Paris' -- only there" })).toMatchObject([{ id: 2 }])
  const wrong = [
    ['cty IS NULL', '--where: There is no column "cty".', 'did you mean "city"?'],
    ['city > 3', '--where: A value of type VARCHAR cannot be compared with a number.', 'bring both sides to one type: with CAST'],
    ["city = 'x", expect.stringContaining('is not closed'), expect.any(String)],
    ['id > {{context.n}}', expect.stringContaining('a template'), 'write the value itself'],
    ['id > CAST(city AS INTEGER)', expect.stringContaining('--where: '), expect.stringContaining('TRY_CAST')],
    [' ', '--where: there is no condition.', expect.any(String)],
    ['1 = 1; SELECT 1', '--where: a ";" ends a statement, and one expression is expected.', expect.stringContaining('one condition')],
  ] as const
  for (const [where, message, hint] of wrong) {
    const error = await place.rows('orders', { where }).catch((thrown: unknown) => thrown)
    expect(error, where).toMatchObject({ code: 'WHERE_INVALID', message, hint, at: undefined })
  }
})

it('an error of a node is placed in the flow file', async () => {
  const place = openOrders()
  place.flow(
    [READ, 'large filter_mod { condition: "CAST(city AS INTEGER) > 1" }', OUT],
    ['orders.data - large.input', 'large.output - out.input'],
  )
  await expect(place.rows('out')).rejects.toMatchObject({ code: 'SQL_FAILED', node: 'large', at: { line: 5 } })
})

it('rows cross boundaries without being stored, and neither valves nor what stands behind the port count', async () => {
  const place = new PreviewPlace({ 'orders.csv': ORDERS })
  place.flow(
    [READ, LARGE, OUT, 'never fail { message: no }'],
    ['orders.data - large.input', 'large.output - out.input'],
    ['orders (1|1 > 2) large', 'out (2|) never'],
  )
  expect(await place.rows('large')).toHaveLength(2)
  expect(place.files()).toEqual(['flow.yaml', 'orders.csv'])
})

it('a limit reaches the files: what is broken beyond it is not read', async () => {
  const broken = `id,city,amount\n${Array.from({ length: 400_000 }, (_, i) => `${i},London,1`).join('\n')}\nx,y,z,w\n`
  const place = new PreviewPlace({ 'orders.csv': broken })
  place.flow([READ, 'some filter_mod { condition: "id % 7 = 3" }', OUT], ['orders.data - some.input', 'some.output - out.input'])
  expect(await place.rows('some', { limit: 3 })).toMatchObject([{ id: 3 }, { id: 10 }, { id: 17 }])
  expect(await place.rows('some', { limit: 3, sample: { percent: 50 } })).toHaveLength(3)
  await expect(place.rows('some')).rejects.toMatchObject({ code: 'BAD_ROW' })
})

it('--where carries out no statement of its own', async () => {
  const place = openOrders()
  const file = path.join(place.folder, 'written.csv')
  const where = `1 = 1); COPY (SELECT 1) TO '${file}'; SELECT (1`
  await expect(place.rows('orders', { where })).rejects.toMatchObject({ code: 'WHERE_INVALID', message: '--where: a ")" closes nothing.' })
  expect(existsSync(file)).toBe(false)
})

it('the error of a bad row names the command that shows them all, where a preview can do so', async () => {
  const place = new PreviewPlace({ 'orders.csv': 'id,city,amount\n1,London,dear\n' })
  const hintOf = async (source: string, ...solo: string[]) => {
    place.flow([source, OUT, ...solo], ['orders.data - out.input'], solo.length === 0 ? [] : ['files (1|) orders'])
    return place.rows('out').then(
      () => '',
      (error: unknown) => (error instanceof PypeError ? error.hint : String(error)),
    )
  }
  expect(await hintOf(READ)).toMatch(/such rows; `pype preview \S+flow\.yaml orders\.reject` shows them$/)
  expect(await place.rows('orders.reject')).toMatchObject([{ _column: 'amount' }])
  const taken = READ.replace('orders.csv,', '"{{files__first}}",')
  expect(await hintOf(taken, 'files set_global { values: { first: orders.csv } }')).not.toContain('pype preview')
})

it('that command has the options that the rows depend on, each as a word of a shell', async () => {
  const place = new PreviewPlace({
    'day 2026-01-31.csv': 'id\ndear\n',
    'big.json': '{ "kind": "day", "type": "INTEGER", "other": "" }',
  })
  const source = 'orders csv_source { file_path: "{{context.kind}} {{run.date}}.csv", columns: { id: "{{context.type}}" } }'
  place.flow([source, 'out csv_sink { output_path: "{{context.other}}" }'], ['orders.data - out.input'])
  const asked = { context: 'big.json', set: ['type=SMALLINT', 'other=x'], date: '2026-01-31' }
  await expect(place.rows('orders', asked)).rejects.toMatchObject({
    hint: expect.stringMatching(/ orders\.reject --context big\.json --set type=SMALLINT --date '2026-01-31[ 0:.]*'` shows them$/),
  })
  const elsewhere = { ...asked, insistsOnCwd: true }
  await expect(place.rows('orders', elsewhere)).rejects.toMatchObject({ hint: expect.stringContaining(` --cwd ${place.folder}\``) })
})

it('bad rows leave by a reject that is connected, whoever reads it', async () => {
  const place = new PreviewPlace({ 'orders.csv': 'id,city,amount\n1,London,10.5\n2,Paris,dear\n' })
  place.flow(
    [READ, LARGE, OUT, 'bad csv_sink { output_path: bad.csv }'],
    ['orders.data - large.input', 'large.output - out.input', 'orders.reject - bad.input'],
  )
  expect(await place.rows('large')).toEqual([])
  expect(await place.rows('orders')).toMatchObject([{ id: 1 }])
  expect(await place.rows('orders', { limit: 1 })).toMatchObject([{ id: 1 }])
  expect(await place.rows('bad')).toMatchObject([{ _line: 3, _column: 'amount' }])
  expect((await place.profile('orders')).rows).toBe(1)
})

it('a sample has as many rows as it is asked for, of those for which the condition holds', async () => {
  const place = new PreviewPlace()
  place.flow(
    ['numbers inline_source { rows: [{ a: 1 }] }', 'many sql_mod { sql: "SELECT i FROM range(10000) r(i), input" }', OUT],
    ['numbers.data - many.input', 'many.output - out.input'],
  )
  const rows = await place.rows('many', { sample: { rows: 50 }, where: 'i < 5000' })
  expect(rows).toHaveLength(50)
  expect(rows.every(({ i }) => Number(i) < 5000)).toBe(true)
  const { rows: share } = await place.profile('many', { sample: { percent: 10 } })
  expect(share).toBeGreaterThan(500)
  expect(share).toBeLessThan(2000)
})

it('the context and the logical time are those of a run, as far as the port needs them', async () => {
  const place = new PreviewPlace()
  mkdirSync(path.join(place.folder, 'context'))
  writeFileSync(path.join(place.folder, 'context', 'looked_at_default.json'), '{ "least": 2, "elsewhere": null }')
  place.flow(
    [
      'numbers inline_source { rows: [{ a: 1 }, { a: 2 }, { a: 3 }] }',
      'some sql_mod { sql: "SELECT *, {{run.date}} AS d FROM input WHERE a >= {{context.least}}" }',
      'out csv_sink { output_path: "{{context.elsewhere}}" }',
    ],
    ['numbers.data - some.input', 'some.output - out.input'],
  )
  expect(await place.rows('some', { date: '2026-01-31' })).toEqual([
    { a: 2, d: '2026-01-31' },
    { a: 3, d: '2026-01-31' },
  ])
  expect(await place.rows('some', { set: ['least=3', 'elsewhere=x.csv'] })).toHaveLength(1)
  await expect(place.rows('some', { set: ['lest=3'] })).rejects.toMatchObject({ code: 'CONTEXT_INVALID', hint: 'did you mean "least"?' })
})

it('a histogram of dates that JavaScript does not have', async () => {
  const place = new PreviewPlace()
  const days = "SELECT unnest([DATE '5000-01-01 (BC)', DATE '290000-01-01']) AS d"
  place.flow(
    ['one inline_source { rows: [{ n: 1 }] }', `days sql_mod { sql: ${JSON.stringify(days)} }`, OUT],
    ['one.data - days.input', 'days.output - out.input'],
  )
  const [day] = (await place.profile('days')).columns
  expect(day?.histogram?.[0]).toMatchObject({ from: '5000-01-01 (BC)', rows: 1 })
  expect(day?.histogram?.at(-1)).toMatchObject({ to: '290000-01-01', rows: 1 })
})

// Fails when the digest behind the beginning of a value is left out.
it.each([
  ['texts', "repeat('x', 250) || i % 3", 'VARCHAR', `${'x'.repeat(200)}…`],
  ['bytes', "CAST(repeat('x', 250) || i % 3 AS BLOB)", 'BLOB', `${'x'.repeat(200)}…`],
  ['JSON', "CAST('\"' || repeat('x', 250) || i % 3 || '\"' AS JSON)", 'JSON', `"${'x'.repeat(199)}…`],
  ['lists', '[i % 3 + k * 0 FOR k IN range(100)]', 'BIGINT[]', `[${'0, '.repeat(66)}0…`],
])('long %s are cut in a profile, and told apart all the same', async (_, value, type, first) => {
  const place = new PreviewPlace()
  const select = `SELECT CASE WHEN i < 5 THEN NULL ELSE ${value} END AS v FROM range(12) AS t(i)`
  place.flow(
    ['one inline_source { rows: [{ n: 1 }] }', `long sql_mod { sql: ${JSON.stringify(select)} }`, OUT],
    ['one.data - long.input', 'long.output - out.input'],
  )
  for (const asked of [{}, { sample: { rows: 100 } }, { where: 'octet_length(CAST(v AS VARCHAR)::BLOB) > 250 OR v IS NULL' }]) {
    const [v] = (await place.profile('long', asked)).columns
    expect(v).toMatchObject({ type, nulls: 5, distinct: 3, distinct_exact: true })
    const tops = v?.top.map((top) => top.value) ?? []
    expect(tops).toContain(first)
    expect(v?.top.map(({ rows }) => rows)).toEqual([3, 2, 2])
    expect(tops.every((text) => text.length === 201)).toBe(true)
  }
})

it('of many rows the columns of few different values are counted exactly', async () => {
  const place = new PreviewPlace()
  place.flow(
    ['one inline_source { rows: [{ n: 1 }] }', 'many sql_mod { sql: "SELECT i % 1000 AS few, i AS many FROM range(200001) AS t(i)" }', OUT],
    ['one.data - many.input', 'many.output - out.input'],
  )
  const profile = await place.profile('many')
  const { exact, columns } = profile
  expect(exact).toBe(false)
  expect(columns[0]).toMatchObject({
    distinct: 1000,
    distinct_exact: true,
    top: [{ value: '0', rows: 201 }, { value: '1' }, { value: '2' }, { value: '3' }, {}],
  })
  expect(columns[1]?.distinct_exact).toBe(false)
  expect(columns[1]?.top).toHaveLength(5)
  const page = formatProfile('many.output', profile, plainPage(100))
  expect(page).toContain(', 1,000 distinct\n')
  expect(page).toMatch(/ ~\d+,\d+ distinct\n/)
  expect(page).toMatch(/ 25% ~/)
})
