import { expect, it } from 'vitest'
import { formatRowsDifference } from '../../src/testing/report/format-difference.js'
import { formatTextDifference } from '../../src/testing/report/format-texts.js'

const style = { width: 80, wrapAt: 80, paint: (color: string, text: string) => `<${color} ${text}>` }
const row = (...texts: (string | null)[]) => ({ cells: texts.map((text) => ({ key: text, text })), at: undefined })

it('of rows that differ the marks are coloured, and in changed ones what differs; nothing in them steers the terminal', () => {
  const lines = formatRowsDifference(
    {
      columns: [
        { name: 'n\u001b[31m', type: 'VARCHAR' },
        { name: 'town', type: 'VARCHAR' },
      ],
      expected: [row('1', 'a\u009b31m'), row('2', 'Köln')],
      found: [row('2', 'Bonn'), row('3', null)],
      match: { equal: [], changed: [{ expected: 1, found: 0 }], missing: [0], unexpected: [1], isReordered: false },
      measures: [
        { kind: 'text', tolerance: 0 },
        { kind: 'text', tolerance: 0 },
      ],
      isOrdered: false,
    },
    style,
  )
  expect(lines).toEqual([
    '<dim     n\\u{1b}[31m  town>',
    '  <red -> 1            "a\\u{9b}31m"',
    '  <magenta ~> 2            <magenta Köln → Bonn>',
    '  <green +> 3            NULL',
  ])
})

it('of texts that differ the marks are coloured', () => {
  expect(formatTextDifference('a\nb\nc', `a\n${'日本'.repeat(40)}\u001b\nc`, style)).toEqual([
    '<dim     from line 2>',
    '  <red -> b',
    `  <green +> ${'日本'.repeat(18)}日…`,
  ])
})
