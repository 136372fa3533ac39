import stringWidth from 'string-width'
import { expect, test } from 'vitest'
import { formatDiagnostic } from '../../../src/cli/terminal/code-frame.js'
import { spellAscii, spellSigns } from '../../../src/cli/terminal/spell-ascii.js'
import type { Place } from '../../../src/core/errors.js'
import { plainPage } from './plain-page.js'

const HASH = 'of the file as it is'

function frame(lines: readonly string[], at: Omit<Place, 'file'>, width = 80): string[] {
  const style = { ...plainPage(width), readSource: () => ({ lines, hash: HASH }) }
  return formatDiagnostic({ severity: 'error', code: 'SCHEMA', message: 'Wrong.', at: { file: 'a.yaml', ...at } }, style).split('\n')
}

/** The text above the carets. */
function marked(lines: readonly string[], at: Omit<Place, 'file'>, width = 80): string {
  const [, source = '', carets = ''] = frame(lines, at, width)
  let column = 0
  let text = ''
  for (const { segment } of new Intl.Segmenter().segment(source)) {
    if (carets[column] === '^') text += segment
    column += stringWidth(segment)
  }
  return text
}

test('a finding shows its place, source line, caret and hint', () => {
  const style = {
    ...plainPage(80),
    readSource: () => ({ lines: ['modules:', '  - id: a', '    name: csv_sorce'], hash: HASH }),
  }
  const text = formatDiagnostic(
    {
      severity: 'error',
      code: 'UNKNOWN_MODULE',
      message: 'No module is called "csv_sorce".',
      hint: 'did you mean "csv_source"?',
      at: { file: 'flows/daily.yaml', line: 3, column: 11, length: 9 },
    },
    style,
  )
  expect(text).toBe(`flows/daily.yaml:3:11  error UNKNOWN_MODULE  No module is called "csv_sorce".
  3 |     name: csv_sorce
    |           ^^^^^^^^^
  hint: did you mean "csv_source"?`)
})

test('a file that is not the one that was meant shows no line', () => {
  expect(frame(['id: a', 'b: c'], { line: 2, column: 1, hash: HASH })[1]).toContain('b: c')
  expect(frame(['id: a', 'b: c'], { line: 2, column: 1, hash: 'another' })).toEqual([
    'a.yaml:2:1  error SCHEMA  Wrong.',
    '  the line is not shown: a.yaml is not as it was when the job was built, and what was built is what runs',
  ])
})

test('the carets stand under the span: after tabs, wide characters, combining marks and emoji', () => {
  expect(marked(['\t\tname: x'], { line: 1, column: 9, length: 1 })).toBe('x')
  expect(marked(['名前: 値'], { line: 1, column: 5, length: 1 })).toBe('値')
  expect(marked(['e\u0301te\u0301: bad'], { line: 1, column: 8, length: 3 })).toBe('bad')
  expect(marked(['👩‍👩‍👧: bad'], { line: 1, column: 11, length: 3 })).toBe('bad')
})

test('a long line is clipped around the span', () => {
  const line = `${'a'.repeat(5000)}HERE${'b'.repeat(5000)}`
  const [, source = ''] = frame([line], { line: 1, column: 5001, length: 4 }, 60)
  expect(stringWidth(source)).toBeLessThanOrEqual(60)
  expect(source).toMatch(/… ?a+HEREb+…$|…a+HEREb+…$/)
  expect(marked([line], { line: 1, column: 5001, length: 4 }, 60)).toBe('HERE')
  expect(marked([`HERE${line}`], { line: 1, column: 1, length: 4 }, 60)).toBe('HERE')
  expect(marked([`${line}LAST`], { line: 1, column: 10005, length: 4 }, 60)).toBe('LAST')
  expect(stringWidth(frame([line], { line: 1, column: 1, length: 9000 }, 60)[1] ?? '')).toBeLessThanOrEqual(60)
})

test('a place beyond the line or the file still makes a finding', () => {
  expect(frame(['abc'], { line: 1, column: 40, length: 5 }).slice(1)).toEqual(['  1 | abc', '    |    ^'])
  expect(frame([''], { line: 1, column: 1 }).slice(1)).toEqual(['  1 |', '    | ^'])
  expect(frame(['abc'], { line: 9, column: 1 })).toEqual(['a.yaml:9:1  error SCHEMA  Wrong.'])
})

test('a source line cannot steer the terminal', () => {
  expect(frame(['a: \u001b[2Jx\u202E'], { line: 1, column: 1 })[1]).toBe('  1 | a: \uFFFD[2Jx\uFFFD')
})

test.each([
  ['connection: "postgres://ada:p@ss/word@localhost/shop"', 'connection: "postgres://ada:*********@localhost/shop"'],
  ['connection: { host: db, password: geheim, user: ada }', 'connection: { host: db, password: ******, user: ada }'],
  [`"password": 'ge heim'`, `"password": *********`],
  [
    'connection: "postgres://ada:{{secret.db#password}}@localhost/shop"',
    'connection: "postgres://ada:{{secret.db#password}}@localhost/shop"',
  ],
  ['password: "{{env.PASSWORD}}"', 'password: "{{env.PASSWORD}}"'],
])('a password in the source line is not shown: %s', (line, shown) => {
  expect(frame([line], { line: 1, column: 1, length: 10 })[1]).toBe(`  1 | ${shown}`)
})

test('nothing of a message, a hint and a file name steers the terminal', () => {
  const finding = {
    severity: 'error',
    code: 'SCHEMA',
    message: 'a\u001b[31m\tb\r\nc\u202e',
    hint: 'd\u009b1m',
    at: { file: 'e\u0007', line: 1, column: 1 },
  } as const
  const lines = formatDiagnostic(finding, { ...plainPage(80), readSource: () => undefined }).split('\n')
  expect(lines).toEqual(['e\\u{7}:1:1  error SCHEMA  a\\u{1b}[31m  b', 'c\\u{202e}', '  hint: d\\u{9b}1m'])
})

test('where a terminal shows ASCII alone, the marks of what is left out are ASCII, and the source is as it is', () => {
  const style = { ...plainPage(40), spell: spellAscii, spellSigns, readSource: () => ({ lines: [`käse → ${'x'.repeat(80)}`], hash: HASH }) }
  const finding = {
    severity: 'error',
    code: 'SCHEMA',
    message: 'a → b',
    hint: 'give it: --set a=…',
    at: { file: 'a.yaml', line: 1, column: 1 },
  } as const
  expect(formatDiagnostic(finding, style).split('\n')).toEqual([
    'a.yaml:1:1  error SCHEMA  a -> b',
    '  1 | käse → xxxxxxxxxxxxxxxxxxxxxxxxxx~',
    '    | ^',
    '  hint: give it: --set a=...',
  ])
})
