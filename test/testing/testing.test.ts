import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { createProject } from '../cli/pype-project.js'
import { ADULTS, flowOf, PEOPLE, runCases, runProject, tellOf } from './test-project.js'

test('cases replace a source, set the context, and hold rows, sub flows, globals and files against what comes of the run; nothing is written', async () => {
  const { results, project } = await runCases({
    'flow.yaml': ADULTS,
    'tests/flow.test.yaml': `${PEOPLE}cases:
  - name: adults by city
    expect:
      sub_flows: { nobody: skipped, by_city: completed }
      rows:
        keep_adults.output: [{ name: Ada, age: 36, city: London }]
        result: [{ city: London, people: 1, oldest: 36 }]
      globals: { result__row_count: 1, result__path: out/adults.csv }
      files:
        out/adults.csv: { text: "city,people,oldest\\nLondon,1,36\\n" }
        out/other.csv: null
  - name: nobody
    set: { min_age: 99 }
    expect: { sub_flows: { nobody: completed }, rows: { result: [] } }
  - name: no file either
    replace: { people: [] }
    expect: { rows: { people.data: { columns: { name: TEXT, age: INT, city: VARCHAR }, rows: [] } } }
  - name: later
    skip: no time yet
`,
  })
  expect(results.map(({ status, failures }) => [status, failures])).toEqual([
    ['passed', []],
    ['passed', []],
    ['passed', []],
    ['skipped', []],
  ])
  expect(readdirSync(project.folder).sort()).toEqual(['flow.yaml', 'tests'])
})

test('what differs is told row by row, with the place in the test file', async () => {
  const { results, project } = await runCases({
    'flow.yaml': ADULTS,
    'tests/flow.test.yaml': `${PEOPLE}cases:
  - name: wrong
    set: { min_age: 1 }
    expect:
      sub_flows: { nobody: completed }
      rows:
        people.data:
          - { name: Ada, age: 37, city: London }
          - { name: Grace, age: 45, city: New York }
          - { name: Tim, age: 12, city: Paris }
        result: [{ city: London, count: 1 }]
        by_city.output: { columns: { city: VARCHAR, people: INTEGER, oldest: INTEGER }, rows: [] }
      globals: { result__row_count: 3 }
      files:
        out/adults.csv: { text: "city,people,oldest\\nLondon,7,36\\n" }
  - name: misspelt
    expect:
      rows:
        people.data: [{ nmae: Ada, ages: 36, city: London }]
        result: { ignore: "*", rows: [{ citty: London }] }
        by_city.output: { ignore: "*", rows: [{ postcode: 1 }] }
`,
  })
  const [first, misspelt] = results
  expect(misspelt?.failures.map(({ hint }) => hint)).toEqual([
    'did you mean "name" for "nmae", "age" for "ages"?',
    'did you mean "city"?',
    'the columns are city, people, oldest',
  ])
  expect(
    first && tellOf(first, project.folder),
  ).toBe(`  tests/flow.test.yaml:11:28  sub flow of nobody: It is skipped; expected is completed.
  tests/flow.test.yaml:13:9  rows of people.data: Expected 3 rows, found 3: 1 missing, 1 unexpected, 1 changed.
      name   age      city
    ~ Ada    37 → 36  London
    - Grace  45       New York
    + Alan   NULL     London
  tests/flow.test.yaml:17:9  rows of result: The columns differ: there is no column count; nobody expects the column people, oldest.
  hint: take count out of the test, and name the others, or \`ignore\` them
  tests/flow.test.yaml:18:9  rows of by_city.output: The types of columns differ: people is BIGINT, not INTEGER.
  tests/flow.test.yaml:19:37  global result__row_count: It is 2 (BIGINT); expected is 3.
  tests/flow.test.yaml:21:9  file out/adults.csv: It holds something else (42 bytes; expected are 31).
      from line 2
    - London,7,36
    + London,1,36
    + Paris,1,12`)
})

