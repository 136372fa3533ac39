import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { type Case, ModuleProject, warnings } from './module-flow.js'

const csv = (configs: object, more: Partial<Case> = {}): Case => ({ module: 'csv_source', configs, ...more })

const kinds = (names: readonly string[]) =>
  ['sql_mod', { sql: `SELECT ${names.map((name) => `typeof("${name}") AS "${name}"`).join(', ')} FROM input LIMIT 1` }] as const

const utf16le = (text: string) => Buffer.from(text, 'utf16le')
const utf16be = (text: string) => Buffer.from(text, 'utf16le').swap16()

test('csv_source binds columns by name with a header and by position without', async () => {
  const project = new ModuleProject({
    'ab.csv': 'a,b,c\n1,x,7\n2,y,8\n',
    'swapped.csv': 'c,b,a\n9,z,3\n',
    'more.csv': 'a,b,c,d\n4,w,7,1\n',
    'bare.csv': '1,x\n2,y\n',
    'twice.csv': 'a,A\n1,2\n',
    'blank.csv': 'a,,c\n1,2,3\n',
    'semicolons.csv': 'a;b;c\n1;x;7\n',
    'tabs.csv': 'a\tb\tc\n1\tx\t7\n',
  })
  const typed = { a: 'BIGINT', b: 'VARCHAR', c: 'INTEGER' }
  const found = await project.runCases({
    all: csv({ file_path: 'ab.csv' }),
    picked: csv({ file_path: 'ab.csv', columns: ['c', 'a'] }),
    typedMap: csv({ file_path: 'swapped.csv', columns: typed }),
    glob: csv({ file_path: ['ab.csv', 'swapped.csv'], file_name: 'from' }),
    globTyped: csv({ file_path: ['swapped.csv', 'ab.csv'], columns: typed }),
    missing: csv({ file_path: 'bare.csv', columns: typed }),
    semicolons: csv({ file_path: 'semicolons.csv', columns: typed }),
    tabs: csv({ file_path: 'tabs.csv', columns: ['a'] }),
    missingPicked: csv({ file_path: 'ab.csv', columns: ['a', 'nope'] }),
    unknown: csv({ file_path: 'more.csv', columns: typed }),
    unknownPicked: csv({ file_path: ['ab.csv', 'more.csv'], columns: ['a', 'b'] }),
    disagree: csv({ file_path: ['ab.csv', 'more.csv'] }),
    disagreeTyped: csv({ file_path: ['ab.csv', 'more.csv'], columns: typed }),
    position: csv({ file_path: 'bare.csv', header: false, columns: { id: 'BIGINT', name: 'VARCHAR' } }),
    positionList: csv({ file_path: 'bare.csv', header: false, columns: ['id', 'name'] }),
    positionNone: csv({ file_path: 'bare.csv', header: false }),
    positionFew: csv({ file_path: 'bare.csv', header: false, columns: ['id'] }),
    twice: csv({ file_path: 'twice.csv' }),
    blank: csv({ file_path: 'blank.csv' }),
    fileName: csv({ file_path: 'ab.csv', file_name: 'B' }),
  })
  expect(found.all.rows).toEqual([
    { a: 1, b: 'x', c: 7 },
    { a: 2, b: 'y', c: 8 },
  ])
  expect(Object.entries(found.picked.rows?.[0] ?? {})).toEqual([
    ['c', 7],
    ['a', 1],
  ])
  expect(found.typedMap.rows).toEqual([{ a: 3, b: 'z', c: 9 }])
  expect(Object.keys(found.typedMap.rows?.[0] ?? {})).toEqual(['a', 'b', 'c'])
  expect(found.glob.rows).toEqual([
    { a: 1, b: 'x', c: 7, from: project.path('ab.csv') },
    { a: 2, b: 'y', c: 8, from: project.path('ab.csv') },
    { a: 3, b: 'z', c: 9, from: project.path('swapped.csv') },
  ])
  expect(found.globTyped.rows?.map((row) => row['b']).sort()).toEqual(['x', 'y', 'z'])
  expect(found.missing.error).toMatchObject({
    code: 'SCHEMA_MISMATCH',
    message: `${project.path('bare.csv')} lacks a, b, c and has the unexpected 1, x. Expected: a, b, c. Found: 1, x.`,
  })
  expect(found.semicolons.error).toMatchObject({ code: 'SCHEMA_MISMATCH', hint: 'set delimiter: ";"' })
  expect(found.tabs.error).toMatchObject({ code: 'SCHEMA_MISMATCH', hint: 'set delimiter: "\\t"' })
  expect(found.missingPicked.error).toMatchObject({ code: 'SCHEMA_MISMATCH', message: expect.stringContaining('ab.csv lacks nope.') })
  expect(found.unknown.error).toMatchObject({ code: 'SCHEMA_MISMATCH', message: expect.stringContaining('has the unexpected d.') })
  expect(found.unknownPicked.rows).toHaveLength(3)
  expect(found.disagree.error).toMatchObject({
    code: 'SCHEMA_MISMATCH',
    message: expect.stringContaining('more.csv has the unexpected d.'),
  })
  expect(found.disagreeTyped.error?.code).toBe('SCHEMA_MISMATCH')
  expect(found.position.rows).toEqual([
    { id: 1, name: 'x' },
    { id: 2, name: 'y' },
  ])
  expect(found.positionList.rows).toEqual(found.position.rows)
  expect(found.positionNone.rows).toEqual([
    { column0: 1, column1: 'x' },
    { column0: 2, column1: 'y' },
  ])
  expect(found.positionFew.error).toMatchObject({
    code: 'SCHEMA_MISMATCH',
    message: expect.stringContaining('has 2 columns, expected 1: id'),
  })
  expect(found.twice.error).toMatchObject({ code: 'SCHEMA_MISMATCH', message: expect.stringContaining('twice') })
  expect(found.fileName.error).toMatchObject({ code: 'CONFIG_INVALID', hint: expect.stringContaining('file_name') })
  expect(found.blank.rows).toEqual([{ a: 1, column1: 2, c: 3 }])
})

