import stringWidth from 'string-width'
import { makePrintable } from '../../core/make-printable.js'
import { formatBytes, formatCount, formatSeconds } from '../../core/quantity.js'
import { cutText, widthOf } from '../../core/text-width.js'
import { STATUS_COLORS, STATUS_MARKS } from '../../graph/status-style.js'
import type { Color } from '../terminal/open-paint.js'
import type { TreeLine } from './tree-lines.js'

/** How lines are written to a terminal. */
export interface LineStyle {
  /** Columns. */
  readonly width: number
  readonly paint: (color: Color, text: string) => string
  /** Spells a drawing in the characters that the terminal shows. */
  readonly spell: (text: string) => string
}

const BAR = 10

/** Figures at the end of a line, from the left to the right: the columns that they take at least, and from which width of the terminal on they are shown. */
const FIGURES: readonly { readonly columns: number; readonly from: number; readonly text: (line: TreeLine) => string }[] = [
  { columns: 17, from: 60, text: ({ rows }) => (typeof rows === 'number' ? formatRows(rows) : '') },
  { columns: 10, from: 100, text: ({ rows, moving }) => formatRate(rows, moving) },
  { columns: 10, from: 90, text: ({ bytes }) => (typeof bytes === 'number' ? formatBytes(bytes) : '') },
  { columns: 9, from: 40, text: ({ seconds }) => (seconds === undefined ? '' : formatSeconds(seconds, 1)) },
]

/** Lays a tree out in lines of at most `width` columns: names, bars and figures below each other. */
export function layOut(lines: readonly TreeLine[], style: LineStyle): readonly string[] {
  const figures = FIGURES.filter(({ from }) => style.width >= from).map((figure) => ({
    ...figure,
    columns: Math.max(figure.columns, 2 + widthOf(lines.map(figure.text))),
  }))
  const room = style.width - figures.reduce((sum, { columns }) => sum + columns, 0)
  const lefts = lines.map((line) => leadOf(line).length + 2 + stringWidth(line.name))
  const withBars = lines.flatMap((line, i) => (progressOf(line).length > 0 ? [lefts[i] ?? 0] : []))
  const nameEnd = Math.min(Math.max(0, ...withBars), Math.floor(room * 0.6))
  return lines.map((line) => style.spell(writeLine(line, style, { figures, room, nameEnd })))
}

interface Columns {
  readonly figures: typeof FIGURES
  /** Columns for all but the figures. */
  readonly room: number
  /** Where names end that have something behind them. */
  readonly nameEnd: number
}

function writeLine(line: TreeLine, style: LineStyle, { figures, room, nameEnd }: Columns): string {
  const { status } = line
  const { paint, width } = style
  const lead = leadOf(line)
  const progress = progressOf(line)
  const numbers = figures.map(({ columns, text }) => ({ columns, text: text(line) }))
  const hasNumbers = numbers.some(({ text }) => text !== '')
  const most = progress.length > 0 ? nameEnd : hasNumbers ? room : width
  const name = cutText(makePrintable(line.name), Math.max(1, most - lead.length - 2))
  const mark = STATUS_MARKS[status]
  const written = `${lead}${paint(STATUS_COLORS[status], mark)} ${status === 'not begun' || status === 'skipped' ? paint('dim', name) : name}`
  let used = lead.length + 2 + stringWidth(name)
  let text = written
  if (progress.length > 0) {
    const behind = cutText(progress, Math.max(0, (hasNumbers ? room : width) - nameEnd - 2))
    text += `${' '.repeat(Math.max(0, nameEnd - used) + 2)}${paint(STATUS_COLORS[status], behind)}`
    used = Math.max(nameEnd, used) + 2 + stringWidth(behind)
  }
  if (!hasNumbers) return text
  const tail = numbers.map((number) => number.text.slice(0, number.columns).padStart(number.columns)).join('')
  return `${text}${' '.repeat(Math.max(0, room - used))}${tail}`
}

function leadOf({ depth }: TreeLine): string {
  return '  '.repeat(depth)
}

function progressOf({ share, text }: TreeLine): string {
  const percent = share === undefined || text !== undefined ? '' : `${Math.floor(share * 100)} %`.padStart(5)
  return [share === undefined ? '' : `${drawBar(share)}${percent}`, text ?? ''].filter((part) => part !== '').join(' ')
}

function drawBar(share: number): string {
  const full = Math.floor(Math.min(1, Math.max(0, share)) * BAR)
  return '█'.repeat(full) + '░'.repeat(BAR - full)
}

/** In millions where it would be too long. */
function formatRows(rows: number): string {
  return `${rows < 1e9 ? formatCount(rows) : `${formatCount(Math.round(rows / 1e6))}M`} rows`
}

function formatRate(rows: number | null | undefined, seconds: number | undefined): string {
  if (typeof rows !== 'number' || seconds === undefined || seconds <= 0) return ''
  const rate = rows / seconds
  if (rate >= 1e6) return `${(rate / 1e6).toFixed(1)}M/s`
  return rate >= 1e4 ? `${Math.round(rate / 1e3)}k/s` : `${Math.round(rate)}/s`
}
