import { createHash } from 'node:crypto'
import path from 'node:path'
import { expect, test } from 'vitest'
import { PypeError } from '../../src/core/errors.js'
import { loadModule, openCatalogue } from '../../src/registry/registry.js'
import { createProject } from '../cli/pype-project.js'
import { moduleFile } from './module-file.js'

test('a TypeScript module loads as it is: enums, parameter properties, imports of sibling files', async () => {
  const project = createProject({
    'modules/mods/pass_mod.ts': moduleFile('pass_mod', {
      head: `import { Side } from './_side'
        enum Kind { Left = 'left' }
        class Box { constructor(private readonly kind: Kind) {} get(): string { return this.kind } }`,
      description: '`${new Box(Kind.Left).get()} or ${Side.Right}`',
    }),
    'modules/mods/_side.ts': "export enum Side { Right = 'right' }\n",
  })
  const module = await loadModule('modules/mods/pass_mod.ts', { projectFolders: ['/nowhere', project.folder] })
  expect(module.description).toBe('left or right')
})

test('errors that a module throws are of the class that the program knows', async () => {
  const project = createProject({
    'modules/mods/pass_mod.ts': moduleFile('pass_mod', {
      head: "import { PypeError } from 'pypeline/sdk'",
      more: "check: () => { throw new PypeError('CONFIG_INVALID', 'no') },",
    }),
  })
  const module = await loadModule('modules/mods/pass_mod.ts', { projectFolders: [project.folder] })
  expect(() => module.check?.({}, [])).toThrow(PypeError)
})

test('JavaScript modules need no install of pypeline either', async () => {
  const project = createProject({ 'modules/mods/pass_mod.mjs': moduleFile('pass_mod') })
  const module = await loadModule('modules/mods/pass_mod.mjs', { projectFolders: [project.folder] })
  expect(module.name).toBe('pass_mod')
})

test('the catalogue gives the hash of a user module, and only the module asked for is loaded', async () => {
  const text = moduleFile('pass_mod')
  const project = createProject({ 'modules/mods/pass_mod.ts': text, 'flows/deep/flow.yaml': '' })
  project.write('modules/mods/broken_mod.ts', 'throw new Error("loaded")')
  const entry = (name: string): object => ({ module_path: `modules/mods/${name}.ts`, type: 'mod' })
  project.write(
    'ModRegistry.json',
    JSON.stringify({ pass_mod: entry('pass_mod'), broken_mod: entry('broken_mod'), gone_mod: entry('gone_mod') }),
  )
  const catalogue = await openCatalogue(path.join(project.folder, 'flows/deep'))
  expect(catalogue.names()).toEqual(expect.arrayContaining(['broken_mod', 'pass_mod']))
  const found = await catalogue.find('pass_mod')
  expect(found?.modulePath).toBe('modules/mods/pass_mod.ts')
  expect(found?.sourceHash).toBe(createHash('sha256').update(text).digest('hex'))
  await expect(catalogue.find('broken_mod')).rejects.toMatchObject({ code: 'MODULE_INVALID' })
  await expect(catalogue.find('gone_mod')).rejects.toMatchObject({ code: 'MODULE_GONE' })
})

test('a module that was edited since the build is refused when the hash is given', async () => {
  const project = createProject({ 'modules/mods/pass_mod.ts': moduleFile('pass_mod') })
  const options = { projectFolders: [project.folder], sourceHash: '0'.repeat(64) }
  await expect(loadModule('modules/mods/pass_mod.ts', options)).rejects.toMatchObject({ code: 'MODULE_CHANGED' })
})

test.each(['modules/mods/none_mod.ts', 'pype:mods/none_mod', 'pype:../../package', 'pype:mods/../mods/filter_mod'])(
  '%s is gone',
  async (modulePath) => {
    await expect(loadModule(modulePath, { projectFolders: ['/nowhere'] })).rejects.toMatchObject({ code: 'MODULE_GONE' })
  },
)
