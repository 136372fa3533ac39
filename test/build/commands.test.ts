import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { createProject } from '../cli/pype-project.js'

const FLOW = `flow: { name: sample_etl, version: 1.0.0, authors: ["developer"], created: "2025-01-15" }
settings: { timeout: 3600, retries: 1, fail_strategy: halt, execution_mode: pandas, threads: 8 }
modules:
  - { id: source_csv, name: csv_source, configs: { required: { file_path: "/data/input.csv" }, optional: { encoding: "utf-8" } } }
  - { id: transform_data, name: filter_mod, configs: { required: { condition: "age > 18" } } }
  - { id: output_parquet, name: parquet_sink, configs: { required: { output_path: "/data/output.parquet" } } }
connections:
  data: ["source_csv.data - transform_data.input", "transform_data.output - output_parquet.input"]
  control: ["source_csv (1|) transform_data", "transform_data (2|) output_parquet"]
`

test('pype build writes the job, pype build --check says what is out of date', async () => {
  const project = createProject({ 'flow.yaml': FLOW })
  expect(await project.pype(['build', 'flow.yaml'])).toEqual({ code: 0, stdout: 'jobs/sample_etl is built.\n', stderr: '' })
  expect(Object.keys(JSON.parse(project.read('jobs/sample_etl/sample_etl_execution_metadata.json')).sub_flows)).toEqual([
    'source_csv',
    'transform_data',
    'output_parquet',
  ])
  expect(await project.pype(['build', 'flow.yaml', '--check'])).toMatchObject({ code: 0 })
  project.write('flow.yaml', FLOW.replace('age > 18', 'age > 21'))
  const stale = await project.pype(['build', 'flow.yaml', '--check'])
  expect(stale.code).toBe(1)
  expect(stale.stdout).toBe(
    'jobs/sample_etl is out of date:\n  sample_etl.yaml\n  sample_etl_dag.json\n  sample_etl_execution_metadata.json\n',
  )
})

test('pype validate prints every finding with its line, a caret and a hint', async () => {
  const project = createProject({ 'flow.yaml': FLOW.replace('csv_source', 'csv_sorce').replace('(2|)', '(0|)') })
  const { code, stdout, stderr } = await project.pype(['validate', 'flow.yaml'])
  expect([code, stdout]).toEqual([2, ''])
  expect(stderr).toContain('flow.yaml:4:29  error UNKNOWN_MODULE')
  expect(stderr).toContain('^^^^^^^^^\n  hint: did you mean "csv_source"?')
  expect(stderr).toContain('flow.yaml:9:64  error CONNECTION_SYNTAX')
})

test('pype validate --json prints the findings to stdout', async () => {
  const project = createProject({ 'flow.yaml': FLOW.replace('retries', 'retires') })
  const { code, stdout } = await project.pype(['validate', 'flow.yaml', '--json'])
  expect([code, JSON.parse(stdout).map(({ code }: { code: string }) => code)]).toEqual([0, ['UNKNOWN_SETTING']])
})

test('a file that is not there is said so', async () => {
  const { code, stderr } = await createProject().pype(['validate', 'nowhere.yaml'])
  expect(code).toBe(2)
  expect(stderr).toContain('FILE_NOT_FOUND')
})

test.each(['build', 'validate'])('pype %s of a folder, or of what is no text, exits with 2', async (command) => {
  const project = createProject({ 'folder.yaml/in.txt': '' })
  writeFileSync(path.join(project.folder, 'binary.yaml'), Buffer.from([0xff, 0xfe, 0x00]))
  for (const file of ['folder.yaml', 'binary.yaml']) {
    expect(await project.pype([command, file])).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('FILE_UNREADABLE') })
  }
})
