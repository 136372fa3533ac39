import { expect, it } from 'vitest'
import { formatRows } from '../../../src/cli/rows/row-table.js'
import { plainPage } from '../terminal/plain-page.js'

const page = { ...plainPage(80), wrapAt: 80 }

it('of sixty columns those that fit are shown with their whole names, and the others are counted', () => {
  const columns = Array.from({ length: 60 }, (_, i) => ({ name: `column_number_${i}`, type: 'BIGINT' }))
  const lines = formatRows(columns, [Object.fromEntries(columns.map(({ name }, i) => [name, BigInt(i)]))], page).split('\n')
  expect(lines[0]).toBe('column_number_0  column_number_1  column_number_2  column_number_3')
  expect(lines.at(-2)).toBe('… and 56 columns for which the terminal is too narrow; --format json has all')
})

it('a long text gives way to the columns beside it, and wide characters keep them in line', () => {
  const columns = [
    { name: 'text', type: 'VARCHAR' },
    { name: 'n', type: 'BIGINT' },
  ]
  const rows = [
    { text: 'x'.repeat(5000), n: 1n },
    { text: '日本語'.repeat(40), n: 2n },
  ]
  expect(formatRows(columns, rows, page).split('\n').slice(3, 5)).toEqual([
    `${'x'.repeat(71)}…       1`,
    `${'日本語'.repeat(11)}日本…        2`,
  ])
})

it('nothing of values, names and types steers the terminal', () => {
  const evil = '\u001b]0;title\u0007\u009b31m\u202e\r\n\t'
  const table = formatRows([{ name: evil, type: `STRUCT("${evil}" INTEGER)` }], [{ [evil]: evil }], {
    ...page,
    wrapAt: Number.POSITIVE_INFINITY,
  })
  expect(table.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e]/u)
  expect(table).toContain('\\u{1b}]0;title\\u{7}\\u{9b}31m\\u{202e}\\r\\n\\t')
})
