import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { type Case, ModuleProject, warnings } from './module-flow.js'

const json = (configs: object, more: Partial<Case> = {}): Case => ({ module: 'json_source', configs, ...more })

test('json_source reads arrays, lines, nested values and missing keys', async () => {
  const records = [
    { id: 1, name: 'Zoë', tags: ['a', 'b'], at: { x: 1.5, 'y/z': null } },
    { id: 2, tags: [], at: { x: 2, 'y/z': 'q' }, extra: true },
  ]
  const lines = records.map((record) => JSON.stringify(record)).join('\n')
  const project = new ModuleProject({
    'array.json': JSON.stringify(records, undefined, 2),
    'lines.json': `${lines}\n`,
    'mark.json': `\ufeff${lines}`,
    'mark.data': gzipSync(`\ufeff${lines}`),
    'plain.data': gzipSync(lines),
    'crlf.json': lines.replaceAll('\n', '\r\n'),
    'a.json.gz': gzipSync(JSON.stringify(records)),
    'gz.data': gzipSync(lines),
    'big.json': '{"id": 12345678901234567890123, "n": 9007199254740993, "d": "2026-01-02"}\n',
    'odd.json': '{"a b": 1, "c/d": 2, "e~f": 3, "g\\"h": 4, "i.j": 5, "ü": 6}\n',
    'q[1].json': '{"id": 1}\n',
    'q1.json': '{"id": 2}\n',
    'none.json': '[]',
    'empty.json': '',
    'null.json': '{"id": null, "name": "null"}\n{"id": 1, "name": null}\n',
  })
  const found = await project.runCases({
    array: json({ file_path: 'array.json', format: 'array' }),
    autoArray: json({ file_path: 'array.json' }),
    lines: json(
      { file_path: 'lines.json', format: 'lines' },
      { message: '{{lines__row_count}} {{lines__file_count}} {{lines__file_size}}' },
    ),
    autoLines: json({ file_path: 'lines.json' }),
    mark: json({ file_path: 'mark.json' }),
    markGz: json({ file_path: 'mark.data', compression: 'gzip' }),
    markSome: json({ file_path: ['plain.data', 'mark.data'], compression: 'gzip', columns: ['id'], file_name: 'file' }),
    crlf: json({ file_path: 'crlf.json' }),
    gz: json({ file_path: 'a.json.gz' }),
    gzData: json({ file_path: 'gz.data', compression: 'gzip' }),
    picked: json({ file_path: 'lines.json', columns: ['name', 'id'] }),
    pickedNone: json({ file_path: 'lines.json', columns: ['nope'] }),
    typed: json({
      file_path: 'lines.json',
      columns: {
        name: 'VARCHAR',
        at: 'STRUCT(x DOUBLE, "y/z" VARCHAR)',
        id: 'DECIMAL(5,1)',
        tags: 'VARCHAR[]',
        extra: 'BOOLEAN',
        lacks: 'DATE',
      },
    }),
    asJson: json({ file_path: 'lines.json', columns: { id: 'INTEGER', at: 'JSON' } }),
    big: json({ file_path: 'big.json' }),
    odd: json({ file_path: 'odd.json' }),
    brackets: json({ file_path: 'q[1].json' }),
    glob: json({ file_path: ['q1.json', 'q[1].json'], file_name: 'file' }),
    none: json({ file_path: 'none.json', columns: { id: 'INTEGER' } }),
    empty: json({ file_path: 'empty.json', columns: { id: 'INTEGER' } }),
    nulls: json({ file_path: 'null.json' }),
    missing: json({ file_path: 'gone.json' }),
    fileName: json({ file_path: 'q1.json', file_name: 'id' }),
  })
  const rows = [
    { id: 1, name: 'Zoë', tags: ['a', 'b'], at: { x: 1.5, 'y/z': null }, extra: null },
    { id: 2, name: null, tags: [], at: { x: 2, 'y/z': 'q' }, extra: true },
  ]
  for (const name of ['array', 'autoArray', 'lines', 'autoLines', 'mark', 'markGz', 'crlf', 'gz', 'gzData'] as const) {
    expect({ name, rows: found[name].rows }).toEqual({ name, rows })
  }
  expect(found.markSome.rows).toEqual(['plain.data', 'mark.data'].flatMap((file) => [1, 2].map((id) => ({ id, file: project.path(file) }))))
  expect(found.lines.message).toBe(`2 1 ${Buffer.byteLength(lines) + 1}`)
  expect(found.picked.rows?.map((row) => Object.entries(row))).toEqual([
    [
      ['name', 'Zoë'],
      ['id', 1],
    ],
    [
      ['name', null],
      ['id', 2],
    ],
  ])
  expect(found.pickedNone.error).toMatchObject({ code: 'SCHEMA_MISMATCH', message: expect.stringContaining('lacks nope') })
  expect(found.typed.rows?.map((row) => Object.keys(row))[0]).toEqual(['name', 'at', 'id', 'tags', 'extra', 'lacks'])
  expect(found.typed.rows).toEqual(rows.map((row) => ({ ...row, lacks: null })))
  expect(found.asJson.rows).toEqual(rows.map(({ id, at }) => ({ id, at })))
  expect(found.big.rows).toEqual([{ id: '12345678901234567890123', n: 9007199254740992, d: '2026-01-02' }])
  expect(warnings(found.ran).filter((line) => line.includes('big.json'))).toEqual([
    expect.stringContaining('its integers do not fit 64 bits'),
  ])
  expect(found.odd.rows).toEqual([{ 'a b': 1, 'c/d': 2, 'e~f': 3, 'g"h': 4, 'i.j': 5, ü: 6 }])
  expect(found.brackets.rows).toEqual([{ id: 1 }])
  expect(found.glob.rows).toEqual([
    { id: 2, file: project.path('q1.json') },
    { id: 1, file: project.path('q[1].json') },
  ])
  expect(found.none.rows).toEqual([])
  expect(found.empty.rows).toEqual([])
  expect(found.nulls.rows).toEqual([
    { id: null, name: 'null' },
    { id: 1, name: null },
  ])
  expect(found.fileName.error?.code).toBe('CONFIG_INVALID')
  expect(found.missing.error?.code).toBe('FILE_NOT_FOUND')
})

