import { readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { Ajv } from 'ajv'
import { expect, test } from 'vitest'
import { locateRegistry, scanModules } from '../../src/registry/project-modules.js'
import { openCatalogue } from '../../src/registry/registry.js'
import { formatRegistry } from '../../src/registry/registry-file.js'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

test('modules/ModRegistry.json is what the built-in modules say of themselves (else: npm run catalogue)', async () => {
  const place = await locateRegistry(ROOT)
  expect(place.builtIn).toBe(true)
  expect(readFileSync(place.file, 'utf8')).toBe(formatRegistry(await scanModules(place)))
})

test('modules/ModRegistry.json follows its schema', () => {
  const validate = new Ajv({ allErrors: true }).compile(readJson('schema/registry.schema.json'))
  validate(readJson('modules/ModRegistry.json'))
  expect(validate.errors).toBeNull()
})

test('every built-in module can be found by its name', async () => {
  const catalogue = await openCatalogue('/')
  expect(catalogue.names().length).toBeGreaterThan(0)
  for (const name of catalogue.names()) {
    const found = await catalogue.find(name)
    expect(found?.definition.name).toBe(name)
    expect(found?.modulePath).toMatch(/^pype:(source|mods|sinks|solo)\/[a-z0-9_]+$/)
    expect(found?.sourceHash).toBeNull()
  }
})

test('a name that no module has finds nothing', async () => {
  const catalogue = await openCatalogue('/')
  expect(await catalogue.find('no_such_module')).toBeUndefined()
  expect(await catalogue.find('toString')).toBeUndefined()
})

function readJson(file: string): object {
  return JSON.parse(readFileSync(path.join(ROOT, file), 'utf8'))
}
