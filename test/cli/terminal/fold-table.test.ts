import fc from 'fast-check'
import stringWidth from 'string-width'
import { describe, expect, it } from 'vitest'
import { foldTable } from '../../../src/cli/terminal/fold-table.js'
import { foldText } from '../../../src/cli/terminal/fold-text.js'

const ROWS = [
  ['port', 'type', 'from'],
  ['day.data', 'STRUCT(first_name VARCHAR, last_name VARCHAR)', 'not known: its path has a template'],
  ['', 'DATE', ''],
]

describe('a table', () => {
  it('that fits stays as it is, and a file has room for any', () => {
    expect(foldTable(ROWS, { columns: Number.POSITIVE_INFINITY, folded: [1, 2] })[1]).toBe(
      'day.data  STRUCT(first_name VARCHAR, last_name VARCHAR)  not known: its path has a template',
    )
  })

  it('is folded inside of its columns where it is too wide', () => {
    expect(foldTable(ROWS, { columns: 60, folded: [1, 2] })).toEqual([
      'port      type                      from',
      'day.data  STRUCT(first_name         not known: its path has',
      '          VARCHAR, last_name        a template',
      '          VARCHAR)',
      '          DATE',
    ])
  })

  it('has its last cells below their rows where that is not enough', () => {
    const rows = [
      ['column', 'comes from', 'read from'],
      ['rejects_csv.input._line', 'rows.reject._line', '{{context.folder}}/sales/{{run.date}}/*.parquet'],
      ['its rows'],
      ['problems_csv.input.*', 'problem.data.*', ''],
    ]
    expect(foldTable(rows, { columns: 50, folded: [2] })).toEqual([
      'column                   comes from',
      '  read from',
      'rejects_csv.input._line  rows.reject._line',
      '  {{context.folder}}/sales/{{run.date}}/*.parquet',
      'its rows',
      'problems_csv.input.*     problem.data.*',
    ])
  })

  it('breaks names only when nothing else helps', () => {
    const rows = [['a_rather_long_name.input.and_its_column', 'another_long_name.output.and_its_column', 'data/a.csv']]
    for (const line of foldTable(rows, { columns: 60, folded: [2] })) expect(line.length).toBeLessThanOrEqual(60)
  })
})

it('folded texts lose nothing but blanks, and no line is wider than it may be', () => {
  const text = fc.array(
    fc.oneof(fc.string(), fc.string({ unit: 'grapheme' }), fc.constantFrom('data/2026/orders.csv', '数据日本語', ' ')),
    { maxLength: 6 },
  )
  fc.assert(
    fc.property(text, fc.integer({ min: 2, max: 40 }), (words, columns) => {
      const whole = words.join(' ').replaceAll(/\p{C}/gu, '')
      const lines = foldText(whole, columns)
      expect(lines.join('').replaceAll(' ', '')).toBe(whole.replaceAll(' ', ''))
      for (const line of lines) expect(stringWidth(line)).toBeLessThanOrEqual(columns)
    }),
  )
})
