import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { expect, it, test } from 'vitest'
import { Document, isMap, isPair, isScalar, isSeq, parse, parseDocument, Scalar, visit } from 'yaml'
import { formatFlow } from '../../src/build/format/format-flow.js'
import { listComments } from '../../src/build/format/same-meaning.js'
import { readFlow } from '../../src/build/load/load-flow.js'
import { DiagnosticsError } from '../../src/core/errors.js'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

function findFlows(folder: string): string[] {
  return readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => path.join(folder, file))
}

/** All that a flow says, without the places of it. */
function meaningOf(text: string): unknown {
  const { flow } = readFlow('flow.yaml', text)
  return JSON.parse(
    JSON.stringify(flow, (key, value) =>
      /^(source|at|\w+At|spans)$/.test(key) ? undefined : typeof value === 'bigint' ? String(value) : value,
    ),
  )
}

function expectStable(text: string): void {
  const once = formatFlow('flow.yaml', text)
  expect(formatFlow('flow.yaml', once)).toBe(once)
  expect(meaningOf(once)).toEqual(meaningOf(text))
  expect(listComments(once)).toEqual(listComments(text))
}

it.each([...findFlows('examples'), ...findFlows('test/corpus')])('%s: a second time changes nothing, and it says the same', (file) => {
  const text = readFileSync(path.join(ROOT, file), 'utf8')
  try {
    formatFlow(file, text)
  } catch (error) {
    // What is not YAML is refused, as everywhere.
    if (error instanceof DiagnosticsError) return
    throw error
  }
  expectStable(text)
})

test('keys come in the order of the reference, and each comment goes with its key', () => {
  const text = `# The head of the file.

# What is connected.
connections:
    control: []   # nothing
    data:
    # the only one
    - a.data - b.input
modules:
- name: csv_source
  # its name
  id: a
  configs:  {file_path:   a.csv}
- {name: csv_sink, id: b, configs: {output_path: b.csv}}


flow: { created: "2026-01-01", version: 1.0.0, authors: [ me ], name: x }
# how it runs
settings:
  retries: 2
  # at most an hour
  timeout: 3600
`
  expect(formatFlow('flow.yaml', text)).toBe(`# The head of the file.

flow: { name: x, version: 1.0.0, authors: [me], created: "2026-01-01" }
# how it runs
settings:
  retries: 2
  # at most an hour
  timeout: 3600
modules:
  # its name
  - id: a
    name: csv_source
    configs: { file_path: a.csv }
  - { id: b, name: csv_sink, configs: { output_path: b.csv } }

# What is connected.
connections:
  data:
    # the only one
    - a.data - b.input
  control: [] # nothing
`)
})

test('texts and numbers stay what they are, to the character', () => {
  const values = [
    `012`,
    `1.10`,
    `"012"`,
    `'12'`,
    `1e3`,
    `0x1F`,
    `+5`,
    `.5`,
    `NULL`,
    `~`,
    `Yes`,
    `TRUE`,
    `"{{context.a}}"`,
    `12345678901234567890`,
    `"a\\tb"`,
  ]
  const configs = values.map((value, i) => `      c${i}: ${value}\n`).join('')
  const text = `flow: { name: x }\nmodules:\n  - id: a\n    name: m\n    configs:\n${configs}connections: { data: [], control: [] }\n`
  expect(formatFlow('flow.yaml', text)).toBe(text)
})

test('blocks of text stay blocks, and what is too long for a line loses its brackets', () => {
  const sql = 'configs:\n      sql: |\n        SELECT *\n\n        FROM t -- # no comment\n      note: >-\n        folded\n        text\n'
  const long = Array.from({ length: 12 }, (_, i) => `column_number_${i}: VARCHAR`).join(', ')
  const text = `modules:\n  - id: a\n    name: m\n    ${sql}  - { id: b, name: m, configs: { columns: { ${long} } } }\n`
  const formatted = formatFlow('flow.yaml', text)
  expect(formatted).toContain(
    '    configs:\n      sql: |\n        SELECT *\n\n        FROM t -- # no comment\n      note: >-\n        folded text\n',
  )
  expect(formatted).toContain('  - id: b\n    name: m\n    configs:\n      columns:\n        column_number_0: VARCHAR\n')
  expectStable(text)
})

