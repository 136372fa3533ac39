import { chmodSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { createProject, type PypeProject } from '../cli/pype-project.js'
import { shellFlow } from './secret-flow.js'

/** Writes a file that only its owner can read. */
function writePrivate(project: PypeProject, file: string, content: string): void {
  project.write(file, content)
  chmodSync(path.join(project.folder, file), 0o600)
}

function createRun(secrets: object, env: string = '{ TOKEN: "{{secret.db/main#password}}" }', more: object = {}): PypeProject {
  return createProject({
    'flow.yaml': shellFlow({ env, command: 'printf %s "$TOKEN" > seen.txt' }),
    'context/flow_default.json': JSON.stringify({ secrets, ...more }),
  })
}

async function run(project: PypeProject, env: NodeJS.ProcessEnv = {}) {
  await project.pype(['build', 'flow.yaml'])
  return project.pype(['run', 'jobs/flow'], { env })
}

describe('secrets from a file', () => {
  it('reach the environment of a command', async () => {
    const project = createRun({ provider: 'file', path: 'secrets.json' })
    writePrivate(project, 'secrets.json', '{"db/main": {"password": "hunter2!"}}')
    expect(await run(project)).toMatchObject({ code: 0 })
    expect(project.read('seen.txt')).toBe('hunter2!')
  })

  it('may stand in values of the context', async () => {
    const project = createRun({ provider: 'file', path: 'secrets.json' }, '{ TOKEN: "{{context.token}}" }', {
      token: 'a-{{secret.db/main#password}}-{{env.SUFFIX}}',
    })
    writePrivate(project, 'secrets.json', '{"db/main": {"password": "hunter2!"}}')
    expect(await run(project, { SUFFIX: 'z' })).toMatchObject({ code: 0 })
    expect(project.read('seen.txt')).toBe('a-hunter2!-z')
  })

  it.each([
    ['that others may read', '{"db/main": {"password": "hunter2!"}}', 0o640, 'can be read by others'],
    ['that is no JSON', '{"db/main": {"password": "hunter2!"', 0o600, 'is no JSON object'],
    ['without the path', '{}', 0o600, 'no path "db/main"'],
    ['with a field of nearly the name', '{"db/main": {"pasword": "x"}}', 0o600, 'did you mean "pasword"?'],
    ['with a path of nearly the name', '{"db/man": {}}', 0o600, 'did you mean "db/man"?'],
    ['with a field that is no text', '{"db/main": {"password": null}}', 0o600, 'the field "password" at "db/main"'],
    ['without the field', '{"db/main": {"user": "x"}}', 0o600, 'the fields there are user'],
    ['with a value that is too short', '{"db/main": {"password": "abc"}}', 0o600, 'fewer than 4 characters'],
  ])('are refused from a file %s, before anything starts', async (_, content, mode, message) => {
    const project = createRun({ provider: 'file', path: 'secrets.json' })
    project.write('secrets.json', content)
    chmodSync(path.join(project.folder, 'secrets.json'), mode)
    const { code, stdout, stderr } = await run(project)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain('SECRET_UNREADABLE')
    expect(stderr).toContain(message)
    expect(stderr).not.toContain('hunter2')
    expect(() => project.read('seen.txt')).toThrow('ENOENT')
  })

  it('are named all at once when several cannot be read', async () => {
    const env = '{ A: "{{secret.one#x}}", B: "{{secret.two#y}}", TOKEN: "{{secret.db/main#nope}}" }'
    const project = createRun({ provider: 'file', path: 'secrets.json' }, env)
    writePrivate(project, 'secrets.json', '{"db/main": {"password": "hunter2!"}}')
    const { code, stderr } = await run(project)
    expect(code).toBe(2)
    for (const name of ['"one"', '"two"', 'db/main#nope']) expect(stderr).toContain(name)
  })
})

describe('secrets from the environment', () => {
  it('are read from variables, which commands do not inherit', async () => {
    const project = createProject({
      'flow.yaml': shellFlow({ env: '{ TOKEN: "{{secret.db/main#password}}" }', command: 'env > seen.txt' }),
      'context/flow_default.json': '{"secrets": {"provider": "env"}}',
    })
    expect(await run(project, { SECRET_DB_MAIN_PASSWORD: 'hunter2!', OTHER: 'stays' })).toMatchObject({ code: 0 })
    const lines = project.read('seen.txt').split('\n')
    expect(lines).toContain('TOKEN=hunter2!')
    expect(lines).toContain('OTHER=stays')
    expect(lines.filter((line) => line.includes('hunter2!'))).toEqual(['TOKEN=hunter2!'])
  })

  it('are refused when variables are missing, all of which are named', async () => {
    const { code, stderr } = await run(createRun({ provider: 'env' }, '{ A: "{{secret.mail#token}}", B: "{{secret.db/main#password}}" }'))
    expect(code).toBe(2)
    expect(stderr).toContain('  {{secret.mail#token}}: the variable SECRET_MAIL_TOKEN is not set.\n')
    expect(stderr).toContain('  {{secret.db/main#password}}: the variable SECRET_DB_MAIN_PASSWORD is not set.\n')
    expect(stderr).toContain('hint: set the variable for the run, or name another provider')
  })
})

describe('a secret that cannot be kept', () => {
  it('is refused before the first sub flow when it comes through a value of the context', async () => {
    const project = createProject({
      'flow.yaml': shellFlow({ env: '{}', command: 'echo {{context.token}} > seen.txt' }),
      'context/flow_default.json': '{"secrets": {"provider": "env"}, "token": "{{secret.db/main#password}}"}',
    })
    const { code, stderr } = await run(project, { SECRET_DB_MAIN_PASSWORD: 'hunter2!' })
    expect(code).toBe(2)
    expect(stderr).toContain('SECRET_NOT_ALLOWED')
    expect(stderr).toContain('"token" in the config command of work')
    expect(() => project.read('seen.txt')).toThrow('ENOENT')
  })
})

it.each([
  ['an unknown provider', { provider: 'valut' }, 'did you mean "vault"?'],
  ['a provider with a key that it does not take', { provider: 'env', path: 'x' }, 'unknown key "path"'],
  ['a file provider without a file', { provider: 'file' }, 'names no file'],
])('%s in the context is an error that says what to write', async (_, secrets, message) => {
  const { code, stderr } = await run(createRun(secrets))
  expect(code).toBe(2)
  expect(stderr).toContain('CONTEXT_INVALID')
  expect(stderr).toContain(message)
})