test('json_source sends bad records to reject with the place where they stand', async () => {
  const lines = '{"id": 1, "n": [1]}\n\n{"id": "x", "n": []}\n{"id": 3\n[4]\n{"id": 5, "n": ["y"]}\n{"id": 6.5}\n{"id": "7"}\n'
  const project = new ModuleProject({
    'lines.json': lines,
    'crlf.json.gz': gzipSync(lines.replaceAll('\n', '\r\n')),
    'array.json': '[{"id": 1}, {"id": "x"}, 3, {"id": 4}]',
    'cut.json': '[{"id": 1}, {"id": 2',
    'two/a.json': '{"id": 1}\n{"id": "a"}\n',
    'two/b.json': '{"id": "b"}\n{"id": 2}\n',
  })
  const columns = { id: 'INTEGER', n: 'INTEGER[]' }
  const id = { id: 'INTEGER' }
  const found = await project.runCases({
    lines: json({ file_path: 'lines.json', columns }, { reject: true, message: '{{lines__row_count}} good, {{lines__rejected}} bad' }),
    crlf: json({ file_path: 'crlf.json.gz', columns }, { reject: true }),
    array: json({ file_path: 'array.json', columns: id }, { reject: true }),
    two: json({ file_path: 'two/*.json', columns: id }, { reject: true }),
    fails: json({ file_path: 'lines.json', columns }),
    failsArray: json({ file_path: 'array.json', columns: id }),
    broken: json({ file_path: 'lines.json', columns: { id: 'VARCHAR' } }),
    cut: json({ file_path: 'cut.json', columns: id }),
    max: json({ file_path: 'lines.json', columns, max_rejects: 4 }, { reject: true }),
    maxShare: json({ file_path: 'lines.json', columns, max_rejects: '72%' }, { reject: true }),
  })
  const good = [
    { id: 1, n: [1] },
    { id: 7, n: null },
  ]
  const file = project.path('lines.json')
  const bad = { _error_code: 'BAD_ROW', _file: file }
  expect(found.lines.rows).toEqual(good)
  expect(found.lines.rejects).toEqual([
    { ...bad, _error_message: `Column "id": 'x' is no INTEGER.`, _column: 'id', _line: 3, _raw: '{"id": "x", "n": []}' },
    { ...bad, _error_message: 'The record is not valid JSON.', _column: null, _line: 4, _raw: '{"id": 3' },
    { ...bad, _error_message: 'The record is no JSON object.', _column: null, _line: 5, _raw: '[4]' },
    { ...bad, _error_message: `Column "n": '["y"]' is no INTEGER[].`, _column: 'n', _line: 6, _raw: '{"id": 5, "n": ["y"]}' },
    { ...bad, _error_message: `Column "id": '6.5' is no INTEGER.`, _column: 'id', _line: 7, _raw: '{"id": 6.5}' },
  ])
  expect(found.lines.message).toBe('2 good, 5 bad')
  expect(found.crlf.rejects?.map((row) => [row['_line'], row['_raw']])).toEqual(
    found.lines.rejects?.map((row) => [row['_line'], row['_raw']]),
  )
  expect(found.array.rows).toEqual([{ id: 1 }, { id: 4 }])
  expect(found.array.rejects).toMatchObject([
    { _column: 'id', _line: null, _raw: '{"id": "x"}' },
    { _column: null, _line: null, _raw: '3' },
  ])
  expect(found.two.rows).toEqual([{ id: 1 }, { id: 2 }])
  expect(found.two.rejects?.map((row) => [row['_file'], row['_line']])).toEqual([
    [project.path('two/a.json'), 2],
    [project.path('two/b.json'), 1],
  ])
  expect(found.fails.error).toMatchObject({
    code: 'BAD_ROW',
    message: expect.stringContaining(`${file}, line 3: Column "id": 'x' is no INTEGER.`),
  })
  expect(found.failsArray.error).toMatchObject({
    code: 'BAD_ROW',
    message: expect.stringContaining(`array.json: Column "id": 'x' is no INTEGER.`),
  })
  expect(found.broken.error).toMatchObject({ code: 'BAD_ROW', message: expect.stringContaining(`${file}, line 4`) })
  expect(found.cut.error).toMatchObject({ message: expect.stringContaining('cut.json') })
  expect(found.max.error?.code).toBe('TOO_MANY_REJECTS')
  expect(found.maxShare.rows).toEqual(good)
})