test('csv_source reads every way a file can be written', async () => {
  const text = 'id,name\n1,Zoë\n2,"Jörg, ""der"""\n'
  const rows = [
    { id: 1, name: 'Zoë' },
    { id: 2, name: 'Jörg, "der"' },
  ]
  const zstd = Buffer.from('KLUv/SAiEQEAaWQsbmFtZQoxLFpvw6sKMiwiSsO2cmcsICIiZGVyIiIiCg==', 'base64')
  const project = new ModuleProject({
    'bom.csv': `\ufeff${text}`,
    'le-mark.csv': utf16le(`\ufeff${text}`),
    'be-mark.csv': utf16be(`\ufeff${text}`),
    'le.csv': utf16le(text),
    'be.csv': utf16be(text),
    'latin.csv': Buffer.from(text, 'latin1'),
    'windows.csv': Buffer.from([...Buffer.from('id,name\n1,'), 0x80, 0x93, 0x94, 0x0a]),
    'a.csv.gz': gzipSync(text),
    'gz.data': gzipSync(text),
    'latin.csv.gz': gzipSync(Buffer.from(text, 'latin1')),
    'b.csv.zst': zstd,
    'zst.data': zstd,
    'semicolon.csv': "id;name\n1;'a;b'\n2;'it\\'s'\n",
    'two.csv': 'id||name\n1||a|b\n',
    'tab.csv': 'id\tname\n1\tx "y" z\n',
    'skip.csv': 'made by hand\n\nid,name\n1,x\n',
    'crlf.csv': 'id,name\r\n1,x\r\n\r\n2,"a\r\nb"\r\n',
    'no-end.csv': 'id,name\n1,x',
    'nulls.csv': 'id,name\n1,NA\n2,"NA"\n3,\n4,""\n',
    'empty-null.csv': 'id,name\n1,\n2,""\n',
    'header.csv': 'id,name\n',
    'empty.csv': '',
    'blank-lines.csv': 'id\n1\n\n2\n',
    'formats.csv': 'd,t,m,f\n31.12.2026,31.12.2026 23:59,"1234,50","-0,25"\n',
    'q[1].csv': 'id\n1\n',
    'q1.csv': 'id\n2\n',
    'a b ü \'q\' "z".csv': 'id\n3\n',
    'day 1/x*.csv': 'id\n4\n',
    'day 1/.hidden.csv': 'id\n5\n',
  })
  const formats = {
    columns: { d: 'DATE', t: 'TIMESTAMP', m: 'DECIMAL(10,2)', f: 'DOUBLE' },
    date_format: '%d.%m.%Y',
    timestamp_format: '%d.%m.%Y %H:%M',
    decimal: ',',
  }
  const typed = { id: 'INTEGER', name: 'VARCHAR' }
  const found = await project.runCases({
    bom: csv({ file_path: 'bom.csv' }),
    leMark: csv({ file_path: 'le-mark.csv', encoding: 'utf-16' }),
    beMark: csv({ file_path: 'be-mark.csv', encoding: 'utf-16' }),
    le: csv({ file_path: 'le.csv', encoding: 'utf-16', file_name: 'file' }),
    be: csv({ file_path: 'be.csv', encoding: 'utf-16' }),
    latin: csv({ file_path: 'latin.csv', encoding: 'latin-1' }),
    windows: csv({ file_path: 'windows.csv', encoding: 'windows-1252' }),
    gz: csv({ file_path: 'a.csv.gz' }),
    gzData: csv({ file_path: 'gz.data', compression: 'gzip' }),
    gzLatin: csv({ file_path: 'latin.csv.gz', encoding: 'latin-1' }),
    zst: csv({ file_path: 'b.csv.zst' }),
    zstData: csv({ file_path: 'zst.data', compression: 'zstd' }),
    notGz: csv({ file_path: 'bom.csv', compression: 'gzip' }),
    semicolon: csv({ file_path: 'semicolon.csv', delimiter: ';', quote: "'", escape: '\\' }),
    two: csv({ file_path: 'two.csv', delimiter: '||' }),
    tab: csv({ file_path: 'tab.csv', delimiter: '\t', quote: '' }),
    skip: csv({ file_path: 'skip.csv', skip: 2 }),
    crlf: csv({ file_path: 'crlf.csv' }),
    noEnd: csv({ file_path: 'no-end.csv' }),
    nulls: csv({ file_path: 'nulls.csv', null_text: 'NA' }),
    emptyNull: csv({ file_path: 'empty-null.csv' }),
    header: csv({ file_path: 'header.csv', columns: typed }, { message: '{{header__row_count}} {{header__file_size}}' }),
    headerAlone: csv({ file_path: 'header.csv' }),
    empty: csv({ file_path: 'empty.csv', columns: typed }),
    emptyBare: csv({ file_path: 'empty.csv', columns: typed, header: false }),
    blankLines: csv({ file_path: 'blank-lines.csv', columns: { id: 'INTEGER' } }),
    formats: csv({ file_path: 'formats.csv', ...formats }),
    formatsInferred: csv({ file_path: 'formats.csv', ...formats, columns: ['d', 't', 'm', 'f'] }, { after: [kinds(['d', 't', 'm', 'f'])] }),
    brackets: csv({ file_path: 'q[1].csv' }),
    quotes: csv({ file_path: 'a b ü \'q\' "z".csv', file_name: 'file' }),
    star: csv({ file_path: 'day 1/x*.csv' }),
    glob: csv({ file_path: 'q*.csv' }),
    hidden: csv({ file_path: 'day 1/*.csv' }),
    missing: csv({ file_path: 'gone.csv' }),
    noMatch: csv({ file_path: 'gone*.csv' }),
    folder: csv({ file_path: 'day 1' }),
  })
  for (const name of ['bom', 'leMark', 'beMark', 'be', 'latin', 'gz', 'gzData', 'gzLatin', 'zst', 'zstData'] as const) {
    expect({ name, rows: found[name].rows }).toEqual({ name, rows })
  }
  expect(found.le.rows).toEqual(rows.map((row) => ({ ...row, file: project.path('le.csv') })))
  expect(found.windows.rows).toEqual([{ id: 1, name: '€“”' }])
  expect(found.notGz.error).toMatchObject({ code: 'FILE_CORRUPT', message: expect.stringContaining('bom.csv is not a whole gzip file') })
  expect(found.semicolon.rows).toEqual([
    { id: 1, name: 'a;b' },
    { id: 2, name: "it's" },
  ])
  expect(found.two.rows).toEqual([{ id: 1, name: 'a|b' }])
  expect(found.tab.rows).toEqual([{ id: 1, name: 'x "y" z' }])
  expect(found.skip.rows).toEqual([{ id: 1, name: 'x' }])
  expect(found.crlf.rows).toEqual([
    { id: 1, name: 'x' },
    { id: 2, name: 'a\r\nb' },
  ])
  expect(found.noEnd.rows).toEqual([{ id: 1, name: 'x' }])
  expect(found.nulls.rows?.map((row) => row['name'])).toEqual([null, 'NA', '', ''])
  expect(found.emptyNull.rows?.map((row) => row['name'])).toEqual([null, ''])
  expect(found.header).toMatchObject({ rows: [], message: '0 8' })
  expect(found.headerAlone.rows).toEqual([])
  expect(found.empty.error).toMatchObject({ code: 'EMPTY_FILE', message: expect.stringContaining('empty.csv is empty') })
  expect(found.emptyBare.rows).toEqual([])
  expect(found.blankLines.rows).toEqual([{ id: 1 }, { id: null }, { id: 2 }])
  expect(found.formats.rows).toEqual([{ d: '2026-12-31', t: '2026-12-31 23:59:00', m: 1234.5, f: -0.25 }])
  expect(found.formatsInferred.rows).toEqual([{ d: 'DATE', t: 'TIMESTAMP', m: 'DOUBLE', f: 'DOUBLE' }])
  expect(found.brackets.rows).toEqual([{ id: 1 }])
  expect(found.quotes.rows).toEqual([{ id: 3, file: project.path('a b ü \'q\' "z".csv') }])
  expect(found.star.rows).toEqual([{ id: 4 }])
  expect(found.glob.rows?.map((row) => row['id']).sort()).toEqual([1, 2])
  expect(found.hidden.rows).toEqual([{ id: 4 }])
  expect(found.missing.error).toMatchObject({ code: 'FILE_NOT_FOUND', message: `${project.path('gone.csv')} does not exist.` })
  expect(found.noMatch.error).toMatchObject({ code: 'FILE_NOT_FOUND', message: expect.stringContaining('matches no file') })
  expect(found.folder.error).toMatchObject({ code: 'FILE_UNREADABLE', message: expect.stringContaining('is a folder') })
})

