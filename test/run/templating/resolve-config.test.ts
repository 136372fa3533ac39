import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../../src/core/json.js'
import { DatabaseConnections } from '../../../src/run/database-connections/database-connections.js'
import { GlobalStore } from '../../../src/run/templating/global-store.js'
import { createLookup, type TemplateValues } from '../../../src/run/templating/lookup.js'
import { resolveConfig } from '../../../src/run/templating/resolve-config.js'
import { defineModule } from '../../../src/sdk/define-module.js'
import { ident } from '../../../src/sdk/sql.js'
import { makeFlow, makeNode } from '../scheduling/flow-fixture.js'

const NO_CONNECTIONS = new DatabaseConnections({
  openDatabase: () => expect.fail('no database is used here'),
  cwd: '/',
  candidates: [],
  onPassword: () => {},
})

const definition = defineModule({
  name: 'sample',
  type: 'solo',
  version: '1.0.0',
  description: 'A module with a config of every type.',
  category: 'Test',
  inputPorts: [],
  outputPorts: [],
  globals: {},
  packages: [],
  config: {
    required: { path: { type: 'path', description: 'Where.', example: 'a.csv' } },
    optional: {
      limit: { type: 'int', description: 'How many.', example: 1, default: 10, min: 0 },
      share: { type: 'float', description: 'How much.', example: 0.5 },
      strict: { type: 'bool', description: 'Whether.', example: true, default: false },
      mode: { type: 'enum', values: ['a', 'b'], description: 'Which way.', example: 'a', default: 'a' },
      condition: { type: 'sql', description: 'Which rows.', example: 'a > 1' },
      key: { type: 'column', description: 'The key.', example: 'id' },
      group: { type: 'columns', description: 'The groups.', example: ['id'], default: ['id'] },
      made: { type: 'dict', of: 'sql', description: 'New columns.', example: { a: '1' } },
      columns: { type: ['columns', 'dict'], of: 'str', description: 'Columns.', example: ['a'] },
      values: { type: 'dict', description: 'Anything.', example: { a: 1 } },
      label: { type: 'str', description: 'A text.', example: 'x' },
    },
  },
  run: () => {},
})

function resolve(configs: JsonObject, more: Partial<TemplateValues> = {}): Record<string, unknown> {
  const { dag } = makeFlow(['a', 'n'], [])
  const globals = new GlobalStore(dag)
  globals.publish([], {
    a__count: { type: 'BIGINT', text: '42' },
    a__big: { type: 'BIGINT', text: '9007199254740993' },
    a__price: { type: 'DECIMAL(10,2)', text: '1.50' },
    a__rate: { type: 'DOUBLE', text: 'NaN' },
    a__names: { type: 'JSON', text: '{"a": ["x"]}' },
    a__ids: { type: 'JSON', text: '[9007199254740993]' },
  })
  const values: TemplateValues = {
    dag,
    job: 'walked',
    runId: 'r1',
    time: '2026-01-31 06:00:00',
    context: { dir: '/data', n: 5, list: ['x', 'y'], flag: true },
    writtenContext: {},
    env: { COUNT: '7', HOME: '/root' },
    globals,
    secrets: { find: () => undefined },
    ...more,
  }
  const node = { ...makeNode('n'), configs, config_places: { limit: { line: 12, column: 7 } } }
  return resolveConfig(definition, node, createLookup(values, []), { file: 'walked.yaml' }, NO_CONNECTIONS)
}

