import { readdirSync } from 'node:fs'
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet'
import { ParquetReader } from 'parquetjs-lite'
import { expect, test } from 'vitest'
import { ModuleProject } from './module-flow.js'

const rows = [
  { id: 1, big: '9007199254740991', name: 'Zoë 日本', d: 1.5, f: true, day: '2026-02-03', at: '2026-02-03 04:05:06' },
  { id: 2, big: null, name: '', d: null, f: null, day: null, at: null },
  { id: 3, big: '-1', name: null, d: -0.25, f: false, day: '1969-12-31', at: '1969-12-31 23:59:59' },
]
const columns = { id: 'INTEGER', big: 'BIGINT', name: 'VARCHAR', d: 'DOUBLE', f: 'BOOLEAN', day: 'DATE', at: 'TIMESTAMP' }
const input = { rows, columns }

const metadata = async (path: string) => parquetMetadataAsync(await asyncBufferFromFile(path))

test('the files of parquet_sink are read by independent readers', async () => {
  const project = new ModuleProject()
  const sink = (configs: object) => ({ module: 'parquet_sink', configs, inputs: { input } })
  const found = await project.runCases({
    plain: { ...sink({ output_path: 'deep/plain.parquet' }), message: '{{plain__row_count}} {{plain__file_size}} {{plain__path}}' },
    none: sink({ output_path: 'none.parquet', compression: 'none' }),
    zstd: sink({ output_path: 'zstd.parquet', compression: 'zstd' }),
    gzip: sink({ output_path: 'gzip.parquet', compression: 'gzip' }),
    odd: sink({ output_path: 'a [1] ü \'q\' "z"*.parquet' }),
    groups: {
      module: 'parquet_sink',
      configs: { output_path: 'groups.parquet', row_group_size: 2048 },
      inputs: { input: Array.from({ length: 5000 }, (_, id) => ({ id })) },
    },
    back: { module: 'parquet_source', configs: { file_path: 'zstd.parquet' } },
    empty: { module: 'parquet_sink', configs: { output_path: 'empty.parquet' }, inputs: { input: { rows: [], columns } } },
  })
  const path = project.path('deep/plain.parquet')
  const file = await asyncBufferFromFile(path)
  expect(found.plain.message).toBe(`3 ${file.byteLength} deep/plain.parquet`)
  const dates = {
    day: (day: string | null) => (day === null ? null : new Date(day)),
    at: (at: string | null) => (at === null ? null : new Date(`${at}Z`)),
  }
  const expected = rows.map((row) => ({
    ...row,
    big: row.big === null ? null : BigInt(row.big),
    day: dates.day(row.day),
    at: dates.at(row.at),
  }))
  const byHyparquet = (await parquetReadObjects({ file })).map((row) => ({
    ...row,
    ...Object.fromEntries(
      Object.entries(row)
        .filter(([, value]) => value === undefined)
        .map(([name]) => [name, null]),
    ),
  }))
  expect(byHyparquet).toEqual(expected)
  const reader = await ParquetReader.openFile(path)
  const byParquetJs: Record<string, unknown>[] = []
  const cursor = reader.getCursor()
  for (let row = await cursor.next(); row !== null; row = await cursor.next()) byParquetJs.push({ ...row })
  await reader.close()
  expect(byParquetJs.map((row) => [row['id'], row['name'] ?? null, row['d'] ?? null, row['f'] ?? null])).toEqual(
    rows.map(({ id, name, d, f }) => [id, name, d, f]),
  )
  expect(byParquetJs.map((row) => (row['big'] === undefined || row['big'] === null ? null : Number(row['big'])))).toEqual([
    9007199254740991,
    null,
    -1,
  ])
  const codecs = await Promise.all(
    ['deep/plain', 'none', 'zstd', 'gzip'].map(
      async (name) => (await metadata(project.path(`${name}.parquet`))).row_groups[0]?.columns[0]?.meta_data?.codec,
    ),
  )
  expect(codecs).toEqual(['SNAPPY', 'UNCOMPRESSED', 'ZSTD', 'GZIP'])
  expect(await parquetReadObjects({ file: await asyncBufferFromFile(project.path('none.parquet')), columns: ['id'] })).toEqual([
    { id: 1 },
    { id: 2 },
    { id: 3 },
  ])
  expect((await metadata(project.path('a [1] ü \'q\' "z"*.parquet'))).num_rows).toBe(3n)
  expect((await metadata(project.path('groups.parquet'))).row_groups.map((group) => Number(group.num_rows))).toEqual([2048, 2048, 904])
  expect(found.back.rows).toEqual(rows.map((row) => ({ ...row, big: row.big === null ? null : Number(row.big) })))
  const empty = await metadata(project.path('empty.parquet'))
  expect([empty.num_rows, empty.schema.slice(1).map(({ name }) => name)]).toEqual([0n, Object.keys(columns)])
})