test('an end that is not expected is told alone, with the errors of the run', async () => {
  const { results, project } = await runCases({
    'flow.yaml': ADULTS,
    'tests/flow.test.yaml': `${PEOPLE}cases:
  - name: fails
    replace: { people: { error: { code: DATABASE_UNREACHABLE, message: "gone" } } }
    expect: { rows: { result: [] } }
  - name: fails as expected
    replace: { people: { error: { code: DATABASE_UNREACHABLE, message: "gone" } } }
    expect: { error: { code: DATABASE_UNREACHABLE, message: on, node: people }, sub_flows: { people: failed, nobody: blocked } }
  - name: another error
    replace: { people: { error: "gone" } }
    expect: { error: { code: BAD_ROW, node: result } }
  - name: no error at all
    expect: { error: BAD_ROW }
`,
  })
  expect(results.map(({ status }) => status)).toEqual(['failed', 'passed', 'failed', 'failed'])
  expect(results.map((result) => tellOf(result, project.folder))).toEqual([
    `  tests/flow.test.yaml:8:11  status: The run is failed; expected is completed.
  DATABASE_UNREACHABLE at people: gone
    hint: the test says so, under \`replace\``,
    '',
    `  tests/flow.test.yaml:16:15  error: There is no error BAD_ROW at result; the run failed with:
  MODULE_FAILED at people: gone
    hint: the test says so, under \`replace\``,
    '  tests/flow.test.yaml:18:22  status: The run is completed; expected is failed.',
  ])
})

/** A type, a value of it, the same value written otherwise, and another value. */
const VALUES: readonly (readonly [type: string, found: string, same: string, other: string])[] = [
  ['INTEGER', '3', '3.0', '4'],
  ['BIGINT', '30', '"30"', '3'],
  ['HUGEINT', '"123456789012345678901234567890"', '123456789012345678901234567890', '123456789012345678901234567891'],
  ['DECIMAL(9,2)', '10.50', '10.5', '10.51'],
  ['DECIMAL(9,4)', '-0.05', '-5e-2', '0.05'],
  ['DOUBLE', '0.1', '0.10', '0.10000001'],
  ['DOUBLE', '1e300', '1.0e300', '1e301'],
  ['DOUBLE', '"nan"', '"NaN"', '0'],
  ['FLOAT', '0.1', '0.1', '0.2'],
  ['VARCHAR', '"012"', '012', '12'],
  ['VARCHAR', '""', '""', 'null'],
  ['VARCHAR', '"NULL"', '"NULL"', 'null'],
  ['VARCHAR', 'null', '', '""'],
  ['BOOLEAN', 'true', 'true', 'false'],
  ['DATE', '2025-01-05', '2025-1-5', '2025-01-06'],
  ['DATE', '2025-01-07', '2025-01-07', 'soon'],
  ['TIMESTAMP', '"2025-01-05 10:00:00"', '2025-01-05T10:00', '2025-01-05T10:01'],
  ['TIMESTAMPTZ', '"2025-01-05 10:00:00+00"', '"2025-01-05 12:00:00+02"', '"2025-01-05 12:00:00+00"'],
  ['UUID', '"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"', '"A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11"', 'none'],
  ['INTEGER[]', '[1, 2]', '[1, 2]', '[2, 1]'],
  ['INTEGER[]', '[3]', '[3]', 'three'],
  ['VARCHAR[]', '["a, b", null]', '["a, b", null]', '[a, b, null]'],
  ['DATE[]', '["2025-01-05"]', '[2025-01-05]', '[2025-01-06]'],
  ['STRUCT(a INTEGER, b VARCHAR)', '{ a: 1, b: x }', '{ b: x, a: 1 }', '{ a: 1 }'],
  ['DOUBLE', '"inf"', '.inf', '-.inf'],
  ['DOUBLE', '"-inf"', '-Infinity', 'inf'],
  ['DOUBLE', '"nan"', '.nan', '.inf'],
  ['DOUBLE', '"-0.0"', '0', 'null'],
  ['TIME', '"10:00:00"', '"10:00"', '"10:00:01"'],
  ['BIGINT[]', '["9007199254740993"]', '[9007199254740993]', '[9007199254740992]'],
  [
    'STRUCT(d DECIMAL(38,4))',
    '{ d: "12345678901234567890.1234" }',
    '{ d: 12345678901234567890.12340 }',
    '{ d: 12345678901234567890.1235 }',
  ],
  ['STRUCT(d DOUBLE, t VARCHAR)', '{ d: "nan", t: "01" }', '{ t: 01, d: .nan }', '{ d: .nan, t: 1 }'],
  ['MAP(VARCHAR, INTEGER)', '{ b: 1, a: 2 }', '{ a: 2, b: 1 }', '{ a: 1, b: 2 }'],
  ['MAP(INTEGER, DOUBLE)', '{ 2: 0.5, 1: 1.5 }', '{ 1: 1.50, 2: 0.5 }', '{ 1: 1.5 }'],
  ['TIMESTAMPTZ[]', '["2025-01-05 10:00:00+00"]', '["2025-01-05 12:00:00+02"]', '["2025-01-05 12:00:00+00"]'],
  ['JSON', `'{"a": 9007199254740993}'`, '{ a: 9007199254740993 }', '{ a: 9007199254740992 }'],
  ['JSON', `'{"a": "1"}'`, '{ a: "1" }', '{ a: 1 }'],
  ['JSON', `'{"a": [1], "b": null}'`, '{ b: null, a: [1] }', '{ b: null, a: [2] }'],
]