test('csv_source reads groups of three digits where it is told to, and takes no point for a decimal comma', async () => {
  const columns = { f: 'DOUBLE', m: 'DECIMAL(12,2)', i: 'INTEGER', l: 'BIGINT' }
  const head = 'f;m;i;l\n'
  const good = `${head}1.234,5;-12.345.678,90;2.000;1.000.000\n12345,5;1234;2,0;7\n-1.000e3;;;\n`
  const bad = ['1.5;;;', '1.2345;;;', ';1234.567;;', ';.123;;', ';;1.00;', ';;1.;', ';;;1.000.00', '1.000.000e400;;;', ';;12.34.567;']
  const names = ['f', 'm', 'i', 'l']
  const project = new ModuleProject({
    'good.csv': good,
    'days.csv': 'day;at;m\n01.02.2026;01.02.2026 10:00;1.000,5\n',
    'inf.csv': 'f\ninf\nnan\n',
    'bad.csv': `${head}${bad.join('\n')}\n`,
    'comma.csv': `${head};;2.000;\n;;;2.000\n;;1.;\n`,
    'swiss.csv': "f;m;i;l\n1'234.5;1'000;2'000;3'000\n",
    'french.csv': `${head}1\u202f234,5;1\u202f000,10;2\u202f000;3\n`,
  })
  const german = { delimiter: ';', decimal: ',', thousands: '.', columns }
  const found = await project.runCases({
    good: csv({ file_path: 'good.csv', ...german }),
    inferred: csv({ file_path: 'good.csv', ...german, columns: names }, { after: [kinds(names)] }),
    days: csv(
      { file_path: 'days.csv', delimiter: ';', decimal: ',', thousands: '.', date_format: '%d.%m.%Y', timestamp_format: '%d.%m.%Y %H:%M' },
      { after: [kinds(['day', 'at', 'm'])] },
    ),
    infinite: csv(
      { file_path: 'inf.csv', thousands: "'", columns: { f: 'DOUBLE' } },
      { after: [['derive_mod', { columns: { f: 'f::VARCHAR' } }]] },
    ),
    bad: csv({ file_path: 'bad.csv', ...german }, { reject: true }),
    comma: csv({ file_path: 'comma.csv', delimiter: ';', decimal: ',', columns }, { reject: true }),
    swiss: csv({ file_path: 'swiss.csv', delimiter: ';', thousands: "'", columns }),
    french: csv({ file_path: 'french.csv', delimiter: ';', decimal: ',', thousands: '\u202f', columns }),
  })
  expect(found.good.rows).toEqual([
    { f: 1234.5, m: -12345678.9, i: 2000, l: 1000000 },
    { f: 12345.5, m: 1234, i: 2, l: 7 },
    { f: -1000000, m: null, i: null, l: null },
  ])
  expect(found.infinite.rows).toEqual([{ f: 'inf' }, { f: 'nan' }])
  expect(found.inferred.rows).toEqual([{ f: 'DOUBLE', m: 'DOUBLE', i: 'DOUBLE', l: 'BIGINT' }])
  expect(found.days.rows).toEqual([{ day: 'DATE', at: 'TIMESTAMP', m: 'DOUBLE' }])
  expect(found.bad.rejects?.map((row) => row['_raw'])).toEqual(bad)
  expect(found.comma.rejects?.map((row) => row['_raw'])).toEqual([';;2.000;', ';;;2.000', ';;1.;'])
  expect(found.swiss.rows).toEqual([{ f: 1234.5, m: 1000, i: 2000, l: 3000 }])
  expect(found.french.rows).toEqual([{ f: 1234.5, m: 1000.1, i: 2000, l: 3 }])
})

