import { expect, it } from 'vitest'
import { createProject, readSummary } from './pype-project.js'

const moduleText = (name: string, run: string) => `import { defineModule } from 'pypeline/sdk'
export default defineModule({
  name: '${name}', type: 'mod', version: '1.0.0', description: 'Passes rows on.', category: 'Tests',
  inputPorts: ['input'], outputPorts: ['output'], globals: {}, packages: [], config: { required: {}, optional: {} },
  run: ${run},
})
`

/** A project with a flow through one module of its own, whose `run` is the given one. */
async function createOwn(run: string) {
  const project = createProject({
    'ModRegistry.json': '{}',
    'modules/mods/own_mod.ts': moduleText('own_mod', run),
    'own.yaml': `flow: { name: own, version: 1.0.0, authors: [me], created: "2026-01-01" }
modules:
  - { id: rows, name: inline_source, configs: { rows: [{ a: 1 }] } }
  - { id: own, name: own_mod }
  - { id: out, name: csv_sink, configs: { output_path: out.csv } }
connections: { data: [rows.data - own.input, own.output - out.input], control: [] }
`,
    'tests/own.test.yaml': 'cases:\n  - { name: passes, expect: { rows: { out: [{ a: 1 }] } } }\n',
  })
  expect(await project.pype(['auto-register'])).toMatchObject({ code: 0 })
  return project
}

it('code that waits for what never comes fails its node, and not with exit code 0', async () => {
  const project = await createOwn('() => new Promise(() => {})')
  const run = await project.pype(['run', 'own.yaml', '--json', '--quiet'])
  const errors = [{ code: 'MODULE_FAILED', message: expect.stringContaining('own_mod waits for something that cannot come'), node: 'own' }]
  expect(run.code).toBe(1)
  expect(readSummary(run.stdout)).toMatchObject({ status: 'failed', errors })
  const calls = [['preview', 'own.yaml', 'own'], ['test']].map((args) => project.pype(args))
  for (const { code, stdout, stderr } of await Promise.all(calls)) {
    expect(code).toBe(1)
    expect(stdout + stderr).toContain('own_mod waits for something that cannot come')
  }
})

it('a command that waits for ever outside of a run fails too', async () => {
  const project = createProject({ 'modules/mods/own_mod.ts': `await new Promise(() => {})\n${moduleText('own_mod', '() => ({})')}` })
  const { code, stderr } = await project.pype(['auto-register'])
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: expect.stringMatching(/^error INTERNAL {2}The command waits for something[^\n]*\n {2}hint: .*\n$/),
  })
})

it('code that calls process.exit fails its node', async () => {
  const project = await createOwn('() => process.exit(0)')
  const { code, stderr } = await project.pype(['run', 'own.yaml'])
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('failed at own_mod.ts:5: process.exit was called') })
  expect(stderr).toContain('to resume it: ')
})

it('an error that nothing can catch is told with its place, and the run can be resumed', async () => {
  const project = await createOwn(`(inputs) => {
    setTimeout(() => { throw new Error('too late') }, 0)
    return new Promise(() => setInterval(() => {}, 1000))
  }`)
  const { code, stderr } = await project.pype(['run', 'own.yaml', '--quiet'])
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: expect.stringMatching(
      /^error MODULE_FAILED {2}Code of a module failed at own_mod\.ts:6 where nothing could catch it: too late\n {2}hint: .*\n$/,
    ),
  })
  project.write('modules/mods/own_mod.ts', moduleText('own_mod', '(inputs) => ({ output: inputs.input })'))
  expect(await project.pype(['run', 'own.yaml', '--resume', '--quiet'])).toMatchObject({ code: 0 })
  expect(project.read('out.csv')).toBe('a\n1\n')
})

it('what modules print goes to stderr where stdout is for data', async () => {
  const project = await createOwn(`(inputs) => {
    console.log('from console')
    process.stdout.write('from stdout\\n')
    return { output: inputs.input }
  }`)
  const shown = await project.pype(['preview', 'own.yaml', 'own', '--format', 'csv'])
  expect(shown).toEqual({ code: 0, stdout: 'a\n1\n', stderr: 'from console\nfrom stdout\n' })
  const profile = await project.pype(['profile', 'own.yaml', 'own', '--json'])
  expect(JSON.parse(profile.stdout)).toMatchObject({ rows: 1 })
  const run = await project.pype(['run', 'own.yaml', '--json', '--quiet'])
  for (const line of run.stdout.trimEnd().split('\n')) expect(JSON.parse(line)).toMatchObject({ event: expect.any(String) })
  expect(run.stderr).toContain('from console\nfrom stdout\n')
  const tested = await project.pype(['test', '--json'])
  expect(JSON.parse(tested.stdout)).toMatchObject([{ status: 'passed' }])
})
