import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
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

test('misspelt commands and options get a suggestion', async () => {
  const project = createProject()
  expect((await project.pype(['list-module'])).stderr).toMatch(
    /^error USAGE {2}unknown command 'list-module'\n\(Did you mean list-modules\?\)/,
  )
  expect((await project.pype(['list-modules', '--jsn'])).stderr).toContain('(Did you mean --json?)')
})

test('PYPE_DEBUG=1 shows the stack of an error, and only that does', async () => {
  const project = createProject({ 'ModRegistry.json': '{' })
  expect((await project.pype(['list-modules'])).stderr).not.toMatch(/^\s+at /m)
  expect((await project.pype(['list-modules'], { env: { PYPE_DEBUG: '1' } })).stderr).toMatch(/^\s+at /m)
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
