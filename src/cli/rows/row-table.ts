import stringWidth from 'string-width'
import { escapeControls } from '../../core/escape-controls.js'
import { formatQuantity } from '../../core/quantity.js'
import { cutText, widthOf } from '../../core/text-width.js'
import type { Row } from '../../sdk/artifact.js'
import type { Column } from '../../sdk/relation.js'
import type { Page } from '../terminal/open-page.js'
import type { Color } from '../terminal/open-paint.js'

const GAP = '  '
/** A column is not made narrower than this to make room for others, nor than its name, up to the second width: a column whose name is cut is a riddle. */
const LEAST_WIDTH = 8
const WIDEST_NAME = 20

interface Cell {
  readonly text: string
  readonly isNull?: boolean
}

/** A column on its way to the terminal. */
interface TableColumn {
  readonly name: string
  readonly type: string
  readonly isNumber: boolean
  readonly cells: readonly Cell[]
  readonly width: number
  /** What it may be narrowed to. */
  readonly least: number
}

/**
 * A table of rows, with the types below the names. Where it is wider than a terminal the widest columns are cut, and columns for which
 * there is no room at all are left out and counted. Values are not spelled otherwise than they are.
 */
export function formatRows(columns: readonly Column[], rows: readonly Row[], page: Page): string {
  const wide = columns.map((column) => toTableColumn(column, rows))
  const { fitting, leftOut } = fitColumns(wide, page.wrapAt)
  const line = (cellOf: (column: TableColumn) => Cell, color?: Color) =>
    `${fitting
      .map((column) => formatCell(cellOf(column), column, page, color))
      .join(GAP)
      .trimEnd()}\n`
  const lines = [
    line(({ name }) => ({ text: name }), 'bold'),
    line(({ type }) => ({ text: type }), 'dim'),
    line(({ width: own }) => ({ text: page.spell('─').repeat(own) }), 'dim'),
    ...rows.map((_, i) => line(({ cells }) => cells[i] ?? { text: '' })),
  ]
  const note =
    leftOut === 0
      ? ''
      : `${page.spell('…')} and ${formatQuantity(leftOut, 'column')} for which the terminal is too narrow; --format json has all\n`
  return lines.join('') + note
}

const NUMBER = /^(U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)|DOUBLE|FLOAT|DECIMAL\(.*\)|BIGNUM)$/

function toTableColumn({ name, type }: Column, rows: readonly Row[]): TableColumn {
  const cells = rows.map((row) => toCell(row[name]))
  const title = escapeControls(name)
  const shownType = escapeControls(type)
  const width = Math.max(1, widthOf([title, shownType, ...cells.map(({ text }) => text)]))
  const least = Math.min(width, Math.max(LEAST_WIDTH, Math.min(WIDEST_NAME, stringWidth(title))))
  return { name: title, type: shownType, isNumber: NUMBER.test(type), cells, width, least }
}

/** NULL is told from texts: the text NULL, the empty one, and one with blanks around it stand in quotes. */
function toCell(value: unknown): Cell {
  if (value === null || value === undefined) return { text: 'NULL', isNull: true }
  if (typeof value !== 'string') return { text: escapeControls(String(value)) }
  const isPlain = value !== '' && value !== 'NULL' && value.trim() === value
  return { text: isPlain ? escapeControls(value) : `"${escapeControls(value)}"` }
}

/** The widest columns give way first, all to the same width. */
function fitColumns(
  columns: readonly TableColumn[],
  width: number,
): { readonly fitting: readonly TableColumn[]; readonly leftOut: number } {
  const narrow = (column: TableColumn, most: number) => Math.max(column.least, Math.min(column.width, most))
  const sum = (most: number) => columns.reduce((all, column) => all + narrow(column, most) + GAP.length, -GAP.length)
  let most = Math.max(...columns.map((column) => column.width))
  while (most > LEAST_WIDTH && sum(most) > width) most--
  const narrowed = columns.map((column) => ({ ...column, width: narrow(column, most) }))
  let room = width + GAP.length
  const fitting = narrowed.filter((column, i) => {
    room -= column.width + GAP.length
    return i === 0 || room >= 0
  })
  return { fitting, leftOut: columns.length - fitting.length }
}

function formatCell({ text, isNull }: Cell, { width, isNumber }: TableColumn, { paint, spell }: Page, color?: Color): string {
  const cut = cutText(text, width, spell('…'))
  const blanks = ' '.repeat(Math.max(0, width - stringWidth(cut)))
  const shade = color ?? (isNull === true ? 'dim' : undefined)
  const painted = shade === undefined ? cut : paint(shade, cut)
  return isNumber ? blanks + painted : painted + blanks
}