test('csv_source tells how to read a value that is written in another notation', async () => {
  const values: readonly (readonly [value: string, type: string, hint: string, configs?: object])[] = [
    ['31.12.2026', 'DATE', 'set date_format: "%d.%m.%Y", or mend'],
    ['12/31/2026', 'DATE', 'set date_format: "%d/%m/%Y" or "%m/%d/%Y", whichever is meant, or mend'],
    ['31.12.2026 10:00', 'TIMESTAMP', 'set timestamp_format: "%d.%m.%Y %H:%M", or mend'],
    ['1,5', 'DOUBLE', 'set decimal: ",", or mend'],
    ['1.204,50', 'DECIMAL(9,2)', 'set decimal: "," and thousands: ".", or mend'],
    ['1.204,50', 'DECIMAL(9,2)', 'set thousands: ".", or mend', { decimal: ',' }],
    ['1,204.50', 'DOUBLE', 'set thousands: ",", or mend'],
    ['31.02.2026', 'DATE', 'mend the value', { date_format: '%d.%m.%Y' }],
    ['"two\nlines"', 'INTEGER', 'mend the value'],
  ]
  const project = new ModuleProject(Object.fromEntries(values.map(([value], i) => [`${i}.csv`, `a;b\n${value};x\n`])))
  const cases: Record<string, Case> = {}
  values.forEach(([, type, , configs], i) => {
    cases[`v${i}`] = csv({ file_path: `${i}.csv`, delimiter: ';', columns: { a: type, b: 'VARCHAR' }, ...configs })
  })
  const found = await project.runCases<string>(cases)
  values.forEach(([, , hint], i) => {
    expect(found[`v${i}`]?.error?.hint?.startsWith(hint), `${i}: ${found[`v${i}`]?.error?.hint}`).toBe(true)
  })
  expect(found['v8']?.error?.message).toContain('The line is: "two\\nlines";x')
})