test('values are compared by their types: what is the same may be written otherwise, and nothing else is the same', async () => {
  const row = (pick: (value: (typeof VALUES)[number]) => string) => `{ ${VALUES.map((value, i) => `v${i}: ${pick(value)}`).join(', ')} }`
  const { results } = await runCases({
    'flow.yaml': flowOf(`{ columns: ${row(([type]) => `"${type}"`)}, rows: [${row(([, found]) => found)}] }`),
    'tests/flow.test.yaml': `cases:
  - { name: same, expect: { rows: { out: [${row(([, , same]) => same)}] } } }
  - { name: other, expect: { rows: { out: [${row(([, , , other]) => other)}] } } }
`,
  })
  expect(results[0]?.failures).toEqual([])
  // Where all values differ, the rows have nothing in common.
  const [missing] =
    results[1]?.failures.map(({ rows }) => rows?.expected[0]?.cells.map(({ key }, i) => key === rows.found[0]?.cells[i]?.key)) ?? []
  expect(missing).toEqual(VALUES.map(() => false))
})

test('rows that stand in have the values that are written, also inside of lists, maps and structs; a number that cannot be kept is refused', async () => {
  const columns = '{ a: BIGINT, b: "BIGINT[]", c: "STRUCT(d DECIMAL(38,4), t VARCHAR)", d: DOUBLE, e: "MAP(VARCHAR, BIGINT)", f: JSON }'
  const row =
    '{ a: 9007199254740993, b: [9007199254740993], c: { d: 12345678901234567890.1234, t: 012 }, d: .inf, e: { k: 9007199254740993 }, f: { x: 1.50 } }'
  const flow = flowOf(`{ columns: ${columns}, rows: [{ a: 1 }] }`)
  const { results } = await runCases({
    'flow.yaml': flow,
    'tests/flow.test.yaml': `cases:
  - { name: exact, replace: { rows: [${row}] }, expect: { rows: { out: [${row}] } } }
`,
  })
  expect(results.map(({ failures }) => failures)).toEqual([[]])
  const refused = runCases({
    'flow.yaml': flow,
    'tests/flow.test.yaml': `cases:
  - name: inexact
    set: { least: .inf }
    replace: { rows: { rows: [{ a: 1, f: { x: 9007199254740993 } }], globals: { row_count: 9007199254740993 } } }
`,
  })
  await expect(refused).rejects.toMatchObject({
    diagnostics: [
      { code: 'NUMBER_INEXACT', at: { line: 3 } },
      { code: 'NUMBER_INEXACT', at: { line: 4 } },
      { code: 'NUMBER_INEXACT', at: { line: 4 }, hint: 'put it in quotes' },
    ],
  })
})

