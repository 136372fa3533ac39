import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { Ajv } from 'ajv'
import { expect, test } from 'vitest'
import { createProject, type Ended, runPype } from '../../cli/pype-project.js'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

const ajv = new Ajv({ allErrors: true, strictTypes: false })
ajv.addFormat('date-time', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
ajv.addFormat('uri', (text) => URL.canParse(text))
const isEvent = ajv.compile<JobEvent>(JSON.parse(readFileSync(new URL('job-event.schema.json', import.meta.url), 'utf8')))

interface Field {
  readonly namespace: string
  readonly name: string
  readonly field: string
}

interface Dataset {
  readonly namespace: string
  readonly name: string
  readonly facets?: {
    readonly schema?: { readonly fields: readonly { readonly name: string }[] }
    readonly columnLineage?: {
      readonly fields: { readonly [column: string]: { readonly inputFields: readonly Field[] } }
      readonly dataset?: readonly Field[]
    }
  }
}

interface JobEvent {
  readonly inputs: readonly Dataset[]
  readonly outputs: readonly Dataset[]
}

/** Holds the event that a command prints to the specification; what it says of columns has to name those that its schemas have. */
function holdEvent({ code, stdout, stderr }: Ended): JobEvent {
  expect(code, stderr).toBe(0)
  const event: unknown = JSON.parse(stdout)
  if (!isEvent(event)) throw new Error(JSON.stringify(isEvent.errors, undefined, 2))
  const columnsOf = (datasets: readonly Dataset[]) =>
    datasets.flatMap(({ namespace, name, facets }) => (facets?.schema?.fields ?? []).map((field) => `${namespace} ${name} ${field.name}`))
  const read = columnsOf(event.inputs)
  for (const { facets, ...output } of event.outputs) {
    const { fields = {}, dataset = [] } = facets?.columnLineage ?? {}
    const named = [...Object.values(fields).flatMap(({ inputFields }) => inputFields), ...dataset]
    expect(named.map(({ namespace, name, field }) => `${namespace} ${name} ${field}`).filter((name) => !read.includes(name))).toEqual([])
    const written = columnsOf([{ ...output, ...(facets === undefined ? {} : { facets }) }])
    expect(Object.keys(fields).map((name) => `${output.namespace} ${output.name} ${name}`)).toEqual(written)
  }
  const names = event.inputs.map(({ namespace, name }) => `${namespace} ${name}`)
  expect(names).toEqual([...new Set(names)])
  return event
}

const EXAMPLES = readdirSync(path.join(ROOT, 'examples'), { recursive: true, encoding: 'utf8' }).filter(
  (file) => file.endsWith('.yaml') && /^flow:/m.test(readFileSync(path.join(ROOT, 'examples', file), 'utf8')),
)

test.each(EXAMPLES)('the event of examples/%s is as OpenLineage specifies it', async (file) => {
  const event = holdEvent(await runPype(['lineage', path.join('examples', file), '--format', 'openlineage'], ROOT, {}))
  expect(event.inputs.length).toBeGreaterThan(0)
})

const FLOW = `flow: { name: all ways, version: 1.0.0, authors: [me], created: "2026-01-01" }
modules:
  - { id: a, name: csv_source, configs: { file_path: "in ü.csv" } }
  - { id: again, name: csv_source, configs: { file_path: "in ü.csv" } }
  - { id: table, name: postgres_source, configs: { connection: "{{context.shop}}", table: orders, columns: { k: BIGINT } } }
  - { id: both, name: join_mod, configs: { on: [k], columns: { a: [k, v] , again: [] } } }
  - { id: kept, name: filter_mod, configs: { condition: "v > 1" } }
  - { id: made, name: derive_mod, configs: { columns: { w: "CASE WHEN v > 2 THEN k END", r: "rank() OVER (ORDER BY v)", one: "1" } } }
  - { id: sums, name: aggregate_mod, configs: { group_by: [k], aggregates: { n: "count(*)", w: "sum(w)", r: "max(r)", one: "max(one)" } } }
  - { id: sorted, name: sort_mod, configs: { by: [n] } }
  - { id: out, name: parquet_sink, configs: { output_path: "out/{{run.date}} ü.parquet" } }
  - { id: copy, name: csv_sink, configs: { output_path: copy.csv } }
connections:
  data: [a.data - both.left, again.data - both.right, both.output - kept.input, kept.output - made.input, made.output - sums.input, sums.output - sorted.input, sorted.output - out.input, table.data - copy.input]
  control: ["out (1|) table"]
`

test('all ways in which a column comes in, a file that is read twice, and what is not known', async () => {
  const flow = FLOW.replace('all ways', 'all_ways')
    .replace(', columns: { a: [k, v] , again: [] }', '')
    .replace(', columns: { k: BIGINT }', '')
  const project = createProject({ 'all.yaml': flow, 'in ü.csv': 'k,v\n1,2\n' })
  const event = holdEvent(
    await project.pype(['lineage', 'all.yaml', '--format', 'openlineage'], { env: { LC_ALL: 'C', TZ: 'Asia/Tokyo' } }),
  )
  const ways = new Set(JSON.stringify(event.outputs).match(/"subtype":"\w+"/g))
  expect([...ways].sort().join()).toBe(
    ['AGGREGATION', 'CONDITIONAL', 'FILTER', 'GROUP_BY', 'IDENTITY', 'JOIN', 'WINDOW'].map((way) => `"subtype":"${way}"`).join(),
  )
  expect(event.inputs).toHaveLength(2)
})