test('csv_source leaves out columns that its map does not name where it is told to', async () => {
  const project = new ModuleProject({ 'wide.csv': 'a,b,c\n1,x,y\n', 'other.csv': 'd,a\nz,2\n', 'lacks.csv': 'amuont,b\n1,x\n' })
  const found = await project.runCases({
    wide: csv({ file_path: ['wide.csv', 'other.csv'], columns: { a: 'INTEGER' }, other_columns: 'ignore' }),
    lacks: csv({ file_path: 'lacks.csv', columns: { amount: 'INTEGER' }, other_columns: 'ignore' }),
    fails: csv({ file_path: 'wide.csv', columns: { a: 'INTEGER' } }),
    differ: csv({ file_path: ['wide.csv', 'other.csv'] }),
  })
  expect(found.wide.rows).toEqual([{ a: 1 }, { a: 2 }])
  expect(found.lacks.error).toMatchObject({ code: 'SCHEMA_MISMATCH', hint: 'did you mean "amuont"?' })
  expect(found.fails.error).toMatchObject({
    code: 'SCHEMA_MISMATCH',
    message: `${project.path('wide.csv')} has the unexpected b, c.`,
    hint: 'add the new columns to the config columns, or set other_columns: ignore to leave them out',
  })
  expect(found.differ.error?.code).toBe('SCHEMA_MISMATCH')
})

test('csv_source leaves text what it cannot know, and says so', async () => {
  const project = new ModuleProject({
    'doubt.csv':
      'day,id,zip,exact,plain,flag,at,amount,t\n01/02/2026,12345678901234567890123,01234,0.12345678901234567891,x,true,2026-01-02 03:04:05,1.5,12:30:00\n',
    'days.csv': 'day\n13/01/2026\n02/12/2026\n',
    'iso.csv': 'day,n\n2026-01-02,1\n2026-12-31,\n',
  })
  const names = ['day', 'id', 'zip', 'exact', 'plain', 'flag', 'at', 'amount', 't']
  const found = await project.runCases({
    doubt: csv({ file_path: 'doubt.csv' }),
    doubtKinds: csv({ file_path: 'doubt.csv' }, { after: [kinds(names)] }),
    days: csv({ file_path: 'days.csv' }),
    iso: csv({ file_path: 'iso.csv' }, { after: [kinds(['day', 'n'])] }),
  })
  expect(found.doubt.rows).toEqual([
    {
      day: '01/02/2026',
      id: '12345678901234567890123',
      zip: '01234',
      exact: '0.12345678901234567891',
      plain: 'x',
      flag: true,
      at: '2026-01-02 03:04:05',
      amount: 1.5,
      t: '12:30:00',
    },
  ])
  const text = 'VARCHAR'
  expect(found.doubtKinds.rows).toEqual([
    { day: text, id: text, zip: text, exact: text, plain: text, flag: 'BOOLEAN', at: 'TIMESTAMP', amount: 'DOUBLE', t: 'TIME' },
  ])
  expect(found.days.rows).toEqual([{ day: '13/01/2026' }, { day: '02/12/2026' }])
  expect(found.iso.rows).toEqual([{ day: 'DATE', n: 'BIGINT' }])
  const warned = warnings(found.ran)
  const reasons = warned
    .filter((line) => line.includes('doubt.csv'))
    .map((line) => /Column "(\w+)".*?: (.*?)\. Declare its type in the config columns/.exec(line)?.slice(1))
  expect(reasons).toEqual([
    ['day', 'its dates may be day first or month first'],
    ['id', 'its integers do not fit 64 bits'],
    ['zip', 'its numbers have leading zeros'],
    ['exact', 'its numbers have more digits than a DOUBLE holds'],
  ])
  expect(warned.filter((line) => line.includes('date_format')).map((line) => /Column "(\w+)"/.exec(line)?.[1])).toEqual(['day', 'day'])
  expect(warned.filter((line) => line.includes('days.csv'))).toHaveLength(1)
})

