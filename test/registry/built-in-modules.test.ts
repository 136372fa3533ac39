import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { Ajv } from 'ajv'
import { expect, onTestFinished, test } from 'vitest'
import { DiagnosticsError, validateFlow } from '../../src/index.js'
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

test('a config of a built-in module whose last letters are swapped is told with the right name, and so is a group of configs', async () => {
  const catalogue = await openCatalogue('/')
  const wanted: string[] = []
  const lines: string[] = []
  for (const name of catalogue.names()) {
    const { required = {}, optional = {} } = (await catalogue.find(name))?.definition.config ?? {}
    const names = [...Object.keys(required), ...Object.keys(optional)]
    const swapped = names.map((config) => config.replace(/(.)(.)$/, '$2$1'))
    wanted.push(...swapped.flatMap((typo, i) => (typo === names[i] ? [] : [`${name}: ${typo}, ${names[i]}`])))
    lines.push(`  - { id: n${lines.length}, name: ${name}, configs: { ${swapped.map((typo) => `${typo}: x`).join(', ')} } }`)
  }
  lines.push('  - { id: last, name: sleep, configs: { requird: { seconds: 1 } } }')
  wanted.push('sleep: requird, required')
  const folder = mkdtempSync(path.join(tmpdir(), 'pype-configs-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = path.join(folder, 'typos.yaml')
  const head = 'flow: { name: typos, version: 1.0.0, authors: [tester], created: "2026-01-01" }\nmodules:\n'
  writeFileSync(file, `${head}${lines.join('\n')}\nconnections: { data: [], control: [] }\n`)
  const thrown: unknown = await validateFlow(file, { catalogue }).catch((error: unknown) => error)
  const found = thrown instanceof DiagnosticsError ? thrown.diagnostics : []
  const told = found.flatMap(({ message, hint }) => {
    const [, name, typo] = /^The module "(.*)" has no config "(.*)"\.$/.exec(message) ?? []
    return name === undefined ? [] : [`${name}: ${typo}, ${/^did you mean "(.*)"\?$/.exec(hint ?? '')?.[1]}`]
  })
  expect(told.sort()).toEqual(wanted.sort())
})

function readJson(file: string): object {
  return JSON.parse(readFileSync(path.join(ROOT, file), 'utf8'))
}

test.each([
  ['tUniqRow', '`sql_mod`'],
  ['route_mod', '`filter_mod`'],
  ['tMap', '`join_mod`'],
  ['tFileInputDelimited', '`csv_source`'],
  ['tFileOutputDelimited', '`csv_sink`'],
  ['tFlowToIterate', '(1|iterate)'],
  ['tRunJob', '`run_flow`'],
  ['tDie', '`fail`'],
  ['dedupe_mod', 'SELECT DISTINCT'],
  ['excel_source', '`pype new module`'],
  ['mysql_sink', 'docs/database-modules.md'],
])('who asks for %s is told of %s', async (name, use) => {
  const catalogue = await openCatalogue(ROOT)
  const hint = await catalogue.hintFor(name)
  expect(hint).toContain(use)
  for (const [, module = ''] of hint.matchAll(/`([a-z]+_(?:mod|source|sink|flow|files))`/g)) expect(catalogue.names()).toContain(module)
})

test('who asks for a component of Talend is told what the page for those who come from it says', async () => {
  const page = readFileSync(path.join(ROOT, 'docs/coming-from-talend.md'), 'utf8')
  const components = [...page.matchAll(/^\| ((?:`t[A-Z]\w+`(?:, )?)+) \| (.+) \|$/gm)].flatMap(([, names = '', use = '']) =>
    [...names.matchAll(/`(\w+)`/g)].map(([, name = '']) => ({ name, use })),
  )
  expect(components.length).toBeGreaterThan(70)
  const catalogue = await openCatalogue(ROOT)
  const modulesIn = (text: string) =>
    [...text.matchAll(/[`"]([a-z_]+)[`"]/g)].map(([, word = '']) => word).filter((word) => catalogue.names().includes(word))
  const unlike = []
  for (const { name, use } of components) {
    const hint = await catalogue.hintFor(name)
    const told = modulesIn(hint)
    const isTold = told.length === 0 ? hint.includes('no module') : modulesIn(use).some((module) => told.includes(module))
    if (!isTold) unlike.push({ name, use, hint })
  }
  expect(unlike).toEqual([])
})

test('a name that only looks like another one is still corrected', async () => {
  expect(await (await openCatalogue(ROOT)).hintFor('sotr_mod')).toContain('did you mean "sort_mod"?')
})
