import { existsSync, readdirSync } from 'node:fs'
import { expect, it } from 'vitest'
import { checkVersions } from '../../src/doctor/check-machine.js'
import { createProject } from './pype-project.js'

const FLOW = `flow: { name: daily, version: 1.0.0, authors: [me], created: "2026-01-01" }
modules:
  - { id: orders, name: postgres_source, configs: { connection: "{{context.warehouse}}", table: orders } }
  - { id: file, name: csv_sink, configs: { output_path: out.csv } }
connections: { data: [orders.data - file.input], control: [] }
`
const CLOSED = 'postgresql://me:hidden-word@127.0.0.1:1/none'

it('a machine on which jobs can run is told with each check, also as JSON, and nothing is left behind', async () => {
  const project = createProject({ 'ModRegistry.json': '{}' })
  const { code, stdout } = await project.pype(['doctor'])
  expect({ code, end: stdout.trimEnd().split('\n').at(-1) }).toMatchObject({ code: 0, end: expect.stringMatching(/^Jobs can run here/) })
  for (const check of ['pype', 'node', 'memory', 'cpus', 'runs', 'locks', 'engine', 'project'])
    expect(stdout).toMatch(new RegExp(`^(ok|warn) +${check} `, 'm'))
  const json = JSON.parse((await project.pype(['doctor', '--json'])).stdout)
  expect(json[0]).toEqual({ check: 'pype', status: 'ok', message: expect.any(String) })
  expect(readdirSync(project.folder)).toEqual(['ModRegistry.json'])
})

it('a module that is not sound and a database that cannot be reached fail, and no password is shown', async () => {
  const project = createProject({ 'ModRegistry.json': '{}', 'modules/mods/bad_mod.ts': 'export default 1', 'daily.yaml': FLOW })
  project.write('context/daily_default.json', JSON.stringify({ warehouse: CLOSED }))
  const { code, stdout, stderr } = await project.pype(['doctor', 'daily.yaml', '--connect'])
  expect(code).toBe(1)
  expect(stdout).toMatch(/^fail +project +MODULE_INVALID /m)
  expect(stdout).toMatch(/^fail +database of orders +DATABASE_UNREACHABLE /m)
  expect(stdout).toMatch(/\n\n2 checks failed\.\n$/)
  expect(stdout + stderr).not.toContain('hidden-word')
  expect(existsSync(`${project.folder}/jobs`)).toBe(false)
  expect(await project.pype(['doctor', '--connect'])).toMatchObject({ code: 2, stdout: '' })
})

it('what a run begins with is looked at: values of the context and of the environment, and secrets', async () => {
  const flow = FLOW.replace('table: orders', 'table: "{{context.table}}"')
  const project = createProject({ 'ModRegistry.json': '{}', 'daily.yaml': flow })
  const check = async (context: unknown, env: { [name: string]: string } = {}) => {
    project.write('context/daily_default.json', JSON.stringify(context))
    const { code, stdout } = await project.pype(['doctor', 'daily.yaml', '--connect'], { env })
    return { code, lines: stdout.split('\n').filter((line) => /^(ok|fail) +(context|secrets|database)/.test(line)) }
  }
  expect(await check({ warehouse: CLOSED, table: null })).toMatchObject({
    code: 1,
    lines: [expect.stringMatching(/^fail +context +CONTEXT_MISSING .* table/)],
  })
  const withEnv = { warehouse: CLOSED, table: '{{env.ORDERS_TABLE}}' }
  expect(await check(withEnv)).toMatchObject({ code: 1, lines: [expect.stringMatching(/^fail +context .*ORDERS_TABLE/)] })
  const withSecret = { warehouse: 'postgresql://me:{{secret.db#password}}@127.0.0.1:1/none', table: 'orders', secrets: { provider: 'env' } }
  expect(await check(withSecret)).toMatchObject({
    code: 1,
    lines: [expect.stringMatching(/^ok +context +has 2 values/), expect.stringMatching(/^fail +secrets +SECRET_UNREADABLE /)],
  })
})

it('an older Node.js fails', () => {
  const statusOf = (version: string) => checkVersions(version)[1]?.status
  expect(['18.20.1', '20.18.3', '20.19.0', '24.1.0'].map(statusOf)).toEqual(['fail', 'fail', 'ok', 'ok'])
})
