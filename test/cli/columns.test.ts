import { expect, test } from 'vitest'
import { createProject } from './pype-project.js'

/** A source of 20 columns, a filter and a sink. */
const FLOW = `flow: { name: wide, version: 1.0.0, authors: [a], created: "2026-01-01" }
modules:
  - { id: rows, name: csv_source, configs: { file_path: none.csv, columns: { ${Array.from({ length: 20 }, (_, i) => `c${i}: INTEGER`).join(', ')} } } }
  - { id: kept, name: filter_mod, configs: { condition: "c0 > 1" } }
  - { id: out, name: csv_sink, configs: { output_path: out.csv } }
connections:
  data: [rows.data - kept.input, kept.output - out.input]
  control: []
`
test('pype columns takes a node, an output port, and an input port or a sink for what comes in there', async () => {
  const project = createProject({ 'wide.yaml': FLOW })
  const showNames = async (port: string) => {
    const { code, stdout } = await project.pype(['columns', 'wide.yaml', port, '--json'])
    expect(code).toBe(0)
    return JSON.parse(stdout).map((each: { node: string; port: string }) => `${each.node}.${each.port}`)
  }
  expect(await showNames('kept')).toEqual(['kept.output', 'kept.reject'])
  expect(await showNames('kept.reject')).toEqual(['kept.reject'])
  expect(await showNames('kept.input')).toEqual(['rows.data'])
  expect(await showNames('out')).toEqual(['kept.output'])
  expect(await showNames('out.input')).toEqual(['kept.output'])
})

test('pype columns says the nearest port, or some of those that there are', async () => {
  const project = createProject({ 'wide.yaml': FLOW })
  expect((await project.pype(['columns', 'wide.yaml', 'out.inptu'])).stderr).toContain('hint: did you mean "out.input"?')
  expect(await project.pype(['columns', 'wide.yaml', 'nowhere'])).toEqual({
    code: 2,
    stdout: '',
    stderr: `error USAGE  No node with ports, and no port, is called "nowhere".
  hint: ports are: rows.data, rows.reject, kept.output, kept.reject
`,
  })
})

test('a hint names some of many columns', async () => {
  const project = createProject({ 'wrong.yaml': FLOW.replace('c0 > 1', 'nothing > 1') })
  const { stderr } = await project.pype(['validate', 'wrong.yaml'])
  expect(stderr).toContain(
    "the columns are c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11 and 8 more; a text stands in single quotes: 'nothing'",
  )
})
