import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { OTHER_COMMANDS } from '../../src/cli/other-commands.js'
import { PYPE_VERSION } from '../../src/core/version.js'
import { createProject, PYPE } from './pype-project.js'

test('the version is the one of package.json', async () => {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  expect(PYPE_VERSION).toBe(manifest.version)
  const project = createProject()
  for (const option of ['--version', '-V']) {
    expect(await project.pype([option])).toEqual({ code: 0, stdout: `${manifest.version}\n`, stderr: '' })
  }
})

test('--help names every command and the exit codes', async () => {
  const { code, stdout } = await createProject().pype(['--help'])
  expect(code).toBe(0)
  for (const command of ['validate', 'build', 'run', 'list-modules', 'register-module', 'auto-register', 'clear-registry'])
    expect(stdout).toContain(`  ${command}`)
  expect(stdout).toContain('Exit codes: 0 completed')
  expect(stdout).toContain('Examples:')
})

test.each([[[]], [['--nonsense']], [['nonsense']], [['list-modules', '--jsn']], [['register-module']], [['clear-registry', 'extra']]])(
  'pype %j is wrong usage: exit code 2, nothing on stdout',
  async (args) => {
    const { code, stdout, stderr } = await createProject().pype(args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).not.toBe('')
    expect(stderr).not.toMatch(/^\s+at /m)
  },
)

test.each([
  [['list-module'], 'There is no command "list-module".', 'did you mean "list-modules"? `pype --help` shows all commands'],
  [['help', 'vaildate'], 'There is no command "vaildate".', 'did you mean "validate"? `pype --help` shows all commands'],
  [['toString', '--help'], 'There is no command "toString".', '`pype --help` shows all commands'],
  [['Status'], 'There is no command "Status".', '`pype runs [JOB]` does that; `pype --help` shows all commands'],
  [
    ['flows/my day.yaml'],
    'There is no command "flows/my day.yaml".',
    "to run it: `pype run 'flows/my day.yaml'`; `pype --help` shows all commands",
  ],
  [['new', 'flw'], '`pype new` has no command "flw".', 'did you mean "flow"? `pype new --help` shows its commands'],
  [
    ['list-modules', '--jsn'],
    '`pype list-modules` has no option --jsn.',
    'did you mean "--json"? `pype list-modules --help` shows its options',
  ],
  [
    ['new', 'flow', '--form=x'],
    '`pype new flow` has no option --form=x.',
    'did you mean "--from"? `pype new flow --help` shows its options',
  ],
  [['build'], "`pype build`: missing required argument 'flow'.", '`pype build --help` shows its options'],
])('pype %j: what is wrong with it, and the nearest word that is known', async (args, message, hint) => {
  const { code, stderr } = await createProject().pype(args)
  expect({ code, stderr }).toEqual({ code: 2, stderr: `error USAGE  ${message}\n  hint: ${hint}\n` })
})

test('what other tools call a command is answered with one that there is', async () => {
  const { stdout } = await createProject().pype(['--help'])
  const known = [...stdout.matchAll(/^ {2}([a-z-]+) /gm)].map(([, name]) => name)
  for (const [word, command] of Object.entries(OTHER_COMMANDS)) {
    expect(known, word).not.toContain(word)
    expect(known, word).toContain(command.split(' ')[1])
  }
})

test('PYPE_DEBUG=1 shows the stack of an error, and only that does', async () => {
  const project = createProject({ 'ModRegistry.json': '{' })
  expect((await project.pype(['list-modules'])).stderr).not.toMatch(/^\s+at /m)
  expect((await project.pype(['list-modules'], { env: { PYPE_DEBUG: '1' } })).stderr).toMatch(/^\s+at /m)
})

test('PYPE_DEBUG=1 shows where a module threw: as it is registered, and as it runs', async () => {
  const thrower = (top: string, body: string) => `import { defineModule } from 'pypeline/sdk'
${top}
export default defineModule({
  name: 'thrower', type: 'solo', version: '1.0.0', description: 'Throws.', category: 'Tests',
  inputPorts: [], outputPorts: [], globals: {}, packages: [], config: { required: {}, optional: {} },
  run: () => { ${body} },
})
`
  const project = createProject({
    'ModRegistry.json': '{}',
    'modules/solo/thrower.ts': thrower("throw new Error('at the top')", ''),
    'throws.yaml': `flow: { name: throws, version: 1.0.0, authors: [me], created: "2026-01-01" }
modules: [{ id: one, name: thrower }]
connections: { data: [], control: [] }
`,
  })
  const env = { PYPE_DEBUG: '1' }
  expect((await project.pype(['auto-register'])).stderr).not.toMatch(/^\s+at /m)
  expect((await project.pype(['auto-register'], { env })).stderr).toMatch(/^\s+at .*thrower\.ts:2:/m)
  project.write('modules/solo/thrower.ts', thrower('', "throw new TypeError('in its run')"))
  await project.pype(['auto-register'])
  await project.pype(['build', 'throws.yaml'])
  const quiet = (await project.pype(['run', 'throws'])).stderr
  expect(quiet).toContain('node one: The module thrower failed at thrower.ts:6: in its run')
  expect(quiet).not.toMatch(/^\s+at /m)
  expect((await project.pype(['run', 'throws'], { env })).stderr).toMatch(/^Caused by: TypeError: in its run\n\s+at .*thrower\.ts:6:/m)
})

test('a clone that is not built yet says what to do', async () => {
  const project = createProject({ 'bin/pype.cjs': readFileSync(PYPE, 'utf8') })
  const child = spawn(process.execPath, [path.join(project.folder, 'bin/pype.cjs'), 'list-modules'])
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const [code] = await once(child, 'close')
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(/^pype is not built yet.*`npm ci && npm run build`.*\n$/) })
})

test('a reader that closes stdout early ends the command quietly', async () => {
  const child = spawn(process.execPath, [PYPE, 'list-modules', '--json'], { stdio: ['ignore', 'pipe', 'pipe'] })
  child.stdout.destroy()
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const [code] = await once(child, 'close')
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
})

test
  .runIf(existsSync('/dev/full'))
  .each([['list-modules'], ['--version'], ['preview small.yaml rows --format csv'], ['preview small.yaml rows']])(
  'pype %s fails when stdout cannot be written, without a stack',
  (command) => {
    const project = createProject({
      'small.yaml': `flow: { name: small, version: 1.0.0, authors: [me], created: "2026-01-01" }
modules:
  - { id: rows, name: inline_source, configs: { rows: [{ a: 1 }] } }
  - { id: out, name: csv_sink, configs: { output_path: out.csv } }
connections: { data: [rows.data - out.input], control: [] }
`,
    })
    const called = spawnSync('/bin/sh', ['-c', `'${process.execPath}' '${PYPE}' ${command} > /dev/full`], { cwd: project.folder })
    expect(called.status).toBe(1)
    expect(String(called.stderr)).toMatch(/^error FILE_UNWRITABLE {2}The standard output cannot be written.*\n {2}hint: .*\n$/)
  },
)