test('files that sinks have written are read back and held against rows of files of each format', async () => {
  const rows = '[{ id: 9007199254740993, t: "", d: 2025-01-05, v: 0.1 }, { id: 2, d: null }]'
  const columns = '{ id: BIGINT, t: VARCHAR, d: DATE, v: DOUBLE }'
  const { results } = await runCases({
    'flow.yaml': `flow: { name: kinds, version: 1.0.0, authors: ["me"], created: "2025-01-15" }
modules:
  - { id: rows, name: inline_source, configs: { columns: ${columns}, rows: [{ id: 1 }] } }
  - { id: parquet, name: parquet_sink, configs: { output_path: out.parquet } }
  - { id: json, name: json_sink, configs: { output_path: out.jsonl } }
  - { id: csv, name: csv_sink, configs: { output_path: out.csv } }
  - { id: parquet_again, name: parquet_source, configs: { file_path: out.parquet } }
  - { id: json_again, name: json_source, configs: { file_path: out.jsonl, columns: ${columns} } }
  - { id: csv_again, name: csv_source, configs: { file_path: out.csv, columns: ${columns} } }
  - { id: p, name: log_sink }
  - { id: j, name: log_sink }
  - { id: c, name: log_sink }
connections:
  data: [rows.data - parquet.input, rows.data - json.input, rows.data - csv.input, parquet_again.data - p.input, json_again.data - j.input, csv_again.data - c.input]
  control: [csv (1|) csv_again, parquet (1|) parquet_again, json (1|) json_again]
`,
    'tests/rows.csv': 'v,id,t,d\n0.10,9007199254740993,"",2025-01-05\n,2,,\n',
    'tests/rows.json': '[{"id":9007199254740993,"t":"","d":"2025-01-05","v":0.1},{"id":2}]',
    'tests/wrong.csv': 'id,d,v\n2,,\n',
    'tests/flow.test.yaml': `replace: { rows: ${rows} }
cases:
  - name: rows
    expect: { rows: { rows.data: ${rows}, p: ${rows}, j: ${rows}, c: ${rows} } }
  - name: files
    expect: { rows: { p: { file: rows.csv }, j: { file: rows.json }, c: { file: rows.json }, parquet: { file: rows.csv } } }
  - name: a column less
    expect: { rows: { p: { file: wrong.csv } } }
`,
  })
  expect(results.slice(0, 2).map(({ failures }) => failures)).toEqual([[], []])
  expect(results[2]?.failures[0]?.message).toMatch(/^tests\/wrong\.csv|wrong\.csv does not hold such rows/)
})

const NUMBERS = flowOf('{ columns: { id: INTEGER, v: DOUBLE }, rows: [{ id: 2, v: 1.05 }, { id: 1, v: 1.1 }, { id: 1, v: 1.1 }] }')

const COMPARISONS: readonly (readonly [name: string, expected: string, status: string])[] = [
  ['rows are a set in which one may be several times', 'rows: [{ id: 1, v: 1.1 }, { id: 2, v: 1.05 }, { id: 1, v: 1.1 }]', 'passed'],
  ['one is missing of those that are there twice', 'rows: [{ id: 1, v: 1.1 }, { id: 2, v: 1.05 }]', 'failed'],
  ['the order counts where it is asked for', 'ordered: true, rows: [{ id: 2, v: 1.05 }, { id: 1, v: 1.1 }, { id: 1, v: 1.1 }]', 'passed'],
  ['another order', 'ordered: true, rows: [{ id: 1, v: 1.1 }, { id: 2, v: 1.05 }, { id: 1, v: 1.1 }]', 'failed'],
  ['near enough', 'tolerance: 0.1, rows: [{ id: 2, v: 1 }, { id: 1, v: 1.0 }, { id: 1, v: 1.2 }]', 'passed'],
  ['too far', 'tolerance: 0.1, rows: [{ id: 2, v: 1 }, { id: 1, v: 1.0 }, { id: 1, v: 1.21 }]', 'failed'],
  ['a row that is near to two leaves each its own', 'ignore: [id], tolerance: 0.06, rows: [{ v: 1.1 }, { v: 1.05 }, { v: 1.0 }]', 'passed'],
  ['two rows that are near to one', 'ignore: [id], tolerance: 0.06, rows: [{ v: 1.1 }, { v: 1.0 }, { v: 1.0 }]', 'failed'],
  ['a column is left out', 'ignore: [id], rows: [{ v: 1.1 }, { v: 1.05 }, { v: 1.1 }]', 'passed'],
  ['all others are left out', 'ignore: "*", rows: [{ id: 1 }, { id: 2 }, { id: 1 }]', 'passed'],
]