test('an anchor stays before its aliases, and windows line ends become plain ones', () => {
  expectStable('modules:\n  - name: &m csv_sink\n    id: a\nflow: { name: x, desc: *m }\n')
  expectStable('x: &a\n  k: 1\nmodules:\n  - id: a\n    configs:\n      <<: *a\n')
  expect(formatFlow('flow.yaml', 'flow:\r\n  name: x # a\r\n')).toBe('flow:\n  name: x # a\n')
})

test('what is not YAML is refused with its place', () => {
  expect(() => formatFlow('flow.yaml', 'flow: {')).toThrow(DiagnosticsError)
  expect(() => formatFlow('flow.yaml', '')).toThrow(DiagnosticsError)
})

const text = fc.oneof(
  fc.constantFrom(
    '012',
    '1.10',
    'null',
    'yes',
    '{{context.a}}',
    'a: b',
    '# no comment',
    '- x',
    'a\nb',
    ' blank ',
    "it's",
    '"q"',
    '\ttab',
    '',
    'a > 1',
    '!x',
    '&a',
    '*b',
    '%',
    '@',
  ),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.lorem({ maxCount: 30 }),
)
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    text,
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    fc.constant(null),
    tie('list'),
    tie('map'),
  ),
  list: fc.array(tie('value'), { maxLength: 4 }),
  map: fc.dictionary(text, tie('value'), { maxKeys: 4 }),
}))
const MODULE = {
  id: fc.constantFrom('a', 'b1', 'c_2'),
  name: fc.constantFrom('csv_source', 'filter_mod'),
  configs: json.map,
  misc: json.value,
}
const flow = fc.record({
  connections: fc.record({
    control: fc.array(fc.oneof(fc.constant('a (1|) b1'), fc.record({ to: fc.constant('b1'), order: fc.nat(), from: fc.constant('a') }))),
    data: fc.constant(['a.data - b1.input']),
  }),
  modules: fc.array(fc.record(MODULE, { requiredKeys: ['id'] }), { maxLength: 4 }),
  settings: json.map,
  flow: fc.record({ version: fc.constant('1.0.0'), name: fc.constant('x'), desc: text }),
})
const STYLES = [Scalar.PLAIN, Scalar.QUOTE_DOUBLE, Scalar.QUOTE_SINGLE, Scalar.BLOCK_FOLDED, Scalar.BLOCK_LITERAL] as const

test('any flow in any style: a second time changes nothing, and it says the same', () => {
  fc.assert(
    fc.property(flow, fc.infiniteStream(fc.nat({ max: 999 })), fc.integer({ min: 1, max: 5 }), (value, random, indent) => {
      const next = () => random.next().value ?? 0
      const document = new Document(value)
      visit(document, (_, node) => {
        if (isScalar(node) && typeof node.value === 'string') node.type = STYLES[next() % STYLES.length] ?? Scalar.PLAIN
        if (isMap(node) || isSeq(node)) node.flow = next() % 3 === 0
        if (isPair(node) && isScalar(node.key)) {
          if (next() % 5 === 0) node.key.commentBefore = ` comment ${next()}`
          node.key.spaceBefore = next() % 7 === 0
        }
        if (isScalar(node) && next() % 9 === 0) node.comment = ` behind ${next()}`
      })
      const written = document.toString({
        indent,
        lineWidth: next() % 2 === 0 ? 0 : 60,
        flowCollectionPadding: next() % 2 === 0,
        indentSeq: next() % 2 === 0,
      })
      // The writer of this text has its own limits; what it cannot write as it was meant is not a case.
      if (parseDocument(written).errors.length > 0) return
      try {
        parse(written)
      } catch {
        return
      }
      expectStable(written)
    }),
    { numRuns: 150 },
  )
})
