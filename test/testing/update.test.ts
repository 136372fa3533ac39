import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { ADULTS, runCases, runProject, tellOf } from './test-project.js'

const GIVEN = 'set: { min_age: 18 }\nreplace: { people: [{ name: Ada, age: 36, city: London }] }\n'

test('what several places share by an anchor is not updated, and the case stays as it is and says why; others are updated', async () => {
  const text = `${GIVEN}cases:
  - { name: a, expect: { rows: { result: &r [{ city: London, people: 1, oldest: 35 }] } } }
  - { name: b, expect: { rows: { result: *r } } }
  - { name: c, expect: { globals: &g { result__row_count: 9 } } }
  - { name: d, expect: { globals: *g } }
  - { name: e, expect: { files: &f { out/adults.csv: { text: x } } } }
  - { name: f, expect: { files: *f } }
  - { name: g, expect: { rows: { result: [&row { city: London, people: 1, oldest: 35 }] } } }
  - { name: h, expect: { rows: { result: [*row] } } }
  - { name: i, expect: { globals: &alone { result__row_count: 9 } } }
`
  const { results, project } = await runCases({ 'flow.yaml': ADULTS, 'tests/flow.test.yaml': text }, { update: true })
  expect(results.map(({ name, status }) => `${name} ${status}`)).toEqual([
    ...['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => `${name} failed`),
    'h updated',
    'i updated',
  ])
  expect(tellOf(results[3] ?? fail(), project.folder)).toContain(
    'hint: it was not updated: other places share it by the anchor &g; write it out for each',
  )
  const updated = readFileSync(`${project.folder}/tests/flow.test.yaml`, 'utf8')
  expect(updated).toBe(
    text
      .replace('[*row]', '[{ city: London, people: 1, oldest: 36 }]')
      .replace('&alone { result__row_count: 9 }', '&alone { result__row_count: 1 }'),
  )
})

test('an update keeps comments behind values that change, the indentation, the ends of lines and the mark at the beginning of a file', async () => {
  const text = `\uFEFFset:
    min_age: 18 # years
# Who is there.
replace:
    people:
        - name: Ada # the first
          age: 36
          city: London
cases:
    - name: b
      expect:
          globals:
              result__row_count: 9 # how many
          rows:
              result:
                  - city: London # home
                    people: 1 # of them
                    # in years
                    oldest: 35 # the oldest
          files:
              out/adults.csv:
                  text: |
                      city,people,oldest
                      London,1,35
`.replaceAll('\n', '\r\n')
  const { results, project } = await runCases({ 'flow.yaml': ADULTS, 'tests/flow.test.yaml': text }, { update: true })
  expect(results.map(({ status }) => status)).toEqual(['updated'])
  expect(readFileSync(`${project.folder}/tests/flow.test.yaml`, 'utf8')).toBe(
    text.replace('result__row_count: 9', 'result__row_count: 1').replace('1,35', '1,36').replace('oldest: 35', 'oldest: 36'),
  )
})

test('an update leaves blank lines, comments in columns, quotes and odd indentations where nothing has changed', async () => {
  const text = `# Sums.

set:    { min_age: 18 }     # years


replace:
    people:
      - {name: Ada,   age: 36, city: London}      # the first
      - { name: 'Tim', age: 12,   city: "Paris"}  # a boy

cases:

- name:   odd       # as it is
  expect:
      globals: {result__row_count:    9,  result__path: out/adults.csv}   # how many

      rows:
         keep_adults.output:

           - {  name: Ada,  age: 35, city: London }   # one

         result:

             - city:     London     # home

               people:   1          # of them

               oldest:              # in years

      files:
       out/adults.csv:
         text: |
           city,people,oldest

           London,1,35


- name: more
  expect:
    rows:   # all
      people.data:

      - { name: Ada,   age: 36, city: London}

    globals:  { result__row_count:   1 }    # stays
# The end.
`
  const { results, project } = await runCases({ 'flow.yaml': ADULTS, 'tests/flow.test.yaml': text }, { update: true })
  expect(results.map(({ status }) => status)).toEqual(['updated', 'updated'])
  expect(readFileSync(`${project.folder}/tests/flow.test.yaml`, 'utf8')).toBe(
    text
      .replace('   9,', '   1,')
      .replace('age: 35', 'age: 36')
      .replace('oldest:              #', 'oldest: 36              #')
      .replace('oldest\n\n           London,1,35', 'oldest\n           London,1,36')
      .replace(
        '      - { name: Ada,   age: 36, city: London}\n\n    globals',
        '      - { name: Ada, age: 36, city: London }\n      - { name: Tim, age: 12, city: Paris }\n\n    globals',
      ),
  )
  expect((await runProject(project)).map(({ status }) => status)).toEqual(['passed', 'passed'])
})

function fail(): never {
  throw new Error('a case is missing')
}
