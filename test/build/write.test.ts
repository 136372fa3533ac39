import { execFileSync } from 'node:child_process'
import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { Ajv } from 'ajv'
import { describe, expect, onTestFinished, test } from 'vitest'
import { buildFlow } from '../../src/build/build.js'
import { writeJobFiles } from '../../src/build/write.js'
import { CATALOGUE } from './fake-catalogue.js'
import { buildText, codesOf, createFolder, writeFlow } from './flow-project.js'

const FLOW = writeFlow({
  modules: ['load: csv_source, file_path: "{{context.in}}/x.csv"', 'out: csv_sink, output_path: "{{context.out}}"'],
  data: ['load.data - out.input'],
})

function build(folder: string, options: { readonly check?: boolean } = {}) {
  return buildFlow(path.join(folder, 'test.yaml'), { out: path.join(folder, 'jobs'), catalogue: CATALOGUE, ...options })
}

describe('a job folder', () => {
  test('has the flow, the dag, the metadata and a default context', async () => {
    const folder = createFolder({ 'test.yaml': FLOW })
    expect((await build(folder)).changed).toEqual([
      'test.yaml',
      'test_dag.json',
      'test_execution_metadata.json',
      'context/test_default.json',
    ])
    expect(JSON.parse(readFileSync(path.join(folder, 'jobs/test/context/test_default.json'), 'utf8'))).toEqual({ in: null, out: null })
    expect(readFileSync(path.join(folder, 'jobs/test/test.yaml'), 'utf8')).toBe(FLOW)
  })

  test.each([
    ['dag', 'dag'],
    ['execution-metadata', 'execution_metadata'],
  ])('its %s fits its schema', async (schema, file) => {
    const { folder } = await buildText(FLOW)
    const ajv = new Ajv({ allErrors: true, allowUnionTypes: true })
    const validate = ajv.compile(JSON.parse(readFileSync(new URL(`../../schema/${schema}.schema.json`, import.meta.url), 'utf8')))
    validate(JSON.parse(readFileSync(path.join(folder, `jobs/test/test_${file}.json`), 'utf8')))
    expect(validate.errors).toBeNull()
  })

  test('an unchanged file is not touched, and --check writes nothing', async () => {
    const folder = createFolder({ 'test.yaml': FLOW })
    expect((await build(folder, { check: true })).changed).toEqual(['test.yaml', 'test_dag.json', 'test_execution_metadata.json'])
    expect(readdirSync(folder)).toEqual(['test.yaml'])
    await build(folder)
    const dag = path.join(folder, 'jobs/test/test_dag.json')
    const before = statSync(dag).ino
    expect((await build(folder)).changed).toEqual([])
    writeFileSync(path.join(folder, 'jobs/test/test_execution_metadata.json'), '{}')
    expect((await build(folder, { check: true })).changed).toEqual(['test_execution_metadata.json'])
    expect((await build(folder)).changed).toEqual(['test_execution_metadata.json'])
    expect(statSync(dag).ino).toBe(before)
  })

  test('a build that fails leaves the older job whole', async () => {
    const folder = createFolder({ 'test.yaml': FLOW })
    await build(folder)
    const job = path.join(folder, 'jobs/test')
    const before = readdirSync(job).map((name) => [name, name.includes('.') ? readFileSync(path.join(job, name), 'utf8') : ''])
    writeFileSync(path.join(folder, 'test.yaml'), FLOW.replace('csv_sink', 'csv_snik'))
    await expect(build(folder)).rejects.toThrow('UNKNOWN_MODULE')
    // The last file cannot be staged, for a file is where its folder would be: that fails before any rename.
    const files = [
      { path: 'test_dag.json', content: '{}' },
      { path: 'test.yaml/below', content: '' },
    ]
    await expect(writeJobFiles(job, files)).rejects.toMatchObject({ code: 'FILE_UNWRITABLE' })
    expect(readdirSync(job).map((name) => [name, name.includes('.') ? readFileSync(path.join(job, name), 'utf8') : ''])).toEqual(before)
  })

  test('is the same to the byte from another folder, in another time zone and language', () => {
    const builtin = FLOW.replaceAll('csv_sink', 'parquet_sink')
    const pype = fileURLToPath(new URL('../../bin/pype.cjs', import.meta.url))
    const [one, two] = ['UTC', 'Pacific/Chatham'].map((TZ, i) => {
      const folder = createFolder({ [`${i}/test.yaml`]: builtin })
      execFileSync(process.execPath, [pype, 'build', `${i}/test.yaml`, '--out', 'out'], {
        cwd: folder,
        env: { ...process.env, TZ, LC_ALL: i === 0 ? 'C' : 'tr_TR.UTF-8', LANG: i === 0 ? 'C' : 'tr_TR.UTF-8' },
      })
      return ['test.yaml', 'test_dag.json', 'test_execution_metadata.json', 'context/test_default.json'].map((file) =>
        readFileSync(path.join(folder, 'out/test', file), 'utf8'),
      )
    })
    expect(one).toEqual(two)
    expect(one?.join('')).not.toContain('/tmp/')
  })
})