test('csv_source sends bad rows to reject with the place where they stand', async () => {
  const body =
    'id,day,note\n1,2026-01-01,"two\nlines"\n\nx,2026-01-02,a\n3,2026-02-30,b\n4,2026-01-04\n5,2026-01-05,c,d\n6,2026-01-06,ok\n7.5,,e\n'
  const good = [
    { id: 1, day: '2026-01-01', note: 'two\nlines' },
    { id: 6, day: '2026-01-06', note: 'ok' },
  ]
  const columns = { id: 'INTEGER', day: 'DATE', note: 'VARCHAR' }
  const crlf = body.replaceAll('\n', '\r\n')
  const bare = body.slice(body.indexOf('\n') + 1)
  const project = new ModuleProject({
    'lf.csv': body,
    'crlf.csv': crlf,
    'bare.csv': bare,
    'skip.csv': `one\n\n"three"\n${body}`,
    'lf.csv.gz': gzipSync(body),
    'utf16.csv': utf16le(`\ufeff${body}`),
    'invalid.csv': Buffer.from('id,day,note\n1,2026-01-01,ok\n2,2026-01-02,M\xfcller\n3,2026-01-03,ok\n', 'latin1'),
    'undefined.csv': Buffer.from('id,day,note\n1,2026-01-01,\x81\n2,2026-01-02,ok\n', 'latin1'),
    'two/a.csv': 'id\n1\nx\n',
    'two/b.csv': 'id\ny\n2\nz\n',
    'good.csv': 'id\n1\n',
    'late.csv': `id\n${'1\n'.repeat(30_000)}x\n`,
  })
  const read = (file_path: string, more: object = {}, reject = true): Case => csv({ file_path, columns, ...more }, { reject })
  const found = await project.runCases({
    lf: csv(
      { file_path: 'lf.csv', columns },
      { reject: true, message: '{{lf__row_count}} {{lf__rejected}} {{lf__file_count}} {{lf__file_size}}' },
    ),
    crlf: read('crlf.csv'),
    bare: read('bare.csv', { header: false }),
    skip: read('skip.csv', { skip: 3 }),
    gz: read('lf.csv.gz'),
    utf16: read('utf16.csv', { encoding: 'utf-16' }),
    invalid: read('invalid.csv'),
    undefinedByte: read('undefined.csv', { encoding: 'windows-1252' }),
    two: csv(
      { file_path: 'two/*.csv', columns: { id: 'INTEGER' }, file_name: 'file' },
      { reject: true, message: '{{two__rejected}} of {{two__file_count}}' },
    ),
    none: csv({ file_path: 'good.csv', columns: { id: 'INTEGER' } }, { reject: true, message: '{{none__rejected}}' }),
    fails: csv({ file_path: 'lf.csv', columns }),
    failsLate: csv({ file_path: 'late.csv', columns: { id: 'INTEGER' } }),
    broken: csv({ file_path: 'lf.csv', columns: { id: 'VARCHAR', day: 'VARCHAR', note: 'VARCHAR' } }),
    invalidFails: read('invalid.csv', {}, false),
    unread: csv(
      { file_path: 'late.csv', columns: { id: 'INTEGER' } },
      { after: [['sql_mod', { sql: 'SELECT count(*) AS n FROM input' }]] },
    ),
    max5: read('lf.csv', { max_rejects: 5 }),
    max4: read('lf.csv', { max_rejects: 4 }),
    max80: read('lf.csv', { max_rejects: '80%' }),
    max70: read('lf.csv', { max_rejects: '70%' }),
  })
  const places = (name: 'lf' | 'crlf' | 'bare' | 'skip' | 'gz' | 'utf16') =>
    found[name].rejects?.map((row) => [row['_line'], row['_column']])
  expect(found.lf.rows).toEqual(good)
  expect(found.lf.message).toBe(`2 5 1 ${body.length}`)
  expect(found.lf.rejects).toEqual([
    {
      _error_code: 'BAD_ROW',
      _error_message: `Column "id": 'x' is no INTEGER.`,
      _column: 'id',
      _file: project.path('lf.csv'),
      _line: 5,
      _raw: 'x,2026-01-02,a',
    },
    {
      _error_code: 'BAD_ROW',
      _error_message: `Column "day": '2026-02-30' is no DATE.`,
      _column: 'day',
      _file: project.path('lf.csv'),
      _line: 6,
      _raw: '3,2026-02-30,b',
    },
    {
      _error_code: 'BAD_ROW',
      _error_message: 'Expected 3 columns, got 2.',
      _column: null,
      _file: project.path('lf.csv'),
      _line: 7,
      _raw: '4,2026-01-04',
    },
    {
      _error_code: 'BAD_ROW',
      _error_message: 'Expected 3 columns, got 4.',
      _column: null,
      _file: project.path('lf.csv'),
      _line: 8,
      _raw: '5,2026-01-05,c,d',
    },
    {
      _error_code: 'BAD_ROW',
      _error_message: `Column "id": '7.5' is no INTEGER.`,
      _column: 'id',
      _file: project.path('lf.csv'),
      _line: 10,
      _raw: '7.5,,e',
    },
  ])
  const lines = (offset: number) => [5, 6, 7, 8, 10].map((line, i) => [line + offset, ['id', 'day', null, null, 'id'][i]])
  expect({ crlf: places('crlf'), gz: places('gz'), utf16: places('utf16') }).toEqual({ crlf: lines(0), gz: lines(0), utf16: lines(0) })
  expect({ bare: places('bare'), skip: places('skip') }).toEqual({ bare: lines(-1), skip: lines(3) })
  expect(found.crlf.rows).toEqual([{ ...good[0], note: 'two\r\nlines' }, good[1]])
  expect(found.utf16.rejects?.map((row) => [row['_file'], row['_raw']])).toEqual(
    found.lf.rejects?.map((row) => [project.path('utf16.csv'), row['_raw']]),
  )
  expect(found.gz.rejects?.every((row) => row['_file'] === project.path('lf.csv.gz'))).toBe(true)
  expect(found.invalid.rows?.map((row) => row['id'])).toEqual([1, 3])
  expect(found.invalid.rejects).toMatchObject([
    { _column: 'note', _line: 3, _error_message: expect.stringContaining('not valid in the encoding') },
  ])
  expect(found.undefinedByte.rows?.map((row) => row['id'])).toEqual([2])
  expect(found.undefinedByte.rejects).toMatchObject([{ _line: 2 }])
  expect(found.two.rows).toEqual([
    { id: 1, file: project.path('two/a.csv') },
    { id: 2, file: project.path('two/b.csv') },
  ])
  expect(found.two.rejects?.map((row) => [row['_file'], row['_line']])).toEqual([
    [project.path('two/a.csv'), 3],
    [project.path('two/b.csv'), 2],
    [project.path('two/b.csv'), 4],
  ])
  expect(found.two.message).toBe('3 of 2')
  expect(found.none).toMatchObject({ rows: [{ id: 1 }], rejects: [], message: '0' })
  expect(found.fails.error).toMatchObject({ code: 'BAD_ROW', message: expect.stringContaining(project.path('lf.csv')) })
  expect(found.fails.rows).toBeUndefined()
  expect(found.failsLate.error).toMatchObject({
    code: 'BAD_ROW',
    message: expect.stringContaining(`late.csv, line 30002: Column "id": 'x' is no INTEGER.`),
  })
  expect(found.broken.error).toMatchObject({
    code: 'BAD_ROW',
    message: expect.stringContaining('lf.csv, line 7: expected 3 columns, got 2'),
  })
  expect(found.invalidFails.error).toMatchObject({ code: 'BAD_ROW', message: expect.stringContaining('invalid.csv, line 3') })
  expect(found.unread.rows).toEqual([{ n: 30_001 }])
  expect(found.max5.rows).toEqual(good)
  expect(found.max80.rows).toEqual(good)
  for (const name of ['max4', 'max70'] as const) {
    expect(found[name].rows).toBeUndefined()
    expect(found[name].rejects).toBeUndefined()
    expect(found[name].error).toMatchObject({
      code: 'TOO_MANY_REJECTS',
      message: expect.stringMatching(/The first of them:\n {2}- \S+lf\.csv, line \d+, /),
    })
  }
})

