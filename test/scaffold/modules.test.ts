import { readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { expect, it } from 'vitest'
import { buildFlow } from '../../src/build/build.js'
import type { ModuleType } from '../../src/core/dag.js'
import { readRegistry } from '../../src/registry/registry-file.js'
import { runJob } from '../../src/run/run.js'
import { makeModule } from '../../src/scaffold/make-module.js'
import { type ModulePlan, USUAL_PORTS } from '../../src/scaffold/module.js'
import { TRIM_MODULE } from '../../src/scaffold/trim-module.js'
import { createProject } from '../cli/pype-project.js'

const plan = (name: string, type: ModuleType, more: Partial<ModulePlan> = {}): ModulePlan => ({
  name,
  type,
  ...USUAL_PORTS[type],
  code: false,
  ...more,
})

const PLANS: readonly ModulePlan[] = [
  plan('numbers', 'source', { outputPorts: ['data', 'more'] }),
  plan('large', 'mod', { outputPorts: ['output', 'other'] }),
  plan('any', 'mod', { inputPorts: ['input*'] }),
  plan('numbered', 'mod', { code: true }),
  plan('numbered_any', 'mod', { code: true, inputPorts: ['input?', 'more*'] }),
  plan('lines', 'sink'),
  plan('lines_any', 'sink', { inputPorts: ['input?'] }),
  plan('tell', 'solo'),
]

const FLOW = `flow: { name: all, version: 1.0.0, authors: [me], created: "2026-01-01" }
modules:
  - { id: numbers, name: numbers, configs: { count: 5 } }
  - { id: large, name: large, configs: { condition: n > 2 } }
  - { id: any, name: any, configs: { condition: n < 5 } }
  - { id: numbered, name: numbered, configs: { column: a } }
  - { id: again, name: numbered_any, configs: { column: b } }
  - { id: lines, name: lines, configs: { output_path: lines.jsonl } }
  - { id: tell, name: tell, configs: { message: "{{lines__row_count}} of {{numbers__row_count}}" } }
  - { id: others, name: lines_any, configs: { output_path: others.jsonl } }
connections:
  data:
    - numbers.data - large.input
    - large.output - any.input_a
    - any.output - numbered.input
    - numbered.output - again.more1
    - again.output - lines.input
    - large.other - others.input
  control: ["lines (1|) tell"]
`

it('a module of each type is registered as it is made, has no type error (nor has that of a new project), and runs in a flow', async () => {
  const { folder, read } = createProject({ 'ModRegistry.json': '{}', 'all.yaml': FLOW })
  for (const each of PLANS) await makeModule(each, folder)
  expect(Object.keys(await readRegistry(path.join(folder, 'ModRegistry.json')))).toEqual(PLANS.map(({ name }) => name).sort())
  writeFileSync(path.join(folder, 'modules/mods/trim_mod.ts'), TRIM_MODULE)
  expect(findTypeErrors(path.join(folder, 'modules'))).toEqual([])
  const { job } = await buildFlow(path.join(folder, 'all.yaml'), { out: path.join(folder, 'jobs'), columns: { cwd: folder } })
  expect(await runJob(job, { cwd: folder, env: {} })).toMatchObject({ status: 'completed', errors: [] })
  expect(read('lines.jsonl')).toBe('{"n":3,"a":1,"b":1}\n{"n":4,"a":2,"b":2}\n')
  expect(read('others.jsonl')).toBe('{"n":3}\n{"n":4}\n{"n":5}\n')
})

it('what no module can be called, what is there already, and ports that do not go with the type are refused, and nothing is left behind', async () => {
  const { folder } = createProject({ 'ModRegistry.json': '{}', 'modules/mods/own_mod.ts': '// not registered yet' })
  const make = (...args: Parameters<typeof plan>) => makeModule(plan(...args), folder)
  await expect(make('My-Mod', 'mod')).rejects.toMatchObject({ code: 'USAGE', message: 'A module cannot be called "My-Mod".' })
  await expect(make('my_mod', 'mod', { outputPorts: ["it's"] })).rejects.toMatchObject({ code: 'USAGE' })
  await expect(make('own_mod', 'mod')).rejects.toMatchObject({ code: 'FILE_EXISTS' })
  await expect(make('my_source', 'source', { inputPorts: ['input'] })).rejects.toMatchObject({
    code: 'MODULE_INVALID',
    message: expect.stringContaining('a source has no input ports'),
  })
  await make('csv_source', 'source').then(({ hides }) => expect(hides).toBe(true))
  await expect(make('csv_source', 'mod')).rejects.toMatchObject({ code: 'FILE_EXISTS' })
  expect(readdirSync(path.join(folder, 'modules'), { recursive: true }).sort()).toEqual([
    'mods',
    'mods/own_mod.ts',
    'source',
    'source/csv_source.ts',
  ])
})

/** What the compiler says of modules, as strictly as it can be asked. */
function findTypeErrors(folder: string): string[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))
  const program = ts.createProgram(
    files.map((name) => path.join(folder, name)),
    {
      strict: true,
      noUnusedLocals: true,
      noUncheckedIndexedAccess: true,
      noEmit: true,
      skipLibCheck: true,
      target: ts.ScriptTarget.ES2023,
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      typeRoots: [fileURLToPath(new URL('../../node_modules/@types', import.meta.url))],
      types: ['node'],
      paths: { 'pypeline/sdk': [fileURLToPath(new URL('../../src/sdk/sdk.ts', import.meta.url))] },
    },
  )
  return files
    .flatMap((name) => ts.getPreEmitDiagnostics(program, program.getSourceFile(path.join(folder, name))))
    .map(({ file, messageText }) => `${path.basename(file?.fileName ?? '')}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`)
}
