import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { type Case, ModuleProject } from '../modules/module-flow.js'

const texts = { a: 'VARCHAR', b: 'VARCHAR' }
const read = (file_path: string, configs: object = {}, reject = false): Case => ({
  module: 'csv_source',
  configs: { file_path, columns: texts, ...configs },
  reject,
})
const px = [{ a: 'p', b: 'x' }]
const place = (row: { readonly [name: string]: unknown } | undefined) => [row?.['_line'], row?.['_raw']]

test('blank lines before the header and lines to skip are lines of the file, whatever is in them', async () => {
  const project = new ModuleProject({
    'blank.csv': '\na,b\np,x\n',
    'blank-crlf.csv': '\r\n\r\na,b\r\np,x\r\n',
    'junk-blank.csv': 'junk\n\na,b\np,x\n',
    'quoted.csv': 'junk\n"ju\nnk"\na,b\np,x\n1,2,3\n',
    'open.csv': 'it is "open\na,b\np,x\n',
    'open.csv.gz': gzipSync('"open,\r\na,b\r\np,x\r\n'),
    'mark.csv': '\ufeff"a",b\np,x\n',
    'bare.csv': '"\n\np,x\n',
    'one.csv': '\na\n\nx\n\n',
    'bad.csv': '\n\na,b\n\n1,x\ny,z\n2,v,w\n',
    'only-mark.csv': '\ufeff',
    'only-blank.csv': '\n\n',
    'short.csv': 'a,b\n',
  })
  const number = { a: 'INTEGER', b: 'VARCHAR' }
  const found = await project.runCases({
    blank: read('blank.csv'),
    blankCrLf: read('blank-crlf.csv'),
    inferred: read('blank.csv', { columns: ['a', 'b'] }),
    junkBlank: read('junk-blank.csv', { skip: 1 }),
    quoted: read('quoted.csv', { skip: 3 }, true),
    open: read('open.csv', { skip: 1 }),
    openGz: read('open.csv.gz', { skip: 1 }),
    mark: read('mark.csv'),
    bare: read('bare.csv', { skip: 1, header: false }),
    one: read('one.csv', { columns: ['a'] }),
    bad: read('bad.csv', { columns: number }, true),
    badFails: read('bad.csv', { columns: number }),
    onlyMark: read('only-mark.csv'),
    onlyBlank: read('only-blank.csv'),
    short: read('short.csv', { skip: 5 }),
  })
  for (const name of ['blank', 'blankCrLf', 'inferred', 'junkBlank', 'quoted', 'open', 'openGz', 'mark', 'bare'] as const)
    expect({ name, rows: found[name].rows }).toEqual({ name, rows: px })
  expect(place(found.quoted.rejects?.[0])).toEqual([6, '1,2,3'])
  expect(found.one.rows).toEqual([{ a: null }, { a: 'x' }, { a: null }])
  expect(found.bad.rows).toEqual([{ a: 1, b: 'x' }])
  expect(found.bad.rejects?.map(place)).toEqual([
    [6, 'y,z'],
    [7, '2,v,w'],
  ])
  expect(found.badFails.error?.message).toContain('bad.csv, line 6:')
  for (const name of ['onlyMark', 'onlyBlank', 'short'] as const) expect(found[name].error?.code).toBe('EMPTY_FILE')
})

test('a broken line takes no good row with it', async () => {
  const project = new ModuleProject({ 'ragged.csv': 'a,b\np,x\n2,"un"closed"\nq, "y" \n4,"q"x\n5,it"s\n6,7,8\n' })
  const { ragged } = await project.runCases({ ragged: read('ragged.csv', {}, true) })
  expect(ragged.rows?.map((row) => row['a'])).toEqual(['p', 'q', '5'])
  expect(ragged.rejects?.map(place)).toEqual([
    [3, '2,"un"closed"'],
    [5, '4,"q"x'],
    [7, '6,7,8'],
  ])
})

test('text that its encoding does not know is an error in the header and in a character cut in half', async () => {
  const project = new ModuleProject({
    'header.csv': Buffer.from('a,b\xfc\n1,x\n', 'latin1'),
    'cut.csv': Buffer.from('\ufeffa,b\np,xyz', 'utf16le').subarray(0, -1),
  })
  const found = await project.runCases({
    header: read('header.csv', { columns: ['a'] }),
    cut: read('cut.csv', { encoding: 'utf-16' }, true),
  })
  expect(found.header.error).toMatchObject({ code: 'BAD_ROW', message: expect.stringContaining('header') })
  expect(found.cut).toMatchObject({ rows: [], rejects: [{ _column: 'b', _line: 2 }] })
})