test('parquet_sink writes partitions and replaces what its mode says', async () => {
  const project = new ModuleProject()
  const sales = (years: readonly (number | null)[], id: number) => years.map((year) => ({ id, year, kind: `x/${year ?? ''}` }))
  const sink = (output_path: string, configs: object, input: readonly object[]) => ({
    module: 'parquet_sink',
    configs: { output_path, ...configs },
    inputs: { input },
  })
  const by = { partition_by: ['year'] }
  const before = await project.runCases({
    first: { ...sink('parts', by, sales([2024, 2025, 2025], 1)), message: '{{first__row_count}} {{first__path}}' },
    whole: sink('whole', by, sales([2024, 2025], 1)),
    two: sink('two', { partition_by: ['year', 'kind'] }, sales([2024, null], 1)),
    single: sink('one.parquet', {}, sales([2024], 1)),
    unknown: sink('nope', { partition_by: ['yeah'] }, sales([2025], 2)),
    readTwo: {
      module: 'parquet_source',
      configs: { file_path: 'two/**/*.parquet', hive_partitioning: true },
      after: [['sort_mod', { by: ['year'] }]],
    },
  })
  const found = await project.runCases({
    second: sink('parts', { ...by, mode: 'overwrite_partitions' }, sales([2025, 2026], 2)),
    whole: sink('whole', by, sales([2026], 2)),
    read: {
      module: 'parquet_source',
      configs: { file_path: 'parts/*/*.parquet', hive_partitioning: true },
      after: [['sort_mod', { by: ['year', 'id'] }]],
    },
  })
  const refused = await project.runCases({
    file: sink('one.parquet', { mode: 'error_if_exists' }, sales([2025], 2)),
    folder: sink('whole', { ...by, mode: 'error_if_exists' }, sales([2025], 2)),
  })
  expect(before.first.message).toBe('3 parts')
  expect(readdirSync(project.path('parts')).sort()).toEqual(['year=2024', 'year=2025', 'year=2026'])
  expect(found.read.rows?.map((row) => [row['year'], row['id']])).toEqual([
    [2024, 1],
    [2025, 2],
    [2026, 2],
  ])
  expect(readdirSync(project.path('whole'))).toEqual(['year=2026'])
  expect(before.readTwo.rows).toEqual([
    { id: 1, year: 2024, kind: 'x/2024' },
    { id: 1, year: null, kind: 'x/' },
  ])
  expect(refused.file.error).toMatchObject({ code: 'TARGET_EXISTS', message: expect.stringContaining('one.parquet') })
  expect(refused.folder.error?.code).toBe('TARGET_EXISTS')
  expect((await metadata(project.path('one.parquet'))).num_rows).toBe(1n)
  expect(before.unknown.error).toMatchObject({ code: 'SQL_INVALID', message: expect.stringContaining('yeah') })
})

test('parquet_sink needs partitions for overwrite_partitions', async () => {
  const project = new ModuleProject()
  const modules = {
    src: ['inline_source', { rows: [{ a: 1 }] }],
    out: ['parquet_sink', { output_path: 'a', mode: 'overwrite_partitions' }],
  } as const
  await expect(project.run({ modules, data: ['src.data - out.input'] })).rejects.toThrow(/needs partition_by/)
})

