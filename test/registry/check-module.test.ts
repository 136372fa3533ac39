import { expect, test } from 'vitest'
import { checkModule } from '../../src/registry/check-module.js'

const SOUND = {
  name: 'trim_mod',
  type: 'mod',
  version: '1.0.0',
  description: 'Trims.',
  category: 'Text',
  inputPorts: ['input', 'lookup?', 'more*'],
  outputPorts: ['output'],
  globals: { row_count: { type: 'int', description: 'Rows.' } },
  packages: [],
  config: { required: {}, optional: { times: { type: 'int', min: 1, description: 'How often.', example: 2, default: 1 } } },
  query: () => ({}),
}

test('a sound module has no faults', () => {
  expect(checkModule(SOUND, '/p/modules/mods/trim_mod.ts')).toEqual([])
})

test.each<[string, object, string]>([
  ['a name unlike the file', { name: 'other_mod' }, '`name` is "other_mod", but the file is called "trim_mod"'],
  ['a folder of another type', { type: 'source', inputPorts: [] }, 'modules in the folder "mods" have the type "mod"'],
  ['an unknown key', { inputs: [] }, 'unknown key `inputs`'],
  ['both query and run', { run: () => undefined }, 'either `query` or `run`'],
  ['neither query nor run', { query: undefined }, 'either `query` or `run`'],
  ['a port with a wrong mark', { inputPorts: ['input+'] }, 'the input port "input+"'],
  ['a port twice', { inputPorts: ['input', 'input?'] }, 'each port may be listed once'],
  ['a mod without outputs', { outputPorts: [] }, 'a mod has at least one output port'],
  ['a version that is none', { version: '1' }, '`version` must be a semantic version'],
  ['a global without a type', { globals: { a: { description: 'A.' } } }, 'the global "a" must have a `type`'],
  ['items without run', { items: true }, '`items: true` needs `run`'],
  ['columns without run', { columns: () => ({}) }, '`columns` needs `run`'],
  ['setup without run', { setup: () => undefined }, '`setup` needs `run`'],
])('%s is a fault', (_, change, fault) => {
  expect(checkModule({ ...SOUND, ...change }, '/p/modules/mods/trim_mod.ts').join('\n')).toContain(fault)
})

test.each<[string, object, string]>([
  ['an example that does not pass', { type: 'int', description: 'N.', example: 'x' }, 'its example does not pass: expected a whole number'],
  ['a default that does not pass', { type: 'int', description: 'N.', example: 1, default: 1.5 }, 'its default does not pass'],
  ['an unknown type', { type: 'number', description: 'N.', example: 1 }, '`type` must be one or several of'],
  ['an enum without values', { type: 'enum', description: 'N.', example: 'a' }, '`values` must list the texts'],
  ['a misspelt key', { type: 'int', description: 'N.', example: 1, defualt: 2 }, 'did you mean `default`?'],
  ['no example', { type: 'int', description: 'N.' }, '`example` is missing'],
  ['limits of a text', { type: 'str', description: 'N.', example: 'a', min: 1 }, '`min` and `max` belong to'],
  [
    'a pattern that is none',
    { type: 'str', description: 'N.', example: 'a', pattern: { regex: '(', expected: 'x' } },
    'not a regular expression',
  ],
])('a config with %s is a fault', (_, spec, fault) => {
  const faults = checkModule({ ...SOUND, config: { required: {}, optional: { n: spec } } }, '/p/modules/mods/trim_mod.ts')
  expect(faults.join('\n')).toContain(fault)
})

test('all faults are told at once, for whatever a file exports', () => {
  expect(checkModule({ name: 'x' }, '/p/x.ts').length).toBeGreaterThan(5)
  expect(checkModule(undefined, '/p/x.ts')).toEqual(['the file must have `export default defineModule({ … })`'])
})
