import { expect, test } from 'vitest'
import { moduleFile } from '../registry/module-file.js'
import { createProject } from './pype-project.js'

const MODULES = {
  'modules/mods/pass_mod.ts': moduleFile('pass_mod'),
  'modules/mods/keep_mod.mjs': moduleFile('keep_mod'),
  'modules/mods/_shared.ts': 'export const nothing = 0\n',
  'modules/mods/lib/more.ts': 'export const nothing = 0\n',
}

test('auto-register lists every module of the project, the same bytes each time', async () => {
  const project = createProject(MODULES)
  const first = await project.pype(['auto-register'])
  expect(first).toMatchObject({
    code: 0,
    stderr: '',
    stdout: 'ModRegistry.json was made, and lists 2 modules: added keep_mod, pass_mod.\n',
  })
  const text = project.read('ModRegistry.json')
  expect(Object.keys(JSON.parse(text))).toEqual(['keep_mod', 'pass_mod'])
  expect(JSON.parse(text).pass_mod).toEqual({
    module_path: 'modules/mods/pass_mod.ts',
    type: 'mod',
    version: '1.0.0',
    description: 'Passes rows on.',
    category: 'Rows',
    input_ports: ['input'],
    output_ports: ['output'],
    globals: {},
    packages: [],
    config_schema: { required: { column: { type: 'column', description: 'A column.', example: 'name' } }, optional: {} },
  })
  await project.pype(['auto-register'], { cwd: 'modules/mods/lib' })
  expect(project.read('ModRegistry.json')).toBe(text)
})

test('auto-register --check exits with 1 when the list is out of date, and writes nothing', async () => {
  const project = createProject(MODULES)
  await project.pype(['auto-register'])
  expect(await project.pype(['auto-register', '--check'])).toMatchObject({ code: 0 })
  const text = project.read('ModRegistry.json')
  project.write('modules/mods/pass_mod.ts', moduleFile('pass_mod', { description: 'New.' }))
  const checked = await project.pype(['auto-register', '--check'])
  expect(checked.code).toBe(1)
  expect(checked.stdout).toContain('out of date: changed pass_mod')
  expect(project.read('ModRegistry.json')).toBe(text)
})

test('auto-register tells that it has made the list where there was none', async () => {
  const project = createProject({ 'a.txt': '' })
  expect(await project.pype(['auto-register', '--check'])).toMatchObject({
    code: 1,
    stdout: 'ModRegistry.json is not there. Run `pype auto-register`.\n',
  })
  expect(await project.pype(['auto-register'])).toMatchObject({ code: 0, stdout: 'ModRegistry.json was made, and lists 0 modules.\n' })
  expect(await project.pype(['auto-register', '--check'])).toMatchObject({ code: 0, stdout: 'ModRegistry.json is up to date.\n' })
})

test('auto-register tells all unsound modules at once and leaves the list alone', async () => {
  const project = createProject({ ...MODULES, 'ModRegistry.json': '{}' })
  project.write('modules/mods/wrong_mod.ts', moduleFile('other_mod'))
  project.write('modules/mods/syntax_mod.ts', 'export defalt {}\n')
  project.write('modules/mods/package_mod.ts', "import x from 'no-such-package-here'\nexport default x\n")
  project.write('modules/source/pass_mod.ts', moduleFile('pass_mod'))
  const { code, stderr, stdout } = await project.pype(['auto-register'])
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toContain('`name` is "other_mod", but the file is called "wrong_mod"')
  expect(stderr).toContain('`npm install no-such-package-here`')
  expect(stderr).toMatch(/syntax_mod\.ts:1:8 {2}error MODULE_INVALID/)
  expect(stderr).toContain('  1 | export defalt {}\n    |        ^')
  expect(stderr).toContain('modules in the folder "source" have the type "source"')
  expect(stderr).toContain('4 errors.')
  expect(stderr).not.toMatch(/^\s+at /m)
  expect(project.read('ModRegistry.json')).toBe('{}')
})

test('register-module takes a name or a path, and adds to what is listed', async () => {
  const project = createProject(MODULES)
  expect(await project.pype(['register-module', 'pass_mod'])).toMatchObject({
    code: 0,
    stdout: 'Registered pass_mod (modules/mods/pass_mod.ts) in ModRegistry.json.\n',
  })
  project.write('etl/own_mod.ts', moduleFile('own_mod'))
  expect(await project.pype(['register-module', 'own_mod.ts'], { cwd: 'etl' })).toMatchObject({ code: 0 })
  expect(Object.keys(JSON.parse(project.read('ModRegistry.json')))).toEqual(['own_mod', 'pass_mod'])
  // A module outside of the usual folders stays listed.
  await project.pype(['auto-register'])
  expect(JSON.parse(project.read('ModRegistry.json')).own_mod.module_path).toBe('etl/own_mod.ts')
})

