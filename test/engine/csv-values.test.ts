import { describe, expect, it } from 'vitest'
import { openPlace, runNodes } from './engine-flow.js'

async function readCsv(text: string, configs: string, file = 'in.csv') {
  const place = openPlace({ [file]: text })
  const summary = await runNodes(
    place,
    [`read csv_source { file_path: ${JSON.stringify(file)}, ${configs} }`, 'out csv_sink { output_path: out.csv }'],
    {
      data: ['read.data - out.input'],
    },
  )
  return { error: summary.errors[0], lines: summary.status === 'completed' ? place.read('out.csv').trimEnd().split('\n').slice(1) : [] }
}

// Each fails when strictCast is only the engine's own cast, which changes these values in silence.
describe('a text that a cast would change', () => {
  it.each([
    ['DECIMAL(10,2)', '1.005'],
    ['DECIMAL(10,2)', '1e-3'],
    ['INTEGER', '1.7'],
    ['INTEGER', '15e-1'],
    ['BIGINT', '9223372036854775808'],
    ['TINYINT', '128'],
    ['INTEGER', '.5'],
    ['BIGINT', '0x10'],
    ['BIGINT', '1_000'],
    ['BIGINT', '0b1'],
    ['DOUBLE', '1e400'],
    ['FLOAT', '-1e39'],
    ['TIMESTAMP', '2026-01-01 00:00:00.1234567'],
    ['TIMESTAMP_MS', '2026-01-01 00:00:00.1234'],
    ['TIMESTAMPTZ', '2026-01-01 00:00:00.1234567Z'],
    ['TIME', '10:00:00.1234567'],
    ['INTEGER[]', '"[1, q]"'],
    ['INTEGER[]', '"[1, 2.5]"'],
    ['DATE', '2026-01-01 23:59:59'],
    ['DATE', '2026-13-01'],
    ['TIMESTAMP', '2026-01-01 00:00:00+05:00'],
    ['BOOLEAN', 'maybe'],
  ])('%s of %s is a bad row, with its line', async (type, value) => {
    const { error } = await readCsv(`v\n${value}\n`, `columns: { v: "${type}" }`)
    expect(error).toMatchObject({ code: 'BAD_ROW', node: 'read', message: expect.stringMatching(/in\.csv, line 2.*"v"/) })
  })

  it.each([
    ['DECIMAL(10,2)', '1.10', '1.10'],
    ['DECIMAL(10,2)', '1.100', '1.10'],
    ['INTEGER', '7.0', '7'],
    ['INTEGER', '1e3', '1000'],
    ['INTEGER', '+7', '7'],
    ['INTEGER', '-007', '-7'],
    ['INTEGER', ' 42 ', '42'],
    ['DOUBLE', 'inf', 'inf'],
    ['DOUBLE', '-Infinity', '-inf'],
    ['DOUBLE', 'NaN', 'nan'],
    ['TIMESTAMP', '2026-01-01 00:00:00.123456000', '2026-01-01 00:00:00.123456'],
    ['TIMESTAMP_NS', '2026-01-01 00:00:00.123456789', '2026-01-01 00:00:00.123456789'],
    ['INTEGER[]', '"[1, 2]"', '"[1, 2]"'],
    ['BIGINT', '9007199254740993', '9007199254740993'],
    ['HUGEINT', '170141183460469231731687303715884105727', '170141183460469231731687303715884105727'],
    ['DATE', '2026-01-31', '2026-01-31'],
    ['TIMESTAMP', '2026-01-01T10:00:00.123456', '2026-01-01 10:00:00.123456'],
  ])('%s of %s is %s', async (type, value, expected) => {
    expect(await readCsv(`v\n${value}\n`, `columns: { v: "${type}" }`)).toEqual({ error: undefined, lines: [expected] })
  })

  it('is a bad row in select_mod, also when it is a number or a nested text', async () => {
    const place = openPlace()
    const rows = '[{ d: 2, t: "2026-01-01 00:00:00", l: "[1]" }, { d: 1.5 }, { t: "2026-01-01 00:00:00.1234567" }, { l: "[1,q]" }]'
    const nodes = [
      `rows inline_source { rows: ${rows}, columns: { d: DOUBLE, t: VARCHAR, l: VARCHAR } }`,
      'typed select_mod { types: { d: INTEGER, t: TIMESTAMP, l: "INTEGER[]" } }',
      'out csv_sink { output_path: out.csv }',
      'bad csv_sink { output_path: bad.csv }',
    ]
    const data = ['rows.data - typed.input', 'typed.output - out.input', 'typed.reject - bad.input']
    expect((await runNodes(place, nodes, { data })).errors).toEqual([])
    expect(place.read('out.csv')).toBe('d,t,l\n2,2026-01-01 00:00:00,[1]\n')
    const rejected = place.read('bad.csv').trimEnd().split('\n').slice(1)
    expect(rejected.map((line) => line.split(',').at(-1))).toEqual(['d', 't', 'l'])
    const [error] = (await runNodes(place, nodes.slice(0, 3), { data: data.slice(0, 2) })).errors
    expect(error).toMatchObject({ code: 'BAD_ROW', node: 'typed' })
  })

  it('is told apart with a reject port by the same rules', async () => {
    const place = openPlace({ 'in.csv': 'v\n1.005\n1.5\n' })
    const nodes = [
      'read csv_source { file_path: in.csv, columns: { v: "DECIMAL(10,2)" } }',
      'out csv_sink { output_path: out.csv }',
      'bad csv_sink { output_path: bad.csv }',
    ]
    const summary = await runNodes(place, nodes, { data: ['read.data - out.input', 'read.reject - bad.input'] })
    expect(summary.errors).toEqual([])
    expect(place.read('out.csv')).toBe('v\n1.50\n')
    expect(place.read('bad.csv').split('\n')[1]).toMatch(/^BAD_ROW,.*1\.005/)
  })
})

