import { existsSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { createProject, runPype } from '../cli/pype-project.js'
import { ADULTS, PEOPLE } from './test-project.js'

const TWO_STEPS = `flow: { name: steps, version: 1.0.0, authors: ["me"], created: "2025-01-15" }
modules:
  - { id: rows, name: inline_source, configs: { rows: [{ id: 1 }, { id: 2 }] } }
  - { id: first, name: csv_sink, configs: { output_path: first.csv, mode: append } }
  - { id: again, name: csv_source, configs: { file_path: first.csv, columns: { id: INTEGER } } }
  - { id: second, name: json_sink, configs: { output_path: second.jsonl } }
  - { id: empty, name: log, configs: { message: "no rows" } }
connections:
  data: [rows.data - first.input, again.data - second.input]
  control: [first (1|) again, "first (2|{{first__row_count}} = 0) empty"]
`

test('a run is killed at each point, resumed, and comes to the same rows', async () => {
  const points = ['start: again', 'before_commit: rows', 'in_commit: first', 'after: rows']
  const project = createProject({
    'steps.yaml': TWO_STEPS,
    'steps.test.yaml': `cases:
${points.map((point) => `  - name: "${point}"\n    kill: { ${point} }\n    expect: { rows: { first: [{ id: 1 }, { id: 2 }], again.data: [{ id: 1 }, { id: 2 }] }, files: { first.csv: { text: "id\\n1\\n2\\n" } } }\n`).join('')}  - name: never
    kill: { start: empty }
`,
  })
  const { code, stdout, stderr } = await project.pype(['test', '--json', 'steps.yaml', '--parallel', '1'])
  expect(stderr).toBe('')
  expect(JSON.parse(stdout).map(({ name, failures }: { name: string; failures: readonly unknown[] }) => [name, failures])).toEqual([
    ...points.map((point) => [point, []]),
    ['never', [expect.objectContaining({ subject: 'kill', message: 'The run ended before it came to `start: empty`.' })]],
  ])
  expect(code).toBe(1)
})

test('the command finds test files by flow, by name and by folder, writes JUnit, and tells by its exit code what came of it', async () => {
  const project = createProject({
    'flöws here/adults.yaml': ADULTS,
    'flöws here/tests/adults.test.yaml': `${PEOPLE}cases:
  - { name: good, expect: { rows: { result: [{ city: London, people: 1, oldest: 36 }] } } }
  - { name: "bad <&>", expect: { rows: { result: [] } } }
  - { name: off, skip: "not \\"yet\\"" }
`,
    'flöws here/wrong.test.yaml': 'flow: adults.yaml\ncases: [{ nme: x }]\n',
  })
  const byFlow = await project.pype(['test', 'flöws here/adults.yaml', '--junit', 'out/tests.xml'])
  expect(byFlow.code).toBe(1)
  expect(byFlow.stdout).toMatch(/^ok +flöws here\/tests\/adults\.test\.yaml {2}good /)
  expect(byFlow.stdout).toContain('3 cases: 1 passed, 1 failed, 1 skipped')
  expect(project.read('out/tests.xml').replaceAll(/time="[\d.]+"/g, 'time=""')).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="pype test" tests="3" failures="1" errors="0" time="">
  <testsuite name="flöws here/tests/adults.test.yaml" tests="3" failures="1" errors="0" skipped="1" time="" file="flöws here/tests/adults.test.yaml">
    <testcase name="good" classname="flöws here/adults.yaml" time=""/>
    <testcase name="bad &lt;&amp;&gt;" classname="flöws here/adults.yaml" time="">
      <failure type="failure" message="rows of result: Expected 0 rows, found 1: 1 unexpected.">  flöws here/tests/adults.test.yaml:9:42  rows of result: Expected 0 rows, found 1: 1 unexpected.
      city    people  oldest
    + London  1       36</failure>
    </testcase>
    <testcase name="off" classname="flöws here/adults.yaml" time="">
      <skipped message="not &quot;yet&quot;"/>
    </testcase>
  </testsuite>
</testsuites>
`)
  const all = await project.pype(['test'])
  expect([all.code, all.stdout]).toEqual([2, ''])
  expect(all.stderr).toContain('did you mean "name"?')
  expect((await project.pype(['test', 'flöws here/tests', '--filter', 'good'])).code).toBe(0)
  expect(existsSync(path.join(project.folder, 'out', 'adults.csv'))).toBe(false)
  const none = await project.pype(['test', 'flöws here/tests/adults.test.yaml', '--parallel', '0'])
  expect([none.code, none.stderr]).toEqual([2, expect.stringContaining('--parallel 0')])
})

test('where a test file or its flow is wrong, JUnit has an error for each case; what an earlier call has written goes', async () => {
  const project = createProject({
    'good.yaml': ADULTS,
    'good.test.yaml': `${PEOPLE}cases: [{ name: fine }]\n`,
    'bad.yaml': ADULTS.replace('csv_source', 'csv_sorce'),
    'bad.test.yaml': `${PEOPLE}cases: [{ name: "a <b>" }, { name: c }]\n`,
    'torn.test.yaml': 'cases: [',
  })
  const wrong = await project.pype(['test', '--junit', 'out/tests.xml'])
  expect([wrong.code, wrong.stdout]).toEqual([2, ''])
  expect(project.read('out/tests.xml').replaceAll(/shows all \d+/g, 'shows all')).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="pype test" tests="4" failures="0" errors="4" time="0">
  <testsuite name="bad.test.yaml" tests="2" failures="0" errors="2" skipped="0" time="0" file="bad.test.yaml">
    <testcase name="a &lt;b&gt;" classname="bad.yaml" time="0">
      <error type="UNKNOWN_MODULE" message="No module is called &quot;csv_sorce&quot;.">bad.yaml:4:11  UNKNOWN_MODULE  No module is called &quot;csv_sorce&quot;.
  hint: did you mean &quot;csv_source&quot;? \`pype list-modules\` shows all.</error>
    </testcase>
    <testcase name="c" classname="bad.yaml" time="0">
      <error type="UNKNOWN_MODULE" message="No module is called &quot;csv_sorce&quot;.">bad.yaml:4:11  UNKNOWN_MODULE  No module is called &quot;csv_sorce&quot;.
  hint: did you mean &quot;csv_source&quot;? \`pype list-modules\` shows all.</error>
    </testcase>
  </testsuite>
  <testsuite name="good.test.yaml" tests="1" failures="0" errors="1" skipped="0" time="0" file="good.test.yaml">
    <testcase name="fine" classname="good.yaml" time="0">
      <error type="not run" message="Not run: another test file, or its flow, is wrong."/>
    </testcase>
  </testsuite>
  <testsuite name="torn.test.yaml" tests="1" failures="0" errors="1" skipped="0" time="0" file="torn.test.yaml">
    <testcase name="torn.test.yaml" classname="torn.test.yaml" time="0">
      <error type="YAML_SYNTAX" message="The [ that opens here is not closed.">torn.test.yaml:1:8  YAML_SYNTAX  The [ that opens here is not closed.
  hint: add ] where the value ends</error>
    </testcase>
  </testsuite>
</testsuites>
`)
  expect((await project.pype(['test', 'good.test.yaml', '--filter', 'nothing', '--junit', 'out/tests.xml'])).code).toBe(2)
  expect(existsSync(path.join(project.folder, 'out', 'tests.xml'))).toBe(false)
})