test('csv_source has its globals in conditions of the control flow', async () => {
  const project = new ModuleProject({ 'in.csv': 'id\n1\n2\nx\n' })
  const { log } = await project.run({
    modules: {
      src: ['csv_source', { file_path: 'in.csv', columns: { id: 'INTEGER' } }],
      bad: ['log_sink', {}],
      out: ['csv_sink', { output_path: 'out.csv' }],
      many: ['log', { message: 'many' }],
      few: ['log', { message: '{{src__file_count}} file of {{src__file_size}} bytes: {{src__row_count}} good, {{src__rejected}} bad' }],
    },
    data: ['src.data - out.input', 'src.reject - bad.input'],
    control: ['src (1|{{src__row_count}} > 2) many', 'src (2|{{src__rejected}} = 1 AND {{src__row_count}} = 2) few'],
  })
  const messages = log.filter(({ node, level }) => (node === 'many' || node === 'few') && level === 'info').map(({ msg }) => msg)
  expect(messages).toContain('1 file of 9 bytes: 2 good, 1 bad')
  expect(messages).not.toContain('many')
})

test('csv_source counts lines right whatever the file looks like', async () => {
  const many = Array.from({ length: 100_000 }, (_, i) => (i % 1000 === 7 ? 'x,"a\nb"' : i % 1000 === 9 ? 'short' : `${i},y`)).join('\n')
  const project = new ModuleProject({
    'mark.csv': '\ufeffa,b\n\nx,1\n1\n2,2\n',
    'bare-mark.csv': '\ufeff1,b\nx,1\n1\n',
    'one.csv': 'a\n\nx\n1,2\n\n"y\n"\n3\n',
    'one-crlf.csv': 'a\r\n\r\nx\r\n1,2\r\n\r\ny\r\n3\r\n',
    'cr.csv': 'a,b\rx,1\r2,2\r',
    'escape.csv': "a,b\n1,'it\\'s\nx'\nx,'q'\n2\n",
    'windows.csv': Buffer.from('a,b\n\n1,\xfc\nx,\xfc\n1\n', 'latin1'),
    'open.csv': 'a,b\n1,"x\n2,y\n',
    'inferred.csv': `a,b\n${'1,2\n'.repeat(25_000)}x,3\n`,
    'many.csv.gz': gzipSync(`a,b\n${many}\n`),
  })
  const read = (file_path: string, configs: object = {}) =>
    csv({ file_path, columns: { a: 'INTEGER', b: 'VARCHAR' }, ...configs }, { reject: true })
  const found = await project.runCases({
    mark: read('mark.csv'),
    bareMark: read('bare-mark.csv', { header: false }),
    one: read('one.csv', { columns: { a: 'INTEGER' } }),
    oneCrlf: read('one-crlf.csv', { columns: { a: 'INTEGER' } }),
    cr: read('cr.csv'),
    escape: read('escape.csv', { quote: "'", escape: '\\' }),
    windows: read('windows.csv', { encoding: 'windows-1252' }),
    open: read('open.csv'),
    inferred: csv({ file_path: 'inferred.csv' }, { reject: true }),
    many: read('many.csv.gz'),
  })
  const places = (name: Exclude<keyof typeof found, 'ran'>) => found[name].rejects?.map((row) => [row['_line'], row['_raw']])
  expect(places('mark')).toEqual([
    [3, 'x,1'],
    [4, '1'],
  ])
  expect(places('bareMark')).toEqual([
    [2, 'x,1'],
    [3, '1'],
  ])
  expect(places('one')).toEqual([
    [3, 'x'],
    [4, '1,2'],
    [6, '"y\n"'],
  ])
  expect(places('oneCrlf')?.map(([line]) => line)).toEqual([3, 4, 6])
  expect(places('cr')).toEqual([[2, 'x,1']])
  expect(places('escape')).toEqual([
    [4, "x,'q'"],
    [5, '2'],
  ])
  expect(places('windows')).toEqual([
    [4, 'x,ü'],
    [5, '1'],
  ])
  expect(found.open.rejects).toMatchObject([{ _line: 2, _error_message: 'A quoted value is not closed.' }])
  expect(places('inferred')).toEqual([[25_002, 'x,3']])
  const lines = project.read('many.csv.gz').split('\n')
  expect(found.many.rejects).toHaveLength(200)
  expect(found.many.rejects?.filter((row) => lines[Number(row['_line']) - 1] !== String(row['_raw']).split('\n')[0])).toEqual([])
})