// Each fails when inferTypes is the engine's own inference.
describe('the inference of types', () => {
  it('leaves an ambiguous date as text, alone and beside another', async () => {
    expect((await readCsv('v\n02/12/2026\n', 'quote: ""')).lines).toEqual(['02/12/2026'])
    expect((await readCsv('v\n02/12/2026\n13/01/2026\n', 'quote: ""')).lines).toEqual(['02/12/2026', '13/01/2026'])
  })

  it('keeps the digits of a long id, and leading zeros', async () => {
    expect((await readCsv('v,z\n12345678901234567890123,007\n', 'quote: ""')).lines).toEqual(['12345678901234567890123,007'])
  })

  it('that a late row proves wrong ends in a bad row, never in a NULL', async () => {
    const rows = Array.from({ length: 50_000 }, (_, i) => `${i}\n`).join('')
    expect((await readCsv(`v\n${rows}last\n`, 'quote: ""')).error).toMatchObject({
      code: 'BAD_ROW',
      message: expect.stringMatching(/line 50002.*'last'/),
    })
  })
})

describe('the columns of a file', () => {
  // Fails when the header is not compared: the engine binds declared columns by position.
  it('bind by name when the file has another order', async () => {
    expect((await readCsv('b,a\ntwo,1\n', 'columns: { a: INTEGER, b: VARCHAR }')).lines).toEqual(['1,two'])
  })

  it('bind by name in each of several files', async () => {
    const place = openPlace({ 'd/1.csv': 'a,b\n1,x\n', 'd/2.csv': 'b,a\ny,2\n' })
    await runNodes(place, ['read csv_source { file_path: "d/*.csv" }', 'out csv_sink { output_path: out.csv }'], {
      data: ['read.data - out.input'],
    })
    expect(place.read('out.csv')).toBe('a,b\n1,x\n2,y\n')
  })

  // Fails when the headers of all files are not compared: the engine drops a column that only a later file has.
  it('that only one of several files has are an error', async () => {
    const place = openPlace({ 'd/1.csv': 'a\n1\n', 'd/2.csv': 'a,b\n2,lost\n' })
    const summary = await runNodes(place, ['read csv_source { file_path: "d/*.csv" }', 'out csv_sink { output_path: out.csv }'], {
      data: ['read.data - out.input'],
    })
    expect(summary.errors).toMatchObject([{ code: 'SCHEMA_MISMATCH', node: 'read', message: expect.stringMatching(/2\.csv.*b/) }])
  })
})

describe('a path with glob characters', () => {
  // Fails when pathList does not escape: the engine would read q1.csv.
  it.each(['q[1].csv', 'q*.csv', 'q?.csv'])('%s is read literally when such a file exists', async (file) => {
    const place = openPlace({ [file]: 'v\nthis\n', 'q1.csv': 'v\nother\n' })
    await runNodes(place, [`read csv_source { file_path: "${file}" }`, 'out csv_sink { output_path: out.csv }'], {
      data: ['read.data - out.input'],
    })
    expect(place.read('out.csv')).toBe('v\nthis\n')
  })
})
