import { padText, padTextStart, widthOf } from './text-width.js'

/**
 * Rows of texts as lines in which the cells of a column stand below each other, two blanks apart; `numbers` are the columns, from 0 on, that end below each
 * other. A row of one cell is a title: no column is made wider for it.
 */
export function alignCells(rows: readonly (readonly string[])[], numbers: readonly number[] = []): readonly string[] {
  const wide = rows.filter((row) => row.length > 1)
  const count = wide.reduce((most, row) => Math.max(most, row.length), 0)
  const widths = Array.from({ length: count }, (_, i) => widthOf(wide.map((row) => row[i] ?? '')))
  const align = (text: string, i: number) => (numbers.includes(i) ? padTextStart : padText)(text, widths[i] ?? 0)
  return rows.map((row) => row.map(align).join('  ').trimEnd())
}