test.each<[string, string]>([
  ['pas_mod', 'did you mean "pass_mod"?'],
  ['modules/none_mod.ts', 'There is no module file'],
  ['../../../../../../../../../etc/hostname', 'is outside of the project folder'],
])('register-module %s is refused', async (target, message) => {
  const project = createProject(MODULES)
  const { code, stderr } = await project.pype(['register-module', target])
  expect(code).toBe(2)
  expect(stderr).toContain(message)
})

test('clear-registry empties the list and keeps the modules', async () => {
  const project = createProject(MODULES)
  expect(await project.pype(['clear-registry'])).toMatchObject({ code: 2 })
  await project.pype(['auto-register'])
  expect(await project.pype(['clear-registry'], { cwd: 'modules' })).toMatchObject({
    code: 0,
    stdout: '../ModRegistry.json: removed 2 modules.\n',
  })
  expect(project.read('ModRegistry.json')).toBe('{}\n')
  expect(project.read('modules/mods/pass_mod.ts')).toContain('pass_mod')
})

test('list-modules shows modules by category within 80 columns, and one of the project hides a built-in one', async () => {
  const long = 'Passes rows on, and says so in a description that is far too long for the rest of one line of a terminal.'
  const project = createProject({ 'modules/mods/filter_mod.ts': moduleFile('filter_mod', { description: long }) })
  await project.pype(['auto-register'])
  const { code, stdout } = await project.pype(['list-modules'])
  expect(code).toBe(0)
  expect(stdout).toMatch(/^Rows$/m)
  expect(stdout.match(/^ {2}filter_mod /gm)).toHaveLength(1)
  expect(stdout.replace(/\s+/g, ' ')).toContain(`${long} [project]`)
  expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)
  const listed = JSON.parse((await project.pype(['list-modules', '--json'])).stdout)
  expect(listed.find((module: { name: string }) => module.name === 'filter_mod')).toMatchObject({ origin: 'project', category: 'Rows' })
})

test('list-modules NAME shows ports, configs and a part of a flow', async () => {
  const project = createProject(MODULES)
  await project.pype(['auto-register'])
  const { stdout } = await project.pype(['list-modules', 'pass_mod'])
  expect(stdout).toContain('column: the name of a column')
  expect(stdout).toContain('    - id: pass_mod\n      name: pass_mod\n      configs:\n        column: name\n')
  const shown = JSON.parse((await project.pype(['list-modules', 'pass_mod', '--json'])).stdout)
  expect(shown).toMatchObject({ name: 'pass_mod', origin: 'project', output_ports: ['output'] })
})

test('a name that no module has is an error with a suggestion', async () => {
  const project = createProject(MODULES)
  await project.pype(['auto-register'])
  const { code, stderr } = await project.pype(['list-modules', 'pasmod'])
  expect(code).toBe(2)
  expect(stderr).toContain('error UNKNOWN_MODULE  No module is called "pasmod".')
  expect(stderr).toMatch(/hint: did you mean "pass_mod"\? `pype list-modules` shows all \d+\./)
})

test.each([
  ['filter', 'filter_mod'],
  ['csv_src', 'csv_source'],
])('a name is found by its abbreviation: %s, %s', async (word, name) => {
  const { stderr } = await createProject().pype(['list-modules', word])
  // Some are what another tool calls it.
  expect(stderr).toMatch(new RegExp(`hint: (did you mean "${name}"|for that pype has \`${name}\`)`))
})

test('a flow that names a module which is not registered yet is told how to register it', async () => {
  const project = createProject({
    ...MODULES,
    'ModRegistry.json': '{}',
    'flow.yaml': `flow: { name: early, version: 1.0.0, authors: [me], created: "2026-01-01" }
modules: [{ id: one, name: pass_mod }]
connections: { data: [], control: [] }
`,
  })
  for (const command of ['validate', 'run']) {
    const { code, stderr } = await project.pype([command, 'flow.yaml'])
    expect(code).toBe(2)
    expect(stderr).toMatch(/UNKNOWN_MODULE[\s\S]*hint: \S*modules\/mods\/pass_mod\.\w+ is not registered yet: run `pype auto-register`/)
  }
})

test.each(['{', '[]', '{"a": {}}'])('a ModRegistry.json that holds %s is REGISTRY_INVALID', async (text) => {
  const project = createProject({ 'ModRegistry.json': text })
  const { code, stderr } = await project.pype(['list-modules'])
  expect(code).toBe(2)
  expect(stderr).toContain('error REGISTRY_INVALID')
})