test('a line that ends in another way than those before it is named', async () => {
  const project = new ModuleProject({
    'unix-last.csv': 'a,b\r\n1,"x\ny"\r\n2,y\n3,z\r\n',
    'dos-last.csv': 'a,b\n1,x\n2,y\r\n',
    'lone.csv': 'a,b\n1,x\ry\n',
    'quoted.csv': 'a,b\np,"x\r\ny"\n',
  })
  const found = await project.runCases({
    unixLast: read('unix-last.csv', {}, true),
    dosLast: read('dos-last.csv'),
    inferred: read('dos-last.csv', { columns: ['a'] }),
    lone: read('lone.csv'),
    quoted: read('quoted.csv'),
  })
  const failure = (says: string) => ({ code: 'BAD_ROW', message: expect.stringContaining(says), hint: expect.stringContaining('same end') })
  expect(found.unixLast.error).toMatchObject(failure('unix-last.csv, line 4: the line ends with LF, those before it with CR LF.'))
  expect(found.dosLast.error).toMatchObject(failure('line 3: the line ends with CR or CR LF, those before it with LF.'))
  expect(found.inferred.error).toMatchObject(failure('line 3: the line ends with CR'))
  expect(found.lone.error).toMatchObject(failure('line 2: the line ends with CR, those before it with LF.'))
  expect(found.quoted.rows).toEqual([{ a: 'p', b: 'x\r\ny' }])
})

test('a row of up to 32 million bytes is read, a longer one is a bad row, and a longer line an error', async () => {
  const long = 33_000_000
  const project = new ModuleProject({
    'read.csv': `a,b\np,${'x'.repeat(3_000_000)}\n`,
    'row.csv': `a,b\np,x\nq,"${`${'x'.repeat(999)}\n`.repeat(long / 1000)}"\nr,y\n`,
    'line.csv.gz': gzipSync(`a,b\np,x\nq,${'x'.repeat(long)}\nr,y\n`, { level: 1 }),
    'line.csv': `a,b\np,x\nq,${'x'.repeat(2 * long)}\nr,y\n`,
  })
  const columns = ['a']
  const lengths: Case['after'] = [['sql_mod', { sql: 'SELECT a, length(b) AS b FROM input' }]]
  const found = await project.runCases({
    good: { ...read('read.csv'), after: lengths },
    row: { ...read('row.csv', {}, true), after: lengths },
    lineGz: read('line.csv.gz', { columns }, true),
    line: read('line.csv', { columns }, true),
  })
  expect(found.good.rows).toEqual([{ a: 'p', b: 3_000_000 }])
  expect(found.row.rows?.map((row) => row['a'])).toEqual(['p', 'r'])
  expect(found.row.rejects).toMatchObject([
    { _line: 3, _error_message: 'The row is longer than 32000000 bytes, the most that can be read.' },
  ])
  for (const name of ['lineGz', 'line'] as const)
    expect(found[name].error).toMatchObject({ code: 'BAD_ROW', message: expect.stringContaining(', line 3: the line is longer') })
})

test('types of hundreds of columns are inferred in pieces, each by its own values', async () => {
  const names = Array.from({ length: 720 }, (_, i) => `c${i}`)
  // A number but for its last row, behind the first that are looked at; a number; a text; nothing at all; a date.
  const kinds = [(i: number) => (i === 149 ? '-' : `${i}`), () => '7', (i: number) => `x${i}`, () => '', () => '2025-01-31']
  const rows = Array.from({ length: 150 }, (_, i) => names.map((_, c) => kinds[c % kinds.length]?.(i) ?? ''))
  const project = new ModuleProject({ 'wide.csv': [names, ...rows].map((row) => `${row.join(',')}\n`).join('') })
  const { wide } = await project.runCases({ wide: { module: 'csv_source', configs: { file_path: 'wide.csv' } } })
  const last = ['-', 7, 'x149', null, '2025-01-31']
  expect(wide.rows?.at(-1)).toEqual(Object.fromEntries(names.map((name, c) => [name, last[c % last.length]])))
})
