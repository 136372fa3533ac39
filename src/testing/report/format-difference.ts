import { escapeControls } from '../../core/escape-controls.js'
import { formatQuantity } from '../../core/quantity.js'
import { cutText, padText, widthOf } from '../../core/text-width.js'
import type { Cell } from '../compare/cell.js'
import type { RowsDifference } from '../compare/failure.js'
import { areNear } from '../compare/near-cells.js'
import type { ReportStyle } from './report-style.js'

/** Rows that are shown of each difference. */
const MOST_ROWS = 20
/** Widths that cells are clipped to: the first with which the table fits. */
const WIDTHS = [40, 24, 14, 8]

type Mark = '-' | '+' | '~'

const MARK_COLORS = { '-': 'red', '+': 'green', '~': 'magenta' } as const

interface Line {
  readonly mark: Mark
  /** One text per column, and whether it is what differs. */
  readonly cells: readonly { readonly text: string; readonly differs: boolean }[]
}

/** A table of the rows that differ: `-` is missing, `+` unexpected, `~` has other values, marked `expected → found`. Whole lines are not coloured: green is hard to read on a light background. */
export function formatRowsDifference(difference: RowsDifference, { width, paint }: ReportStyle): readonly string[] {
  const lines = listLines(difference)
  const shown = lines.slice(0, MOST_ROWS)
  const { names, rows } = fitTable(difference, shown, width)
  const sizes = names.map((name, i) => widthOf([name, ...rows.map(({ cells }) => cells[i]?.text ?? '')]))
  const pad = (text: string, i: number) => padText(text, sizes[i] ?? 0)
  const header = `    ${names.map(pad).join('  ')}`.trimEnd()
  const body = rows.map(({ mark, cells }) => {
    const texts = cells.map(({ text, differs }, i) =>
      mark === '~' && differs ? paint('magenta', text) + pad(text, i).slice(text.length) : pad(text, i),
    )
    return `  ${paint(MARK_COLORS[mark], mark)} ${texts.join('  ')}`.trimEnd()
  })
  const more = lines.length - shown.length
  return [paint('dim', header), ...body, ...(more > 0 ? [`    … and ${formatQuantity(more, 'more row')}`] : [])]
}

function listLines({ columns, expected, found, match, measures }: RowsDifference): readonly Line[] {
  const plain = (mark: Mark, cells: readonly Cell[] = []): Line => ({
    mark,
    cells: cells.map((cell) => ({ text: showCell(cell), differs: false })),
  })
  if (match.isReordered) {
    const at = expected.findIndex((row, i) => row.cells.some((cell, column) => cell.key !== found[i]?.cells[column]?.key))
    return [plain('-', expected[at]?.cells), plain('+', found[at]?.cells)]
  }
  const changed = match.changed.map((pair): readonly [number, Line] => {
    const cells = columns.map((_, i) => {
      const [a, b] = [expected[pair.expected]?.cells[i], found[pair.found]?.cells[i]]
      const differs = !areNear(a, b, measures[i])
      return { text: differs ? `${showCell(a)} → ${showCell(b)}` : showCell(b), differs }
    })
    return [pair.expected, { mark: '~', cells }]
  })
  const missing = match.missing.map((i): readonly [number, Line] => [i, plain('-', expected[i]?.cells)])
  const inOrder = [...changed, ...missing].sort(([a], [b]) => a - b).map(([, line]) => line)
  return [...inOrder, ...match.unexpected.map((i) => plain('+', found[i]?.cells))]
}

/** Clips cells, and in the end leaves columns out, until a line fits: those that differ and the first ones stay. */
function fitTable(
  { columns }: RowsDifference,
  lines: readonly Line[],
  width: number,
): { readonly names: readonly string[]; readonly rows: readonly Line[] } {
  const names = columns.map(({ name }) => escapeControls(name))
  const clipped = (limit: number) => ({
    names: names.map((name) => cutText(name, limit)),
    rows: lines.map((line) => ({
      ...line,
      cells: line.cells.map((cell) => ({ ...cell, text: cutText(cell.text, cell.differs ? limit * 2 : limit) })),
    })),
  })
  const tableWidth = (table: ReturnType<typeof clipped>) =>
    4 + table.names.reduce((sum, name, i) => sum + 2 + widthOf([name, ...table.rows.map(({ cells }) => cells[i]?.text ?? '')]), -2)
  const limit = WIDTHS.find((each) => tableWidth(clipped(each)) <= width)
  if (limit !== undefined) return clipped(limit)
  const table = clipped(WIDTHS.at(-1) ?? 8)
  const byWorth = [...names.keys()].sort((a, b) => worth(b, lines) - worth(a, lines) || a - b)
  let kept = names.map((_, i) => i)
  for (const column of byWorth.reverse()) {
    if (tableWidth(pick(table, kept)) + 3 <= width || kept.length === 1) break
    kept = kept.filter((i) => i !== column)
  }
  const picked = pick(table, kept)
  return {
    names: [...picked.names, '…'],
    rows: picked.rows.map((line) => ({ ...line, cells: [...line.cells, { text: '…', differs: false }] })),
  }
}

function worth(column: number, lines: readonly Line[]): number {
  return lines.some(({ cells }) => cells[column]?.differs === true) ? 1 : 0
}

function pick<T extends { readonly names: readonly string[]; readonly rows: readonly Line[] }>(
  { names, rows }: T,
  kept: readonly number[],
) {
  return {
    names: kept.map((i) => names[i] ?? ''),
    rows: rows.map((line) => ({ ...line, cells: kept.map((i) => line.cells[i] ?? { text: '', differs: false }) })),
  }
}

/** NULL is told apart from a text that says so, and a blank from none. */
function showCell(cell: Cell | undefined): string {
  if (cell === undefined || cell.text === null) return 'NULL'
  const { text } = cell
  const isPlain = text !== '' && text !== 'NULL' && text === text.trim() && text === escapeControls(text)
  return isPlain ? text : escapeControls(JSON.stringify(text))
}