test('rows are compared as a set or in their order, numbers with a tolerance, columns as they are named', async () => {
  const { results } = await runCases({
    'flow.yaml': NUMBERS,
    'tests/flow.test.yaml': `cases:\n${COMPARISONS.map(([name, expected]) => `  - { name: ${name}, expect: { rows: { out: { ${expected} } } } }\n`).join('')}`,
  })
  expect(results.map(({ name, status }) => [name, status])).toEqual(COMPARISONS.map(([name, , status]) => [name, status]))
})

test('rows come from files, and are expected in files; columns that a source infers hold for what stands in for it', async () => {
  const { results, project } = await runCases({
    'flow.yaml': ADULTS.replace(', columns: { name: VARCHAR, age: INTEGER, city: VARCHAR }', ''),
    'people.csv': 'name,age,city\nAda,36,London\n',
    'tests/in.csv': 'name,age,city\nAda,36,London\nTim,12,Paris\n',
    'tests/in.jsonl': '{"name":"Ada","age":36,"city":"London"}\n',
    'tests/out.csv': 'oldest,people,city\n36,1,London\n',
    'tests/wrong.json': '[{"city":"Rome","people":1,"oldest":36}]',
    'tests/flow.test.yaml': `set: { min_age: 18 }
cases:
  - name: a file
    replace: { people: { file: in.csv } }
    expect: { rows: { result: { file: out.csv } } }
  - name: json
    replace: { people: { file: in.jsonl } }
    expect: { rows: { result: { file: wrong.json } } }
  - name: the flow's own file is not there but where the case puts one
    expect: { error: FILE_NOT_FOUND }
  - name: a file for the source itself
    files: { people.csv: in.csv }
    expect: { rows: { people.data: { columns: { name: VARCHAR, age: BIGINT, city: VARCHAR }, file: in.csv } } }
  - name: inferred
    replace: { people: [{ name: Ada, age: "36" }] }
    expect: { rows: { people.data: { columns: { name: VARCHAR, age: BIGINT, city: VARCHAR }, rows: [{ name: Ada, age: 36 }] } } }
`,
  })
  expect(results.map(({ status }) => status)).toEqual(['passed', 'failed', 'passed', 'passed', 'passed'])
  expect(results[1] && tellOf(results[1], project.folder)).toContain('~ Rome → London  1       36')
})

test('a file that is not there is told with the ways by which a case gives it, and paths as the flow has them', async () => {
  const { results, project } = await runCases({
    'flow.yaml': ADULTS.replace('file_path: people.csv', 'file_path: "/data/in äll/*.csv"').replace(
      '{ id: nobody, name: log, configs: { message: "nobody is grown up" } }',
      '{ id: nobody, name: file_copy, configs: { from: "../a.txt", to: b.txt } }',
    ),
    'tests/flow.test.yaml': `set: { min_age: 18 }
cases:
  - name: source
  - { name: solo, replace: { people: [] } }
`,
  })
  expect(results.map((result) => tellOf(result, project.folder))).toEqual([
    `  tests/flow.test.yaml:3:11  status: The run is failed; expected is completed.
  FILE_NOT_FOUND at people: The glob /data/in äll/*.csv matches no file.
    hint: a case has only the files that it is given: \`files: { "/data/in äll/a.csv": { text: "…" } }\` puts one there, \`replace: { people: [{ … }] }\` gives rows in its place`,
    expect.stringContaining('`files: { ../a.txt: { text: "…" } }` puts one there, `replace: { nobody: {} }` has it do nothing'),
  ])
})

