import { expect, test } from 'vitest'
import { createProject } from '../cli/pype-project.js'

const MODULE = (name: string, type: string, rest: string) => `import { defineModule, sql } from 'pypeline/sdk'
export default defineModule({
  name: '${name}', type: '${type}', version: '1.0.0', description: 'Of the project.', category: 'Own', packages: [],
  config: { required: {}, optional: {} }, ${rest}
})
`

test('modules of the project run in tests and in jobs that they start; a sink of its own that is not run gives no globals of its own', async () => {
  const project = createProject({
    'ä b/modules/source/rows_source.ts': MODULE(
      'rows_source',
      'source',
      "inputPorts: [], outputPorts: ['data'], globals: {}, run: async () => ({ data: [{ id: 1 }] }),",
    ),
    'ä b/modules/sinks/count_sink.ts': MODULE(
      'count_sink',
      'sink',
      "inputPorts: ['input'], outputPorts: [], globals: { n: { type: 'int', description: 'Rows.' } }, run: (_, ctx) => ctx.setGlobal('n', 1),",
    ),
    'ä b/child.yaml': `flow: { name: child, version: 1.0.0, authors: ["me"], created: "2025-01-15" }
modules: [{ id: rows, name: rows_source }, { id: out, name: csv_sink, configs: { output_path: child.csv } }]
connections: { data: [rows.data - out.input], control: [] }
`,
    'ä b/parent.yaml': `flow: { name: parent, version: 1.0.0, authors: ["me"], created: "2025-01-15" }
modules:
  - { id: rows, name: rows_source }
  - { id: out, name: count_sink }
  - { id: child, name: run_flow, configs: { job: jobs/child } }
  - { id: tell, name: log, configs: { message: "{{out__n}}" } }
connections: { data: [rows.data - out.input], control: [out (1|) child, child (1|) tell] }
`,
    'ä b/parent.test.yaml': `replace: { rows: [{ id: 2 }] }
files: { jobs/child: jobs/child }
allow: [child]
cases:
  - { name: allowed, allow: [out], expect: { rows: { out: [{ id: 2 }] }, globals: { child__out__row_count: 1 }, files: { child.csv: { text: "id\\n1\\n" } } } }
  - { name: given, globals: { out__n: 3 } }
`,
    'ä b/wrong.test.yaml': 'flow: parent.yaml\nreplace: { rows: [{ id: 2 }], child: {} }\ncases: [{ name: not given }]\n',
  })
  const options = { cwd: 'ä b', env: { LC_ALL: 'C', TZ: 'Asia/Tokyo' } }
  expect((await project.pype(['auto-register'], options)).code).toBe(0)
  expect((await project.pype(['build', 'child.yaml'], options)).code).toBe(0)
  const [one, other] = await Promise.all([1, 2].map(() => project.pype(['test', 'parent.test.yaml'], options)))
  expect([one?.stdout, one?.stderr]).toEqual([expect.stringContaining('2 cases: 2 passed'), ''])
  expect(other?.code).toBe(0)
  const wrong = await project.pype(['test', 'wrong.test.yaml'], options)
  expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('`globals: { out__n: ')])
})
