import { expect, test } from 'vitest'
import { type Case, ModuleProject } from '../modules/module-flow.js'

const read = (file_path: string | readonly string[], configs: object = {}, reject = false): Case => ({
  module: 'json_source',
  configs: { file_path, ...configs },
  reject,
})
const kinds = (...names: string[]): NonNullable<Case['after']> => [
  ['sql_mod', { sql: `SELECT ${names.map((name) => `typeof("${name}") AS "${name}"`).join(', ')} FROM input LIMIT 1` }],
]

test('fields that are inferred are all fields, with types that the records fit', async () => {
  const project = new ModuleProject({
    'case.json': '{"a":1,"A":2}\n',
    'late.json': `${'{"a":1}\n'.repeat(30_000)}{"a":2,"b":"x","c":[1]}\n`,
    'offset.json': '{"z":"2024-01-01T10:00:00+02:00","t":"2024-01-01T10:00:00Z","mixed":"2024-01-01T10:00:00.1234567"}\n',
    'wide.json': `{${Array.from({ length: 300 }, (_, i) => `"k${i}":${i}`).join(',')}}\n`,
  })
  const found = await project.runCases({
    case: read('case.json'),
    casePicked: read('case.json', { columns: ['A'] }),
    late: { ...read('late.json'), after: [['filter_mod', { condition: 'a = 2' }]] },
    offset: { ...read('offset.json'), after: kinds('z', 't', 'mixed') },
    wide: { ...read('wide.json'), after: kinds('k0', 'k299') },
  })
  expect(found.case.error).toMatchObject({ code: 'SCHEMA_MISMATCH', message: expect.stringContaining('differ only by case') })
  expect(found.casePicked.rows).toEqual([{ A: 2 }])
  expect(found.late.rows).toEqual([{ a: 2, b: 'x', c: [1] }])
  expect(found.offset.rows).toEqual([{ z: 'TIMESTAMP WITH TIME ZONE', t: 'TIMESTAMP', mixed: 'VARCHAR' }])
  expect(found.wide.rows).toEqual([{ k0: 'BIGINT', k299: 'BIGINT' }])
})

test('a broken record among lines is a bad row, also where the fields are inferred', async () => {
  const project = new ModuleProject({ 'lines.json': '{"a":1}\n{"a":\n5\n{"a":"\\ud83d"}\n{"a":3}\n' })
  const found = await project.runCases({ lines: read('lines.json', {}, true), fails: read('lines.json') })
  expect(found.lines.rows).toEqual([{ a: 1 }, { a: 3 }])
  expect(found.lines.rejects?.map((row) => row['_line'])).toEqual([2, 3, 4])
  expect(found.fails.error).toMatchObject({ code: 'BAD_ROW', message: expect.stringContaining('lines.json, line 2:') })
})

test('a file that is no array, and one without fields, are told for what they are', async () => {
  const arrays = { broken: '[{"a":1},{"a":]', cut: '[{"a":1}', junk: '[{"a":1}] xx', comma: '[{"a":1},]' }
  const project = new ModuleProject({
    ...Object.fromEntries(Object.entries(arrays).map(([name, text]) => [`${name}.json`, text])),
    'lines.json': '{"a":1}\n',
    'empty.json': '',
    'no-records.json': '[]',
    'no-fields.json': '{}\n{}\n',
  })
  const typed = { columns: { a: 'BIGINT' } }
  const found = await project.runCases({
    broken: read('broken.json', typed, true),
    cut: read('cut.json', {}, true),
    junk: read('junk.json', typed),
    comma: read('comma.json', typed, true),
    lines: read('lines.json', { format: 'array' }),
    both: read(['junk.json', 'lines.json']),
    empty: read('empty.json'),
    emptyTyped: read('empty.json', typed),
    noRecords: read('no-records.json'),
    noFields: read('no-fields.json'),
  })
  for (const name of ['broken', 'cut', 'junk', 'comma'] as const)
    expect(found[name].error).toMatchObject({ code: 'BAD_ROW', hint: expect.stringContaining('cannot leave by the reject port') })
  for (const name of ['lines', 'both'] as const)
    expect(found[name].error).toMatchObject({ code: 'BAD_ROW', message: expect.stringContaining('lines.json begins with {') })
  expect(found.empty.error).toMatchObject({ code: 'EMPTY_FILE', hint: expect.stringContaining('columns') })
  expect(found.emptyTyped.rows).toEqual([])
  for (const name of ['noRecords', 'noFields'] as const) expect(found[name].error?.code).toBe('SCHEMA_MISMATCH')
})