describe('context files', () => {
  test('those beside the flow are copied, and only those of the flow', async () => {
    const folder = createFolder({
      'test.yaml': FLOW,
      'context/test_default.json': '{"in": "a", "out": "b"}',
      'context/test_prod.json': '{}',
      'context/test_2_default.json': '{}',
      'context/other_default.json': '{}',
    })
    await build(folder)
    expect(readdirSync(path.join(folder, 'jobs/test/context'))).toEqual(['test_default.json', 'test_prod.json'])
    writeFileSync(path.join(folder, 'context/test_prod.json'), '{"in": "c"}')
    expect((await build(folder, { check: true })).changed).toEqual(['context/test_prod.json'])
  })

  test('names the default file that lacks a name, or is not there yet', async () => {
    const messageOf = (files: Record<string, string>) => build(createFolder({ 'test.yaml': FLOW, ...files })).then(String, String)
    expect(await messageOf({ 'context/test_default.json': '{"in": "a"}' })).toContain('context/test_default.json lacks it')
    expect(await messageOf({ 'context/test_prod.json': '{}' })).toContain('does not exist yet: context/test_default.json')
  })

  test('a name that the default file lacks is an error', async () => {
    expect(await codesOf(FLOW, { 'context/test_default.json': '{"in": "a", "outt": "b"}' })).toEqual(['UNKNOWN_CONTEXT'])
    const twice = FLOW.replaceAll('{{context.out}}', '{{context.out}}{{context.out}}')
    expect(twice).not.toBe(FLOW)
    expect(await codesOf(twice, { 'context/test_default.json': '{"in": "a"}' })).toEqual(['UNKNOWN_CONTEXT'])
  })

  test.each([
    ['{"in": 1,}', 'CONTEXT_INVALID'],
    ['[]', 'CONTEXT_INVALID'],
    ['{"in": 9007199254740993, "out": "9007199254740993", "f": 1.5e3}', 'NUMBER_INEXACT'],
  ])('%s is refused', async (text, code) => {
    expect(await codesOf(FLOW, { 'context/test_default.json': text })).toContain(code)
  })

  test('the digits behind a point are no integer', async () => {
    expect(await codesOf(FLOW, { 'context/test_default.json': '{"in": 0.12345678901234567890, "out": -1.9007199254740993e3}' })).toEqual([])
  })

  test('without the folder, later builds only add names to the file that is the user’s', async () => {
    const folder = createFolder({ 'test.yaml': FLOW })
    await build(folder)
    const file = path.join(folder, 'jobs/test/context/test_default.json')
    writeFileSync(file, '{ "in": "mine" }')
    expect((await build(folder, { check: true })).changed).toEqual([])
    expect((await build(folder)).changed).toEqual(['context/test_default.json'])
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ in: 'mine', out: null })
  })
})

test.skipIf(process.getuid?.() === 0)('a folder that must not be written is a coded error', async () => {
  const folder = createFolder({ 'test.yaml': FLOW })
  chmodSync(folder, 0o500)
  onTestFinished(() => chmodSync(folder, 0o700))
  await expect(build(folder)).rejects.toMatchObject({ code: 'FILE_UNWRITABLE' })
})
