import { readFileSync } from 'node:fs'
import { gunzipSync, gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { ModuleProject } from './module-flow.js'

test('json_sink writes lines or an array, compressed or not, in every mode', async () => {
  const rows = [
    { id: 1, big: '9223372036854775807', s: 'Zoë "q"\n', d: '2026-01-02', l: [1, 2], o: { a: null } },
    { id: null, big: null, s: '', d: null, l: null, o: null },
  ]
  const columns = { id: 'INTEGER', big: 'BIGINT', s: 'VARCHAR', d: 'DATE', l: 'INTEGER[]', o: 'STRUCT(a INTEGER)' }
  const project = new ModuleProject({ 'old.jsonl': '{"id":0}\n', 'kept.json': '[]', 'add.jsonl': '{"id":0}\n' })
  const sink = (configs: object, input: { rows: readonly object[]; columns: object } = { rows, columns }) => ({
    module: 'json_sink',
    configs,
    inputs: { input },
  })
  const one = { rows: [{ id: 1 }], columns: { id: 'INTEGER' } }
  const found = await project.runCases({
    lines: { ...sink({ output_path: 'lines.jsonl' }), message: '{{lines__row_count}} {{lines__file_size}} {{lines__path}}' },
    array: sink({ output_path: 'array.json', format: 'array' }),
    gz: sink({ output_path: 'a.json.gz' }),
    gzSet: sink({ output_path: 'b.json', compression: 'gzip', format: 'array' }),
    zst: sink({ output_path: 'a.json.zst' }),
    none: sink({ output_path: 'none.jsonl' }, { rows: [], columns }),
    noneArray: sink({ output_path: 'none.json', format: 'array' }, { rows: [], columns }),
    overwrite: sink({ output_path: 'old.jsonl' }, one),
    refused: sink({ output_path: 'kept.json', mode: 'error_if_exists' }, one),
    append: sink({ output_path: 'add.jsonl', mode: 'append' }, one),
    back: { module: 'json_source', configs: { file_path: 'a.json.zst', columns } },
    backArray: { module: 'json_source', configs: { file_path: 'b.json', compression: 'gzip', columns } },
  })
  const lines =
    '{"id":1,"big":9223372036854775807,"s":"Zoë \\"q\\"\\n","d":"2026-01-02","l":[1,2],"o":{"a":null}}\n{"id":null,"big":null,"s":"","d":null,"l":null,"o":null}\n'
  expect(project.read('lines.jsonl')).toBe(lines)
  expect(found.lines.message).toBe(`2 ${Buffer.byteLength(lines)} lines.jsonl`)
  const parsed = rows.map((row) => ({ ...row, big: row.big === null ? null : Number(row.big) }))
  expect(JSON.parse(project.read('array.json'))).toEqual(parsed)
  expect(project.read('a.json.gz')).toBe(lines)
  expect(JSON.parse(gunzipSync(readFileSync(project.path('b.json'))).toString())).toEqual(parsed)
  expect(project.read('none.jsonl')).toBe('')
  expect(JSON.parse(project.read('none.json'))).toEqual([])
  expect(project.read('old.jsonl')).toBe('{"id":1}\n')
  expect(found.refused.error?.code).toBe('TARGET_EXISTS')
  expect(project.read('kept.json')).toBe('[]')
  expect(project.read('add.jsonl')).toBe('{"id":0}\n{"id":1}\n')
  expect(found.back.rows).toEqual(parsed)
  expect(found.backArray.rows).toEqual(parsed)
})

test('json_sink does not append to an array', async () => {
  const project = new ModuleProject()
  const modules = {
    src: ['inline_source', { rows: [{ a: 1 }] }],
    out: ['json_sink', { output_path: 'a.json', mode: 'append', format: 'array' }],
  } as const
  await expect(project.run({ modules, data: ['src.data - out.input'] })).rejects.toThrow(/cannot be appended to a JSON array/)
})

test('json_sink appends behind the last line whether it has an end or not, and not to an array', async () => {
  const project = new ModuleProject({ 'open.jsonl': '{"id":0}', 'open.jsonl.gz': gzipSync('{"id":0}'), 'array.json': '\n [{"id":0}]' })
  const sink = (output_path: string) => ({
    module: 'json_sink',
    configs: { output_path, mode: 'append' },
    inputs: { input: [{ id: 1 }] },
  })
  const found = await project.runCases({
    open: sink('open.jsonl'),
    gz: sink('open.jsonl.gz'),
    array: sink('array.json'),
    zst1: sink('new.jsonl.zst'),
    zst2: sink('new.jsonl.zst'),
    back: { module: 'json_source', configs: { file_path: 'new.jsonl.zst' } },
  })
  expect(project.lines('open.jsonl')).toEqual([{ id: 0 }, { id: 1 }])
  expect(project.lines('open.jsonl.gz')).toEqual([{ id: 0 }, { id: 1 }])
  expect(found.back.rows).toEqual([{ id: 1 }, { id: 1 }])
  expect(found.array.error).toMatchObject({ code: 'SCHEMA_MISMATCH', message: expect.stringContaining('array.json holds a JSON array') })
  expect(project.read('array.json')).toBe('\n [{"id":0}]')
})

test('json_sink refuses numbers that JSON does not have', async () => {
  const project = new ModuleProject()
  const number = (x: string | null) => ({ rows: [{ x }], columns: { x: 'DOUBLE' } })
  const { ran, ...found } = await project.runCases({
    finite: {
      module: 'sort_mod',
      configs: { by: ['x'] },
      inputs: { input: { rows: [{ x: 1.5 }, { x: null }], columns: { x: 'DOUBLE' } } },
    },
    nan: { module: 'sort_mod', configs: { by: ['x'] }, inputs: { input: number('nan') } },
    infinite: { module: 'sort_mod', configs: { by: ['x'] }, inputs: { input: number('-inf') } },
  })
  expect(found.finite.rows).toEqual([{ x: 1.5 }, { x: null }])
  for (const [name, text] of [
    ['nan', 'nan'],
    ['infinite', '-inf'],
  ] as const) {
    const error = {
      code: 'BAD_ROW',
      message: `Column "x": ${text} is no number that JSON can hold.`,
      hint: expect.stringContaining('NULL'),
    }
    expect(ran.summary.errors.filter(({ node }) => node?.startsWith(name))).toMatchObject([error])
  }
})
