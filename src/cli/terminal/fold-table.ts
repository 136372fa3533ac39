import stringWidth from 'string-width'
import { alignCells } from '../../core/align-cells.js'
import { padText, widthOf } from '../../core/text-width.js'
import { foldText } from './fold-text.js'

const GAP = 2
/** A column is not made narrower than this by folding, and what stands below its row has more than this. */
const LEAST_WIDTH = 16
const LEAST_BELOW = 24
/** Blanks by which it is told from the cells above it. */
const INDENT_BELOW = 2

type Rows = readonly (readonly string[])[]

/**
 * A table as lines of at most `columns`: where that is too narrow, cells of the columns `folded`, from 0 on, go on below themselves. Where even that does not help, the
 * last cell of each row stands below it. A row of one cell is a title.
 */
export function foldTable(
  rows: Rows,
  { columns, folded }: { readonly columns: number; readonly folded: readonly number[] },
): readonly string[] {
  const natural = widthsOf(rows)
  if (sumOf(natural) <= columns) return alignCells(rows)
  const widths = narrow(natural, folded, columns)
  if (sumOf(widths) <= columns) return rows.flatMap((row) => writeRow(row, widths))
  const last = natural.length - 1
  const first = natural.slice(0, last)
  // Names are broken only now: a broken one can neither be copied nor searched for.
  const shown = sumOf(first) <= columns ? first : narrow(first, [...first.keys()], columns)
  const indent = INDENT_BELOW + (startsOf(shown).findLast((start) => columns - start - INDENT_BELOW >= LEAST_BELOW) ?? 0)
  return rows.flatMap((row) => {
    const below = row[last] ?? ''
    const lines = below === '' ? [] : foldText(below, Math.max(1, columns - indent)).map((line) => ' '.repeat(indent) + line)
    return [...writeRow(row.slice(0, last), shown), ...lines]
  })
}

function widthsOf(rows: Rows): readonly number[] {
  const wide = rows.filter((row) => row.length > 1)
  const count = Math.max(0, ...wide.map((row) => row.length))
  return Array.from({ length: count }, (_, i) => widthOf(wide.map((row) => row[i] ?? '')))
}

/** Columns of a whole line. */
function sumOf(widths: readonly number[]): number {
  return widths.reduce((sum, width) => sum + width + GAP, -GAP)
}

function startsOf(widths: readonly number[]): readonly number[] {
  return widths.map((_, i) => sumOf(widths.slice(0, i)) + GAP)
}

/** The widest of those that may be folded give way first, all to the same width. */
function narrow(widths: readonly number[], folded: readonly number[], columns: number): readonly number[] {
  const upTo = (most: number) => widths.map((width, i) => (folded.includes(i) ? Math.min(width, most) : width))
  let most = Math.max(...widths)
  while (most > LEAST_WIDTH && sumOf(upTo(most)) > columns) most--
  return upTo(most)
}

function writeRow(row: readonly string[], widths: readonly number[]): readonly string[] {
  if (row.length === 1) return row
  const cells = row.map((text, i) => (stringWidth(text) <= (widths[i] ?? 0) ? [text] : foldText(text, widths[i] ?? 1)))
  const height = Math.max(...cells.map((lines) => lines.length))
  return Array.from({ length: height }, (_, k) =>
    cells
      .map((lines, i) => padText(lines[k] ?? '', widths[i] ?? 0))
      .join(' '.repeat(GAP))
      .trimEnd(),
  )
}
