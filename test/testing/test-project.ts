import path from 'node:path'
import { onTestFinished } from 'vitest'
import { formatFailure } from '../../src/testing/report/format-case.js'
import { PLAIN_STYLE } from '../../src/testing/report/report-style.js'
import { type CaseResult, runTests, type TestOptions } from '../../src/testing/testing.js'
import { createProject, type PypeProject } from '../cli/pype-project.js'

/** A flow that keeps grown-ups, counts them by city, and says so when there are none. */
export const ADULTS = `flow: { name: adults, version: 1.0.0, authors: ["me"], created: "2025-01-15" }
modules:
  - id: people
    name: csv_source
    configs: { file_path: people.csv, columns: { name: VARCHAR, age: INTEGER, city: VARCHAR } }
  - { id: keep_adults, name: filter_mod, configs: { condition: "age >= {{context.min_age}}" } }
  - id: by_city
    name: aggregate_mod
    configs: { group_by: [city], aggregates: { people: "count(*)", oldest: "max(age)" } }
  - { id: result, name: csv_sink, configs: { output_path: out/adults.csv } }
  - { id: nobody, name: log, configs: { message: "nobody is grown up" } }
connections:
  data:
    - people.data - keep_adults.input
    - keep_adults.output - by_city.input
    - by_city.output - result.input
  control:
    - "result (1|{{result__row_count}} = 0) nobody"
`

export const PEOPLE = `set: { min_age: 18 }
replace:
  people:
    - { name: Ada, age: 36, city: London }
    - { name: Tim, age: 12, city: Paris }
    - { name: Alan, city: London }
`

/** A flow around one source `rows`, whose `data` goes to a sink `out`. */
export function flowOf(configs: string): string {
  return `flow: { name: rows, version: 1.0.0, authors: ["me"], created: "2025-01-15" }
modules:
  - { id: rows, name: inline_source, configs: ${configs} }
  - { id: out, name: parquet_sink, configs: { output_path: out.parquet } }
connections:
  data: [rows.data - out.input]
  control: []
`
}

/** Puts files in a folder and runs its tests in this process. */
export async function runCases(files: { readonly [file: string]: string }, options: Partial<TestOptions> = {}) {
  const project = createProject(files)
  return { project, results: await runProject(project, options) }
}

/** Runs tests of a project again. */
export async function runProject(
  { folder }: PypeProject,
  options: Partial<TestOptions> = {},
  file = 'tests/flow.test.yaml',
): Promise<readonly CaseResult[]> {
  const controller = new AbortController()
  onTestFinished(() => controller.abort())
  const { results } = await runTests([path.join(folder, file)], {
    cwd: folder,
    env: {},
    parallel: 2,
    signal: controller.signal,
    runApart: () => Promise.reject(new Error('a kill needs the command')),
    ...options,
  })
  return results
}

/** What a case says of itself, without the folder. */
export function tellOf({ failures }: CaseResult, folder: string): string {
  return failures.map((failure) => formatFailure(failure, PLAIN_STYLE).join('\n').replaceAll(`${folder}/`, '')).join('\n')
}