test('the names and values of partitions come back as they were', async () => {
  const project = new ModuleProject()
  const name = 'the größe/=%'
  const values = ['a=b', 'a/b', '50%', 'a b', 'a%20b', 'ü', '', null, '..', '007', 'a+b', '"', "'", '\\', 'a:b']
  const input = values.map((value, id) => ({ id, [name]: value, kind: 'x' }))
  const sink = { module: 'parquet_sink', inputs: { input } }
  await project.runCases({
    all: { ...sink, configs: { output_path: 'all', partition_by: [name, 'kind'] } },
    digits: {
      module: 'parquet_sink',
      configs: { output_path: 'digits', partition_by: ['n n'] },
      inputs: { input: [{ id: 1, 'n n': '007' }] },
    },
  })
  const source = (file_path: string, configs: object = {}) => ({
    module: 'parquet_source',
    configs: { file_path, hive_partitioning: true, ...configs },
    after: [['sort_mod', { by: ['id'] }]] as const,
  })
  const found = await project.runCases({
    all: source('all/*/*/*.parquet'),
    picked: source('all/*/*/*.parquet', { columns: [name, 'id'] }),
    typed: source('digits/*/*.parquet', { columns: { id: 'INTEGER', 'n n': 'VARCHAR' } }),
  })
  expect(found.all.rows).toEqual(input)
  expect(found.picked.rows).toEqual(values.map((value, id) => ({ [name]: value, id })))
  expect(found.typed.rows).toEqual([{ id: 1, 'n n': '007' }])
})

// Such a text would be read as NULL, and its file take the place of that of the rows without a value.
test.each(['NULL', '__HIVE_DEFAULT_PARTITION__'])('parquet_sink refuses the text %s as a partition', async (text) => {
  const project = new ModuleProject()
  const found = await project.runCases({
    refused: {
      module: 'parquet_sink',
      configs: { output_path: 'refused', partition_by: ['p'] },
      inputs: {
        input: [
          { id: 1, p: null },
          { id: 2, p: text },
        ],
      },
    },
  })
  expect(found.refused.error).toMatchObject({
    code: 'BAD_ROW',
    node: 'refused',
    message: `Column "p": the text '${text}' would be read as NULL.`,
    hint: expect.stringContaining('partition_by'),
  })
  expect(project.has('refused')).toBe(false)
})

test('parquet_sink says which of its partition columns is wrong', async () => {
  const project = new ModuleProject()
  const sink = (output_path: string, partition_by: readonly string[]) => ({
    module: 'parquet_sink',
    configs: { output_path, partition_by },
    inputs: { input: [{ part: 'x', a: 1 }] },
  })
  const found = await project.runCases({ missing: sink('a', ['pard']), all: sink('b', ['A', 'PART']), fits: sink('c', ['PART']) })
  expect(found.missing.error).toMatchObject({ node: 'missing', code: 'SQL_INVALID', hint: 'did you mean "part"?' })
  expect(found.all.error).toMatchObject({ node: 'all', code: 'CONFIG_INVALID', message: expect.stringContaining('All columns') })
  expect(project.has('c/part=x')).toBe(true)
})

test('parquet_sink fails when two partitions have given the same path', async () => {
  const project = new ModuleProject()
  const found = await project.runCases({
    lost: {
      module: 'parquet_sink',
      configs: { output_path: 'lost [1]', partition_by: ['p'] },
      inputs: {
        input: {
          rows: [{ id: 1 }, { id: 2, p: '__HIVE_DEFAULT_PARTITION__' }],
          columns: { id: 'INTEGER', p: "ENUM('__HIVE_DEFAULT_PARTITION__')" },
        },
      },
    },
    whole: { module: 'parquet_sink', configs: { output_path: 'whole [1]', partition_by: ['p'] }, inputs: { input: [{ id: 1, p: 'x' }] } },
  })
  expect(found.lost.error).toMatchObject({ code: 'NAME_CLASH', message: expect.stringContaining('Of 2 rows only 1 are in the files') })
  expect(project.has('lost [1]')).toBe(false)
  expect(project.has('whole [1]/p=x')).toBe(true)
})