const OUTSIDE = `flow: { name: outside, version: 1.0.0, authors: ["me"], created: "2025-01-15" }
modules:
  - { id: ask, name: postgres_query, configs: { connection: "{{context.db}}", sql: "SELECT 1 AS one" } }
  - { id: rows, name: postgres_source, configs: { connection: "{{context.db}}", table: t } }
  - { id: store, name: postgres_sink, configs: { connection: "{{context.db}}", table: "{{context.table}}" } }
  - { id: tell, name: shell, configs: { command: "echo {{store__row_count}} > told.txt" } }
  - { id: keep, name: file_copy, configs: { from: /tmp/pype-outside.txt, to: /tmp/pype-kept.txt } }
connections:
  data: [rows.data - store.input]
  control:
    - "ask (1|{{ask__one}} = 1) rows"
    - store (1|) tell
    - tell (1|) keep
`

test('what acts outside is replaced or allowed, a sink on a database writes nothing, and absolute paths stay inside', async () => {
  const { results } = await runCases({
    'flow.yaml': OUTSIDE,
    'tests/flow.test.yaml': `replace:
  ask: { globals: { one: 1 } }
  rows: { columns: { id: INTEGER }, rows: [{ id: 1 }, { id: 2 }] }
files: { /tmp/pype-outside.txt: { text: hello } }
cases:
  - name: allowed
    allow: [tell]
    expect:
      rows: { store: [{ id: 1 }, { id: 2 }] }
      files: { told.txt: { text: "2\\n" }, /tmp/pype-kept.txt: { text: hello } }
  - name: replaced
    replace: { tell: {} }
    globals: { store__row_count: 7 }
    expect: { globals: { store__row_count: 7 } }
  - name: not asked
    replace: { tell: {}, ask: { globals: { one: 0 } } }
    expect: { sub_flows: { rows: skipped } }
`,
  })
  expect(results.map(({ failures }) => failures)).toEqual([[], [], []])
  expect(existsSync('/tmp/pype-kept.txt')).toBe(false)
})

const LOOP = `flow: { name: loop, version: 1.0.0, authors: ["me"], created: "2025-01-15" }
modules:
  - { id: list, name: list_files, configs: { path: "in/*.csv" } }
  - { id: rows, name: csv_source, configs: { file_path: "{{iter.item.path}}", columns: { id: INTEGER } } }
  - { id: out, name: csv_sink, configs: { output_path: "out/{{iter.item.name}}" } }
connections:
  data: [rows.data - out.input]
  control: ["list (1|iterate) rows"]
`

test('rows of a loop are those of all passes, or of one; a list can be given, with the date and the environment', async () => {
  const { results } = await runCases({
    'flow.yaml': LOOP,
    'tests/flow.test.yaml': `files: { in/b.csv: { text: "id\\n2\\n" }, in/a.csv: { text: "id\\n1\\n" } }
cases:
  - name: all
    expect:
      rows:
        out: { ordered: true, rows: [{ id: 1 }, { id: 2 }] }
        rows.data#1: [{ id: 2 }]
  - name: given
    replace: { list: { items: [{ path: in/b.csv, name: x.csv }], globals: { count: 1 } } }
    expect: { rows: { out: [{ id: 2 }] }, files: { out/x.csv: { text: "id\\n2\\n" } } }
`,
  })
  expect(results.map(({ failures }) => failures)).toEqual([[], []])
})

test('the rows of all passes have the columns of all; what has not one type in each is compared as text', async () => {
  const { results } = await runCases({
    'flow.yaml': LOOP.replace(', columns: { id: INTEGER }', ''),
    'tests/flow.test.yaml': `files: { in/a.csv: { text: "id\\n1\\n" }, in/b.csv: { text: "id,x\\n2.5,a\\n" } }
cases:
  - name: all
    expect: { rows: { out: [{ id: 1 }, { id: 2.5, x: a }], out#0: [{ id: 1 }], out#1: [{ id: 2.50, x: a }] } }
`,
  })
  expect(results.map(({ failures }) => failures)).toEqual([[]])
})

