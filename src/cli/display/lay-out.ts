import stringWidth from 'string-width'
import { formatBytes, formatCount } from '../../core/quantity.js'
import type { ProgressStatus } from '../../core/run-progress.js'
import { cutText } from '../../core/text-width.js'
import { STATUS_COLORS, STATUS_MARKS } from '../../graph/status-style.js'
import { makePrintable } from '../terminal/make-printable.js'
import type { Color } from '../terminal/open-paint.js'
import type { TreeLine } from './tree-lines.js'

/** How lines are written to a terminal. */
export interface LineStyle {
  /** Columns. */
  readonly width: number
  readonly paint: (color: Color, text: string) => string
  /** Whether the terminal shows more than ASCII. */
  readonly isUnicode: boolean
}

const ASCII_MARKS: { readonly [status in ProgressStatus]: string } = {
  completed: '+',
  failed: 'x',
  skipped: '-',
  blocked: '!',
  cancelled: '#',
  running: '>',
  killed: '?',
  'not begun': '.',
}

const BAR = 10

/** Figures at the end of a line, from the left to the right: their columns, and from which width of the terminal on they are shown. */
const FIGURES: readonly { readonly columns: number; readonly from: number; readonly text: (line: TreeLine) => string }[] = [
  { columns: 17, from: 60, text: ({ rows }) => (typeof rows === 'number' ? formatRows(rows) : '') },
  { columns: 10, from: 100, text: ({ rows, moving }) => formatRate(rows, moving) },
  { columns: 10, from: 90, text: ({ bytes }) => (typeof bytes === 'number' ? formatBytes(bytes) : '') },
  { columns: 9, from: 40, text: ({ seconds }) => (seconds === undefined ? '' : formatTime(seconds)) },
]

/** Lays a tree out in lines of at most `width` columns: names, bars and figures below each other. */
export function layOut(lines: readonly TreeLine[], style: LineStyle): readonly string[] {
  const figures = FIGURES.filter(({ from }) => style.width >= from)
  const room = style.width - figures.reduce((sum, { columns }) => sum + columns, 0)
  const lefts = lines.map((line) => leadOf(line).length + 2 + stringWidth(line.name))
  const withBars = lines.flatMap((line, i) => (progressOf(line, style).length > 0 ? [lefts[i] ?? 0] : []))
  const nameEnd = Math.min(Math.max(0, ...withBars), Math.floor(room * 0.6))
  return lines.map((line) => writeLine(line, style, { figures, room, nameEnd }))
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
  const progress = progressOf(line, style)
  const numbers = figures.map(({ columns, text }) => ({ columns, text: text(line) }))
  const hasNumbers = numbers.some(({ text }) => text !== '')
  const most = progress.length > 0 ? nameEnd : hasNumbers ? room : width
  const name = cutText(makePrintable(line.name), Math.max(1, most - lead.length - 2))
  const mark = (style.isUnicode ? STATUS_MARKS : ASCII_MARKS)[status]
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
  return `${text}${' '.repeat(Math.max(0, room - used))}${paint('dim', tail)}`
}

function leadOf({ depth }: TreeLine): string {
  return '  '.repeat(depth)
}

function progressOf({ share, text }: TreeLine, { isUnicode }: LineStyle): string {
  const percent = share === undefined || text !== undefined ? '' : `${Math.floor(share * 100)} %`.padStart(5)
  return [share === undefined ? '' : `${drawBar(share, isUnicode)}${percent}`, text ?? ''].filter((part) => part !== '').join(' ')
}

function drawBar(share: number, isUnicode: boolean): string {
  const full = Math.floor(Math.min(1, Math.max(0, share)) * BAR)
  const [done, open] = isUnicode ? ['█', '░'] : ['#', '.']
  return done.repeat(full) + open.repeat(BAR - full)
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

/** `12.3 s`, `2:03`, `1:02:03`. */
export function formatTime(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(1)} s`
  const whole = Math.floor(seconds)
  const minutes = Math.floor(whole / 60)
  const rest = String(whole % 60).padStart(2, '0')
  return minutes < 60 ? `${minutes}:${rest}` : `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}:${rest}`
}
