import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { type Case, type Flow, ModuleProject } from './module-flow.js'

const parquet = (configs: object, more: Partial<Case> = {}): Case => ({ module: 'parquet_source', configs, ...more })

/** Writes Parquet files from rows, by path. */
async function writeParquet(project: ModuleProject, files: { readonly [path: string]: object }): Promise<void> {
  const modules: Record<string, Flow['modules'][string]> = { begin: ['log', { message: 'begin' }] }
  const names = Object.keys(files)
  names.forEach((path, i) => {
    modules[`in${i}`] = ['inline_source', files[path] ?? {}]
    modules[`out${i}`] = ['parquet_sink', { output_path: path }]
  })
  const { summary } = await project.run({
    modules,
    data: names.map((_, i) => `in${i}.data - out${i}.input`),
    control: names.map((_, i) => `begin (${i + 1}|) in${i}`),
  })
  expect(summary.errors).toEqual([])
}

test('parquet_source reads files, partitions and chosen columns', async () => {
  const project = new ModuleProject()
  const columns = { id: 'INTEGER', name: 'VARCHAR' }
  await writeParquet(project, {
    'a.parquet': { rows: [{ id: 1, name: 'x' }, { id: 2 }], columns },
    'swapped.parquet': { rows: [{ id: 3, name: 'z' }], columns: { name: 'VARCHAR', id: 'INTEGER' } },
    'wide.parquet': { rows: [{ id: 4, name: 'w', more: 1 }], columns: { ...columns, more: 'INTEGER' } },
    'long.parquet': { rows: [{ id: '3000000000', name: 'l' }], columns: { id: 'BIGINT', name: 'VARCHAR' } },
    'text.parquet': { rows: [{ n: '1' }, { n: '1.7' }] },
    'none.parquet': { rows: [], columns },
    'q[1].parquet': { rows: [{ id: 5 }], columns },
    'q1.parquet': { rows: [{ id: 6 }], columns },
    'hive/year=2025/day=2025-01-02/x.parquet': { rows: [{ id: 7 }], columns },
    'hive/year=2026/day=2026-01-02/x.parquet': { rows: [{ id: 8 }], columns },
  })
  const whole = readFileSync(project.path('a.parquet'))
  writeFileSync(project.path('cut.parquet'), whole.subarray(0, whole.length / 2))
  mkdirSync(project.path('s p ü'))
  copyFileSync(project.path('a.parquet'), project.path('s p ü/it\'s "a".parquet'))
  const found = await project.runCases({
    all: parquet({ file_path: 'a.parquet' }, { message: '{{all__row_count}} {{all__file_count}} {{all__file_size}}' }),
    picked: parquet({ file_path: 'a.parquet', columns: ['name', 'id'] }),
    pickedNone: parquet({ file_path: 'a.parquet', columns: ['nope'] }),
    typed: parquet({ file_path: 'a.parquet', columns: { id: 'VARCHAR' } }),
    typedMisfit: parquet({ file_path: 'long.parquet', columns: { id: 'INTEGER' } }),
    list: parquet({ file_path: ['swapped.parquet', 'a.parquet'], file_name: 'file' }),
    disagree: parquet({ file_path: ['a.parquet', 'wide.parquet'] }),
    types: parquet({ file_path: ['a.parquet', 'long.parquet'] }),
    strict: parquet({ file_path: 'text.parquet', columns: { n: 'INTEGER' } }),
    none: parquet({ file_path: 'none.parquet' }),
    brackets: parquet({ file_path: 'q[1].parquet' }),
    quotes: parquet({ file_path: 's p ü/it\'s "a".parquet' }),
    hive: parquet({ file_path: 'hive/*/*/*.parquet', hive_partitioning: true }),
    hivePicked: parquet({ file_path: 'hive/*/*/*.parquet', hive_partitioning: true, columns: ['year', 'id'] }),
    noHive: parquet({ file_path: 'hive/**/*.parquet' }),
    cut: parquet({ file_path: 'cut.parquet' }),
    missing: parquet({ file_path: 'gone.parquet' }),
    fileName: parquet({ file_path: 'a.parquet', file_name: 'name' }),
    fileNameTyped: parquet({ file_path: 'a.parquet', file_name: 'name', columns: { id: 'INTEGER', name: 'VARCHAR' } }),
  })
  const rows = [
    { id: 1, name: 'x' },
    { id: 2, name: null },
  ]
  expect(found.all.rows).toEqual(rows)
  expect(found.all.message).toBe(`2 1 ${whole.length}`)
  expect(found.picked.rows?.map((row) => Object.keys(row))).toEqual([
    ['name', 'id'],
    ['name', 'id'],
  ])
  expect(found.pickedNone.error).toMatchObject({
    code: 'SCHEMA_MISMATCH',
    message: expect.stringContaining('a.parquet lacks nope. Expected: nope. Found: id, name.'),
  })
  expect(found.typed.rows).toEqual([{ id: '1' }, { id: '2' }])
  expect(found.typedMisfit.error).toMatchObject({ code: 'BAD_ROW', message: expect.stringMatching(/long\.parquet: .*3000000000/) })
  expect(found.list.rows).toEqual([
    { name: 'z', id: 3, file: project.path('swapped.parquet') },
    { name: 'x', id: 1, file: project.path('a.parquet') },
    { name: null, id: 2, file: project.path('a.parquet') },
  ])
  expect(found.disagree.error).toMatchObject({
    code: 'SCHEMA_MISMATCH',
    message: `${project.path('wide.parquet')} has the columns id, name, more; ${project.path('a.parquet')} has id, name.`,
  })
  expect(found.types.rows?.map((row) => row['id'])).toEqual([1, 2, 3000000000])
  expect(found.strict.error).toMatchObject({ code: 'BAD_ROW', message: expect.stringContaining("'1.7'") })
  expect(found.none.rows).toEqual([])
  expect(found.brackets.rows).toEqual([{ id: 5, name: null }])
  expect(found.quotes.rows).toEqual(rows)
  expect(found.hive.rows).toEqual([
    { id: 7, name: null, year: 2025, day: '2025-01-02' },
    { id: 8, name: null, year: 2026, day: '2026-01-02' },
  ])
  expect(found.hivePicked.rows).toEqual([
    { year: 2025, id: 7 },
    { year: 2026, id: 8 },
  ])
  expect(found.noHive.rows).toEqual([
    { id: 7, name: null },
    { id: 8, name: null },
  ])
  expect(found.cut.error).toMatchObject({ code: 'FILE_CORRUPT', message: expect.stringContaining('cut.parquet') })
  for (const { error } of [found.fileName, found.fileNameTyped]) expect(error?.message).toMatch(/column "name".* also in the file/)
  expect(found.missing.error?.code).toBe('FILE_NOT_FOUND')
})