describe('configs at run time', () => {
  it('have their defaults, each in the form that the module sees', () => {
    expect(resolve({ path: 'a.csv' })).toMatchObject({
      path: 'a.csv',
      limit: 10,
      strict: false,
      mode: 'a',
      group: [ident('id')],
      condition: undefined,
    })
  })

  it('render templates as text inside of a longer text', () => {
    expect(
      resolve({ path: '{{context.dir}}/{{run.date}}/{{a__count}}-{{Run_x__y}}.csv'.replace('{{Run_x__y}}', '{{context.n}}') }).path,
    ).toBe('/data/2026-01-31/42-5.csv')
    expect(resolve({ path: '{{env.HOME}}/\\{{x}}' }).path).toBe('/root/{{x}}')
  })

  it('take a global as the code of a module sees it: JSON as what it holds, unless a number in it would be rounded', () => {
    const values = resolve({
      path: 'x',
      values: { rate: '{{a__rate}}', names: '{{a__names}}', ids: '{{a__ids}}', big: '{{a__big}}' },
    }).values
    expect(values).toEqual({ rate: Number.NaN, names: { a: ['x'] }, ids: '[9007199254740993]', big: 9007199254740993n })
    expect(resolve({ path: 'x', label: '{{a__rate}}' }).label).toBe('NaN')
  })

  it('keep the type of a template that stands alone', () => {
    const values = resolve({
      path: 'p',
      values: {
        a: '{{a__count}}',
        b: '{{A__COUNT}}',
        c: '{{a__big}}',
        d: '{{context.list}}',
        e: '{{context.flag}}',
        f: '{{a__price}}',
        g: 'n={{a__count}}',
      },
    }).values
    expect(values).toEqual({ a: 42, b: 42, c: 9007199254740993n, d: ['x', 'y'], e: true, f: '1.50', g: 'n=42' })
  })

  it('read numbers from the text of the environment', () => {
    expect(resolve({ path: 'p', limit: '{{env.COUNT}}', share: '{{env.COUNT}}' })).toMatchObject({ limit: 7, share: 7 })
  })

  it('make text of a number where text is wanted', () => {
    expect(resolve({ path: 'p', label: '{{context.n}}' }).label).toBe('5')
  })

  it('keep values apart from SQL', () => {
    const { condition, made } = resolve({
      path: 'p',
      condition: "age > {{context.n}} AND name <> '{{context.dir}}'",
      made: { b: '{{context.n}} + 1' },
    })
    expect(condition).toEqual({
      kind: 'expression',
      parts: [
        { kind: 'text', text: 'age > ' },
        { kind: 'text', text: ' ' },
        { kind: 'value', value: 5 },
        { kind: 'text', text: ' ' },
        { kind: 'text', text: " AND name <> '" },
        { kind: 'text', text: '/data' },
        { kind: 'text', text: "'" },
      ],
    })
    expect(made).toMatchObject({ b: { kind: 'expression' } })
  })

  it('quote columns, and take the first type that fits', () => {
    expect(resolve({ path: 'p', key: 'a"b', columns: ['x'] })).toMatchObject({ key: ident('a"b'), columns: [ident('x')] })
    expect(resolve({ path: 'p', columns: { x: 'INTEGER' } }).columns).toEqual({ x: 'INTEGER' })
  })

  it('of a wrong type are an error with the place of the config and an example', () => {
    expect(() => resolve({ path: 'p', limit: '{{context.dir}}' })).toThrow(
      expect.objectContaining({
        code: 'CONFIG_TYPE',
        node: 'n',
        at: { file: 'walked.yaml', line: 12, column: 7 },
        message: expect.stringContaining('limit'),
      }),
    )
    expect(() => resolve({ path: 'p', limit: -1 })).toThrow(expect.objectContaining({ code: 'CONFIG_TYPE' }))
    expect(() => resolve({})).toThrow(expect.objectContaining({ code: 'CONFIG_MISSING' }))
  })

  it('with the global of a node that has not run say so', () => {
    expect(() => resolve({ path: '{{a__count}}' }, { globals: new GlobalStore(makeFlow(['a', 'n'], []).dag) })).toThrow(
      expect.objectContaining({ code: 'TEMPLATE_VALUE', message: expect.stringContaining('the node a has not run') }),
    )
  })

  it('with the error of a node that did not fail tell how steps share a report', () => {
    expect(() => resolve({ path: '{{a__error_message}}' })).toThrow(
      expect.objectContaining({ code: 'TEMPLATE_VALUE', hint: expect.stringContaining('docs/how-to/tell-someone.md') }),
    )
  })

  it('with a variable that is not set name it', () => {
    expect(() => resolve({ path: '{{env.NOT_SET}}' })).toThrow('NOT_SET')
  })
})
