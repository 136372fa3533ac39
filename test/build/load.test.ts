import { readFileSync } from 'node:fs'
import { Ajv } from 'ajv'
import { describe, expect, test } from 'vitest'
import { readFlow } from '../../src/build/load/load-flow.js'
import { DEFAULT_SETTINGS } from '../../src/core/settings.js'
import { buildText, codesOf, writeFlow } from './flow-project.js'

const configsOf = async (configs: string) =>
  (await buildText(writeFlow({ modules: [`a: csv_source, file_path: x, ${configs}`] }))).dag.nodes[0]?.configs

describe('configs', () => {
  test.each([
    ['null_text: 012', { null_text: '012' }],
    ['null_text: 1.10', { null_text: '1.10' }],
    ['null_text: NULL', { null_text: 'NULL' }],
    ['null_text: 12345678901234567890', { null_text: '12345678901234567890' }],
    ['null_text: "NULL"', { null_text: 'NULL' }],
    ['skip: 0x10', { skip: 16 }],
    ['columns: { id: 012, b: text }', { columns: { id: '012', b: 'text' } }],
    ['columns: [012, yes]', { columns: ['012', 'yes'] }],
    ['skip: "{{context.skip}}"', { skip: '{{context.skip}}' }],
  ])('%s is kept as its type wants it', async (text, expected) => {
    expect(await configsOf(text)).toEqual({ file_path: 'x', ...expected })
  })

  test('nested and flat forms mean the same', async () => {
    const nested = await buildText(writeFlow({ modules: ['a: csv_source, required: { file_path: x }, optional: { skip: 1 }'] }))
    const flat = await buildText(writeFlow({ modules: ['a: csv_source, skip: 1, file_path: x'] }))
    expect(flat.dag.nodes[0]?.configs).toEqual(nested.dag.nodes[0]?.configs)
    expect(flat.metadata.sub_flows.a?.hash).toBe(nested.metadata.sub_flows.a?.hash)
  })

  test.each([
    ['in brackets that fill the stack', `flow: ${'['.repeat(5000)}`],
    ['in maps', `flow: ${'{ a: '.repeat(150)}1${' }'.repeat(150)}`],
    ['by aliases', `a0: &a0 [1]\n${Array.from({ length: 120 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}]\n`).join('')}`],
  ])('a file that is nested too deeply is an error: %s', (_, text) => {
    expect(readFlow('flow.yaml', text).findings.list()).toContainEqual(
      expect.objectContaining({ code: 'YAML_SYNTAX', message: expect.stringContaining('nested too deeply') }),
    )
  })

  test('anchors, aliases and merge keys are resolved', async () => {
    const text = `flow: { name: test, version: 1.0.0, authors: [me], created: "2025-01-15" }
modules:
  - { id: a, name: csv_source, configs: &c { file_path: x, skip: 1 } }
  - { id: b, name: csv_source, configs: { <<: *c, skip: 2 } }
connections: { data: [], control: ["a (1|) b"] }
`
    expect((await buildText(text)).dag.nodes.map(({ configs }) => configs)).toEqual([
      { file_path: 'x', skip: 1 },
      { file_path: 'x', skip: 2 },
    ])
  })
})

describe('settings', () => {
  test('defaults are filled in; older names of the mode mean local', async () => {
    expect(
      (await buildText(writeFlow({ settings: '{ execution_mode: dask, retries: 2 }', modules: ['a: log, message: x'] }))).metadata.settings,
    ).toEqual({ ...DEFAULT_SETTINGS, retries: 2 })
  })

  test('an unknown one is a warning with the nearest name', async () => {
    const { diagnostics } = await buildText(writeFlow({ settings: '{ retry: 2 }', modules: ['a: log, message: x'] }))
    expect(diagnostics).toMatchObject([{ severity: 'warning', code: 'UNKNOWN_SETTING', at: { line: 2, column: 13, length: 5 } }])
  })
})

test('a package that is not installed is a warning', async () => {
  const { diagnostics } = await buildText(writeFlow({ modules: ['a: needy'] }))
  expect(diagnostics).toMatchObject([{ severity: 'warning', code: 'PACKAGE_MISSING' }])
})

test('a list of a hundred thousand repeated values by aliases is refused in good time', async () => {
  const levels = Array.from({ length: 9 }, (_, i) => `x${i + 1}: &x${i + 1} [${Array(10).fill(`*x${i}`).join(', ')}]`)
  expect(await codesOf(`x0: &x0 [lol]\n${levels.join('\n')}\n`)).toContain('YAML_SYNTAX')
})

describe('the schema of flows', () => {
  const schema: unknown = JSON.parse(readFileSync(new URL('../../schema/flow.schema.json', import.meta.url), 'utf8'))

  test('describes every key, with an example that fits', () => {
    const keys = propertiesOf(schema, '')
    expect(keys.length).toBeGreaterThan(30)
    for (const { name, property } of keys) {
      expect(property, name).toHaveProperty('description')
      expect(property, name).toHaveProperty('examples.0')
      const ajv = new Ajv({ allowUnionTypes: true, strictTypes: false, strictRequired: false })
      ajv.addVocabulary(['x-expected', 'x-often-written'])
      const { examples } = property as { readonly examples: readonly unknown[] }
      for (const example of examples) expect(ajv.validate(property, example), `${name}: ${JSON.stringify(example)}`).toBe(true)
    }
  })
})

function propertiesOf(schema: unknown, path: string): { readonly name: string; readonly property: object }[] {
  if (typeof schema !== 'object' || schema === null) return []
  const own =
    'properties' in schema && typeof schema.properties === 'object' && schema.properties !== null ? Object.entries(schema.properties) : []
  const items: [string, unknown][] = 'items' in schema ? [['items', schema.items]] : []
  return [...own, ...items].flatMap(([key, property]) =>
    typeof property === 'object' && property !== null
      ? [{ name: `${path}/${key}`, property }, ...propertiesOf(property, `${path}/${key}`)]
      : [],
  )
}