test('csv_source names the first bad row of the first file that has one, whatever is wrong with others', async () => {
  const bytes = (text: string) => Buffer.from(text, 'latin1')
  const project = new ModuleProject({
    'encoding.csv': bytes('id,name,city\n1,"a\nb",c\n\n2,Müller,c\nx,b,c\n4,Köhler,c\n'),
    'value.csv': bytes('id,name,city\n1,"a\r\nb",c\nx,b,c\n2,Müller,c\n3,a\n'),
    'short.csv': bytes('id,name,city\n1,"a\nb",c\n2,b\nx,b,c\n3,Müller,c\n'),
    'valueFirst.csv': bytes('id,name,city\n1,"a\nb",c\nx,b,c\n2,b\n'),
    'late.csv': bytes(`id,name,city\n${Array.from({ length: 30000 }, (_, i) => `${i},${i > 25000 ? 'é' : 'e'},c\n`).join('')}`),
    'parts/a.csv': bytes('id,name,city\n1,a,b\n2,é,b\n'),
    'parts/b.csv': bytes('id,name,city\nx,a,b\n'),
    'parts/c.csv': bytes('id,name,city\n1,é,b\n'),
    'unread.csv': bytes('id,name\n1,é\nx,b\n'),
  })
  const source = (file: string, configs: object = {}) => ({
    module: 'csv_source',
    configs: { file_path: file, columns: { id: 'INTEGER', name: 'VARCHAR', city: 'VARCHAR' }, ...configs },
  })
  const found = await project.runCases({
    encoding: source('encoding.csv'),
    value: source('value.csv'),
    short: source('short.csv'),
    valueFirst: source('valueFirst.csv'),
    late: source('late.csv'),
    parts: source('parts/*.csv'),
    unread: source('unread.csv', { columns: { id: 'INTEGER' }, other_columns: 'ignore' }),
  })
  const names = ['encoding', 'value', 'short', 'valueFirst', 'late', 'parts', 'unread'] as const
  const messages = names.map((name) => [name, found[name].error?.message.replace(`${project.folder}/`, '')])
  const invalid = 'is not valid in the encoding of the file. The line is:'
  expect(Object.fromEntries(messages)).toEqual({
    encoding: `encoding.csv, line 5: the text in column "name" ${invalid} 2,M\ufffdller,c`,
    value: `value.csv, line 4: Column "id": 'x' is no INTEGER. The line is: x,b,c`,
    short: 'short.csv, line 4: expected 3 columns, got 2. The line is: 2,b',
    valueFirst: `valueFirst.csv, line 4: Column "id": 'x' is no INTEGER. The line is: x,b,c`,
    late: `late.csv, line 25003: the text in column "name" ${invalid} 25001,\ufffd,c`,
    parts: `parts/a.csv, line 3: the text in column "name" ${invalid} 2,\ufffd,b`,
    unread: `unread.csv, line 3: Column "id": 'x' is no INTEGER. The line is: x,b`,
  })
  for (const name of ['encoding', 'late', 'parts'] as const) expect(found[name].error?.hint).toMatch(/^set the config encoding/)
})