test('a flow without tests is told where one would be and how it begins; that one passes once it is updated', async () => {
  const project = createProject({ 'my flows/adults.yaml': ADULTS.replace('{{context.min_age}}', '18'), 'my flows/context/.keep': '' })
  const { code, stderr } = await project.pype(['test', 'my flows/adults.yaml'])
  expect(code).toBe(2)
  expect(stderr).toBe(`error FILE_NOT_FOUND  There are no tests of my flows/adults.yaml.
  hint: write my flows/tests/adults.test.yaml, as below; \`pype test 'my flows/adults.yaml' --update\` then fills in the rows that come. docs/test-flows.md has all that a test can say
    cases:
      - name: runs through
        replace:
          people: [{ name: x, age: 1, city: x }]
        expect:
          rows: { result: [] }
`)
  project.write(
    'my flows/tests/adults.test.yaml',
    stderr.slice(stderr.indexOf('    cases:')).replaceAll(/^ {4}/gm, '').replace('age: 1,', 'age: 18,'),
  )
  expect((await project.pype(['test', 'my flows/adults.yaml', '--update'])).stdout).toContain('1 case: 1 updated')
  expect(project.read('my flows/tests/adults.test.yaml')).toContain('rows: { result: [{ city: x, people: 1, oldest: 18 }] }')
})

test('the tests of the examples pass', async () => {
  const { code, stdout } = await runPype(['test', 'examples'], fileURLToPath(new URL('../..', import.meta.url)), {})
  expect([code, stdout]).toEqual([0, expect.stringContaining('3 cases: 3 passed')])
})
