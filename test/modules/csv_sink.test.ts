import { readFileSync } from 'node:fs'
import { gunzipSync, gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { ModuleProject } from './module-flow.js'

const rows = [
  { id: 1, name: 'Zoë, "x"', day: '2026-02-03', at: '2026-02-03 04:05:06', d: 1.5, f: true },
  { id: null, name: '', day: null, at: null, d: null, f: null },
  { id: 3, name: null, day: '2026-12-31', at: null, d: -2, f: false },
]
const columns = { id: 'BIGINT', name: 'VARCHAR', day: 'DATE', at: 'TIMESTAMP', d: 'DOUBLE', f: 'BOOLEAN' }
const input = { rows, columns }
const header = 'id,name,day,at,d,f\n'

test('csv_sink writes texts, formats, encodings and compressions as configured', async () => {
  const project = new ModuleProject()
  const sink = (configs: object, data: typeof input | readonly object[] = input) => ({
    module: 'csv_sink',
    configs,
    inputs: { input: data },
  })
  const found = await project.runCases({
    plain: { ...sink({ output_path: 'deep/er/plain.csv' }), message: '{{plain__row_count}} {{plain__file_size}} {{plain__path}}' },
    dialect: sink({ output_path: 'dialect.csv', delimiter: ';', quote: "'", header: false, null_text: 'NA' }, [
      { a: "it's", b: null },
      { a: 'NA', b: 'x;y' },
    ]),
    formats: sink({ output_path: 'formats.csv', date_format: '%d.%m.%Y', timestamp_format: '%d.%m.%Y %H:%M' }),
    gz: sink({ output_path: 'auto.csv.gz' }),
    gzSet: sink({ output_path: 'set.data', compression: 'gzip' }),
    gzNot: sink({ output_path: 'plain.gz', compression: 'none' }),
    zst: sink({ output_path: 'auto.csv.zst' }),
    latin: sink({ output_path: 'latin.csv', encoding: 'latin-1' }),
    windows: sink({ output_path: 'windows.csv', encoding: 'windows-1252' }, [{ a: '€ö' }]),
    utf16: sink({ output_path: 'utf16.csv', encoding: 'utf-16' }),
    utf16Gz: sink({ output_path: 'utf16.csv.gz', encoding: 'utf-16' }),
    latinZst: sink({ output_path: 'latin.csv.zst', encoding: 'latin-1' }),
    lost: sink({ output_path: 'lost.csv', encoding: 'latin-1' }, [{ a: 'x' }, { a: '€' }]),
    lostEmoji: sink({ output_path: 'emoji.csv', encoding: 'windows-1252' }, [{ a: 'aé🙂' }]),
    question: sink({ output_path: 'question.csv', encoding: 'latin-1' }, [{ a: '?' }]),
    none: sink({ output_path: 'none.csv' }, { ...input, rows: [] }),
    odd: sink({ output_path: 'a [1] ü \'q\' "z"*.csv' }, [{ a: 1 }]),
    nested: sink({ output_path: 'nested.csv' }, [{ a: [1, 2] }]),
    back: { module: 'csv_source', configs: { file_path: 'auto.csv.zst', columns } },
  })
  const plain = `${header}1,"Zoë, ""x""",2026-02-03,2026-02-03 04:05:06,1.5,true\n,"",,,,\n3,,2026-12-31,,-2.0,false\n`
  expect(project.read('deep/er/plain.csv')).toBe(plain)
  expect(found.plain.message).toBe(`3 ${Buffer.byteLength(plain)} deep/er/plain.csv`)
  expect(project.read('dialect.csv')).toBe("'it''s';NA\n'NA';'x;y'\n")
  expect(project.read('formats.csv').split('\n')[1]).toBe('1,"Zoë, ""x""",03.02.2026,03.02.2026 04:05,1.5,true')
  expect(project.read('auto.csv.gz')).toBe(plain)
  expect(gunzipSync(readFileSync(project.path('set.data'))).toString()).toBe(plain)
  expect(readFileSync(project.path('plain.gz'), 'utf8')).toBe(plain)
  expect(found.back.rows).toEqual(rows)
  expect(readFileSync(project.path('latin.csv'), 'latin1')).toBe(plain)
  expect([...readFileSync(project.path('windows.csv'))]).toEqual([0x61, 0x0a, 0x80, 0xf6, 0x0a])
  expect(readFileSync(project.path('utf16.csv'), 'utf16le')).toBe(`\ufeff${plain}`)
  expect(gunzipSync(readFileSync(project.path('utf16.csv.gz'))).toString('utf16le')).toBe(`\ufeff${plain}`)
  expect(found.latinZst.error).toMatchObject({ code: 'CONFIG_INVALID', hint: expect.stringContaining('gzip') })
  expect(found.lost.error).toMatchObject({ code: 'BAD_ROW', message: "The character '€' does not exist in the encoding latin-1." })
  expect(found.lostEmoji.error).toMatchObject({ code: 'BAD_ROW', message: expect.stringContaining("'🙂'") })
  expect([project.has('lost.csv'), project.has('emoji.csv')]).toEqual([false, false])
  expect(project.read('question.csv')).toBe('a\n?\n')
  expect(project.read('none.csv')).toBe(header)
  expect(project.read('a [1] ü \'q\' "z"*.csv')).toBe('a\n1\n')
  expect(project.read('nested.csv')).toContain('[1,')
})

test('csv_sink overwrites, appends without a second header, or refuses', async () => {
  const project = new ModuleProject({ 'old.csv': 'id\n0\n', 'kept.csv': 'id\n0\n', 'add.csv': 'id\n0\n' })
  const sink = (output_path: string, configs: object = {}, id = 1) => ({
    module: 'csv_sink',
    configs: { output_path, ...configs },
    inputs: { input: [{ id }] },
  })
  const append = { mode: 'append' }
  const found = await project.runCases({
    overwrite: sink('old.csv'),
    refused: sink('kept.csv', { mode: 'error_if_exists' }),
    fresh: sink('fresh.csv', { mode: 'error_if_exists' }),
    append: { ...sink('add.csv', append), message: '{{append__row_count}} {{append__file_size}}' },
    new1: sink('new.csv', append, 1),
    new2: sink('new.csv', append, 2),
    gz1: sink('add.csv.gz', append, 1),
    gz2: sink('add.csv.gz', append, 2),
    wide1: sink('wide.csv', { ...append, encoding: 'utf-16' }, 1),
    wide2: sink('wide.csv', { ...append, encoding: 'utf-16' }, 2),
    bare: sink('bare.csv', { ...append, header: false }),
  })
  expect(project.read('old.csv')).toBe('id\n1\n')
  expect(project.read('kept.csv')).toBe('id\n0\n')
  expect(found.refused.error).toMatchObject({ code: 'TARGET_EXISTS', message: expect.stringContaining('kept.csv') })
  expect(project.read('fresh.csv')).toBe('id\n1\n')
  expect(project.read('add.csv')).toBe('id\n0\n1\n')
  expect(found.append.message).toBe('1 2')
  expect(project.read('new.csv')).toBe('id\n1\n2\n')
  expect(project.read('add.csv.gz')).toBe('id\n1\n2\n')
  expect(readFileSync(project.path('wide.csv'), 'utf16le')).toBe('\ufeffid\n1\n2\n')
  expect(project.read('bare.csv')).toBe('1\n')
})

test('csv_sink appends to what a file of another origin holds: behind its last line, by the names of its header, or not at all', async () => {
  const utf16 = (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le')
  const project = new ModuleProject({
    'open.csv': 'a,b\n1,2',
    'cr.csv': 'a,b\r\n1,2',
    'cr-wide.csv': utf16('a,b\r\n1,2\r\n'),
    'turned.csv': '\ufeffB,"a"\n2,1\n',
    'open.csv.gz': gzipSync('a,b\n1,2'),
    'wide.csv': utf16('a,b\n1,2'),
    'big-endian.csv': utf16('a,b\n').swap16(),
    'other.csv': 'x\n1\n',
    'more.csv': 'a,b,c\n1,2,3\n',
    'bare.csv': '1,2',
    'narrow.csv': '1\n',
    'cut.csv.gz': gzipSync('a,b\n1,2\n').subarray(0, 25),
    'blank.csv': '\n',
  })
  const sink = (output_path: string, configs: object = {}, data: readonly object[] = [{ a: 3, b: 4 }]) => ({
    module: 'csv_sink',
    configs: { output_path, mode: 'append', ...configs },
    inputs: { input: data },
  })
  const found = await project.runCases({
    open: sink('open.csv'),
    cr: sink('cr.csv', {}, [{ a: 3, b: 'x\n"y' }]),
    crWide: sink('cr-wide.csv', { encoding: 'utf-16' }),
    turned: sink('turned.csv'),
    gz: sink('open.csv.gz'),
    wide: sink('wide.csv', { encoding: 'utf-16' }),
    bigEndian: sink('big-endian.csv', { encoding: 'utf-16' }),
    zst1: sink('new.csv.zst'),
    zst2: sink('new.csv.zst'),
    odd1: sink('odd.csv', { delimiter: ';', quote: "'" }, [{ "it's; odd": 1, b: 2 }]),
    odd2: sink('odd.csv', { delimiter: ';', quote: "'" }, [{ b: 4, "it's; odd": 3 }]),
    other: sink('other.csv'),
    more: sink('more.csv'),
    bare: sink('bare.csv', { header: false }),
    narrow: sink('narrow.csv', { header: false }),
    cut: sink('cut.csv.gz'),
    blank: sink('blank.csv'),
    back: { module: 'csv_source', configs: { file_path: 'new.csv.zst', columns: { a: 'INT', b: 'INT' } } },
  })
  const mismatch = (message: string) => ({ code: 'SCHEMA_MISMATCH', message: expect.stringContaining(message) })
  expect(project.read('open.csv')).toBe('a,b\n1,2\n3,4\n')
  expect(project.read('cr.csv')).toBe('a,b\r\n1,2\r\n3,"x\n""y"\r\n')
  expect(readFileSync(project.path('cr-wide.csv'), 'utf16le')).toBe('\ufeffa,b\r\n1,2\r\n3,4\r\n')
  expect(project.read('turned.csv')).toBe('\ufeffB,"a"\n2,1\n4,3\n')
  expect(project.read('open.csv.gz')).toBe('a,b\n1,2\n3,4\n')
  expect(readFileSync(project.path('wide.csv'), 'utf16le')).toBe('\ufeffa,b\n1,2\n3,4\n')
  expect(project.read('odd.csv')).toBe("'it''s; odd';b\n1;2\n3;4\n")
  expect(project.read('bare.csv')).toBe('1,2\n3,4\n')
  expect(project.read('blank.csv')).toBe('\na,b\n3,4\n')
  expect(found.back.rows).toEqual([
    { a: 3, b: 4 },
    { a: 3, b: 4 },
  ])
  expect(found.bigEndian.error).toMatchObject(mismatch('higher byte first'))
  expect(found.other.error).toMatchObject(mismatch('other.csv begins with x; the rows to append have the columns a, b.'))
  expect(found.more.error).toMatchObject(mismatch('begins with a, b, c'))
  expect(found.narrow.error).toMatchObject(mismatch('has 1 columns in its first row'))
  expect(found.cut.error).toMatchObject({ code: 'FILE_CORRUPT' })
  expect(project.read('other.csv')).toBe('x\n1\n')
})

test('two sub flows that append to a new file at the same time write one header', async () => {
  const project = new ModuleProject()
  const names = ['a', 'b', 'c', 'd']
  const { summary } = await project.run({
    modules: {
      begin: ['log', { message: 'begin' }],
      ...Object.fromEntries(names.map((name) => [`in_${name}`, ['inline_source', { rows: [{ id: name }] }] as const])),
      ...Object.fromEntries(names.map((name) => [`out_${name}`, ['csv_sink', { output_path: 'new.csv', mode: 'append' }] as const])),
    },
    data: names.map((name) => `in_${name}.data - out_${name}.input`),
    control: names.map((name) => `begin (1|) in_${name}`),
  })
  expect(summary.errors).toEqual([])
  expect(project.read('new.csv').trimEnd().split('\n').sort()).toEqual(['a', 'b', 'c', 'd', 'id'])
  expect(project.read('new.csv').startsWith('id\n')).toBe(true)
})

test('a write in another encoding that fails leaves nothing behind', async () => {
  const project = new ModuleProject()
  const { lost } = await project.runCases({
    lost: { module: 'csv_sink', configs: { output_path: 'out/lost.csv', encoding: 'latin-1' }, inputs: { input: [{ a: '€' }] } },
  })
  expect(lost.error).toMatchObject({ code: 'BAD_ROW' })
  expect(project.has('out')).toBe(false)
})