test('passes of loops that a node is not in, columns that are left out and the node of an error have to be there', async () => {
  const running = runCases({
    'flow.yaml': LOOP,
    'tests/flow.test.yaml': `cases:
  - { name: a, kill: { after: out }, expect: { rows: { out#0.1: [], rows.data: { rows: [], ignore: [di, '*'] } } } }
  - { name: b, kill: { start: list#0 }, expect: { error: { message: x, node: rwos } } }
`,
  })
  await expect(running).rejects.toMatchObject({
    diagnostics: [
      { code: 'TEST_INVALID', message: 'out is in a loop: which pass is meant?', hint: expect.stringContaining('`out#0`') },
      { code: 'TEST_INVALID', message: 'out is in 1 loop: pass 0.1 has not as many indexes.' },
      { code: 'SCHEMA_MISMATCH', message: 'There is no column "di" to leave out.', hint: 'did you mean "id"?' },
      { code: 'SCHEMA_MISMATCH', hint: expect.stringContaining('ignore: "*"') },
      { code: 'TEST_INVALID', message: 'list is in no loop, and has no pass 0.' },
      { code: 'UNKNOWN_NODE', hint: 'did you mean "rows"?' },
    ],
  })
})

test('a filter chooses cases, folders are kept when they are asked for, and nothing else stays', async () => {
  const project = createProject({
    'flow.yaml': ADULTS,
    'tests/flow.test.yaml': `${PEOPLE}cases: [{ name: One }, { name: two }]`,
    'tmp/.keep': '',
  })
  const temporary = path.join(project.folder, 'tmp')
  vi.stubEnv('TMPDIR', temporary)
  onTestFinished(() => void vi.unstubAllEnvs())
  expect((await runProject(project, { filter: 'ONE' })).map(({ name }) => name)).toEqual(['One'])
  await expect(runProject(project, { filter: 'three' })).rejects.toMatchObject({ code: 'USAGE' })
  expect(readdirSync(temporary)).toEqual(['.keep'])
  const [kept] = await runProject(project, { filter: 'one', keep: true })
  expect(existsSync(path.join(kept?.folder ?? '', 'files', 'out', 'adults.csv'))).toBe(true)
})

test('--update writes what was found: values in place, rows out and in, files anew; comments and the rest stay', async () => {
  const { project, results } = await runCases(
    {
      'flow.yaml': ADULTS,
      'tests/expected.csv': 'city,people,oldest\n',
      'tests/flow.test.yaml': `# What holds for all.
${PEOPLE}cases:
  - name: adults by city   # the name
    set: { min_age: 1 }
    expect:
      rows:
        # Everybody.
        people.data:
          - { name: Ada, age: 35, city: "London" } # she is
          - { name: Grace, age: 45, city: New York }
          - { name: Tim, age: 012, city: Paris } # a boy
        by_city.output: { file: expected.csv }
        result: [{ town: London }]
      globals: { result__row_count: 3 }
      files: { out/adults.csv: { text: "x" } }
  - name: stays wrong
    expect: { status: failed }
`,
    },
    { update: true },
  )
  expect(results.map(({ status }) => status)).toEqual(['updated', 'failed'])
  expect(project.read('tests/flow.test.yaml')).toContain(`    expect:
      rows:
        # Everybody.
        people.data:
          - { name: Ada, age: 36, city: "London" } # she is
          - { name: Tim, age: 012, city: Paris } # a boy
          - { name: Alan, age: null, city: London }
        by_city.output: { file: expected.csv }
        result: [{ city: London, people: 1, oldest: 36 }, { city: Paris, people: 1, oldest: 12 }]
      globals: { result__row_count: 2 }
      files: { out/adults.csv: { text: "city,people,oldest\\nLondon,1,36\\nParis,1,12\\n" } }
`)
  expect(project.read('tests/flow.test.yaml')).toMatch(/^# What holds for all\.\nset: \{ min_age: 18 \}\n/)
  expect((await runProject(project)).map(({ status }) => status)).toEqual(['passed', 'failed'])
})
