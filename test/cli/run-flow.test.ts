import { statSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { readFlowText } from '../../src/build/load/load-flow.js'
import { suggestJob } from '../../src/cli/find-job/suggest-job.js'
import type { PypeError } from '../../src/core/errors.js'
import { createProject } from './pype-project.js'

const flow = (
  condition: string,
  sink = 'csv_sink',
  module = 'filter_mod',
) => `flow: { name: small, version: 1.0.0, authors: [me], created: "2026-01-01" }
modules:
  - { id: numbers, name: inline_source, configs: { rows: [{ n: 1 }, { n: 2 }, { n: 3 }] } }
  - { id: kept, name: ${module}, configs: { condition: "${condition}" } }
  - { id: file, name: ${sink}, configs: { output_path: out/small.csv } }
connections: { data: [numbers.data - kept.input, kept.output - file.input], control: [] }
`

const MODULE = (test: string) => `import { defineModule, sql } from 'pypeline/sdk'
export default defineModule({
  name: 'keep_mod', type: 'mod', version: '1.0.0', description: 'Keeps rows.', category: 'Rows',
  inputPorts: ['input'], outputPorts: ['output'], globals: {}, packages: [],
  config: { required: { condition: { type: 'sql', description: 'What is kept.', example: 'n > 1' } }, optional: {} },
  query: ({ inputs, config }) => ({ output: sql\`SELECT * FROM \${inputs.input} WHERE ${test}\` }),
})
`

it('a flow is built where its job is out of date, and run', async () => {
  const project = createProject({ 'flows/small file.yaml': flow('n > 1') })
  const first = await project.pype(['run', 'flows/small file.yaml'])
  expect(first).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\S+ completed\n$/) })
  expect(first.stderr).toMatch(/^jobs\/small is built\.\n/)
  expect(project.read('out/small.csv')).toBe('n\n2\n3\n')
  const written = statSync(path.join(project.folder, 'jobs/small/small_dag.json')).ino
  expect((await project.pype(['run', 'flows/small file.yaml'])).stderr).not.toContain('is built')
  expect(statSync(path.join(project.folder, 'jobs/small/small_dag.json')).ino).toBe(written)
  project.write('flows/small file.yaml', flow('n > 2'))
  expect((await project.pype(['run', 'flows/small file.yaml'])).stderr).toContain('jobs/small is built.')
  expect(project.read('out/small.csv')).toBe('n\n3\n')
})

it('a changed module of the project counts as a change', async () => {
  const project = createProject({ 'flows/small.yaml': flow('n > 1', 'csv_sink', 'keep_mod'), 'modules/mods/keep_mod.ts': MODULE('n = 1') })
  await project.pype(['auto-register'])
  expect(await project.pype(['run', 'flows/small.yaml'])).toMatchObject({ code: 0 })
  project.write('modules/mods/keep_mod.ts', MODULE('n = 2'))
  expect((await project.pype(['run', 'flows/small.yaml'])).stderr).toContain('jobs/small is built.')
  expect(project.read('out/small.csv')).toBe('n\n2\n')
})

it('a flow that is wrong changes nothing and runs nothing; when it is mended, its failed run goes on', async () => {
  const project = createProject({ 'small.yaml': flow("error('no') = 1") })
  const failed = await project.pype(['run', 'small.yaml'])
  expect(failed.code).toBe(1)
  const [run = ''] = failed.stdout.split(' ')
  expect(failed.stderr).toMatch(/^small\.yaml:4:57 {2}error SQL_FAILED {2}node kept: .*\n {2}4 \| {3}- \{ id: kept/m)
  expect((await project.pype(['logs', run])).stdout).toContain('small.yaml:4:57')
  expect((await project.pype(['show', run])).stdout).toMatch(/small\.yaml:4:57 .*\n {2}4 \| {3}- \{ id: kept/)
  project.write('small.yaml', `# Mended.\n${flow('n > 1')}`)
  const shown = await project.pype(['show', run])
  expect(shown.stdout).toMatch(
    /small\.yaml:4:57 .*\n {2}the line is not shown: small\.yaml is not as it was when the job was built, and what was built is what runs\n/,
  )
  const again = await project.pype(['run', 'jobs/small', '--resume'])
  expect(again.stderr).toMatch(/^jobs\/small\/small\.yaml:4:57 {2}error/m)
  expect(failed.stderr).toContain(`to resume it: pype run small.yaml --resume ${run}\n`)
  project.write('small.yaml', flow('n > 1', 'csv_snk'))
  expect(await project.pype(['run', 'small.yaml', '--resume'])).toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringMatching(/^small\.yaml:5:\d+ {2}error UNKNOWN_MODULE.*\n(.*\n)+.*did you mean "csv_sink"/),
  })
  expect(project.read('jobs/small/small.yaml')).toContain('csv_sink')
  project.write('small.yaml', flow('n > 1'))
  expect(await project.pype(['run', 'small.yaml', '--resume'])).toMatchObject({ code: 0, stdout: `${run} completed\n` })
})

it('several that start at the same time build one job, and run one after the other', async () => {
  const project = createProject({ 'small.yaml': flow('n > 1') })
  const ended = await Promise.all([1, 2].map(() => project.pype(['run', 'small.yaml', '--on-overlap', 'wait'])))
  expect(ended.map(({ code }) => code)).toEqual([0, 0])
  expect(new Set(ended.map(({ stdout }) => stdout)).size).toBe(2)
  expect(await project.pype(['build', 'small.yaml', '--check'])).toMatchObject({ code: 0 })
})

it('what is neither a job nor a flow gets a suggestion', async () => {
  const { folder } = createProject({ 'jobs/small/small_dag.json': '{}', 'small.yaml': '', 'flows/daily.yaml': '' })
  expect(suggestJob('smal', folder)).toBe('did you mean "small"?')
  expect(suggestJob('jobs/smal', folder)).toBe('did you mean "jobs/small"?')
  expect(suggestJob('small.yaml/x', folder)).toMatch(/^give a folder/)
  expect(suggestJob('daily', folder)).toBe('there is a flow of this name, which is not built: pype build flows/daily.yaml')
  const hint = (file: string) => readFlowText(path.join(folder, file)).catch(({ hint }: PypeError) => hint)
  expect(await hint('smll.yaml')).toBe(`did you mean "${path.join(folder, 'small.yaml')}"?`)
  expect(await hint('flow/daily.yaml')).toBe(`did you mean "${path.join(folder, 'flows/daily.yaml')}"?`)
  expect(await hint('flow/other.yaml')).toBe('check the path; a flow is one YAML file')
})
