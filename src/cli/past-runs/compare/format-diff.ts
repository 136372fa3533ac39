import { escapeControls } from '../../../core/escape-controls.js'
import { formatQuantity, formatSeconds } from '../../../core/quantity.js'
import { fitText, widthOf } from '../../../core/text-width.js'
import { STATUS_COLORS, STATUS_MARKS } from '../../../graph/status-style.js'
import type { Color } from '../../terminal/open-paint.js'
import { formatMoment } from '../format-moment.js'
import type { ColumnDiff } from './compare-columns.js'
import type { Pair, RunDiff, RunHead, SubFlowDiff } from './compare-runs.js'
import { type DiffLine, differs, formatNumber, listDiffLines } from './diff-lines.js'

/** How a comparison is written out. */
export interface DiffStyle {
  /** Columns of the terminal. */
  readonly width: number
  readonly paint: (color: Color, text: string) => string
  /** Also the sub flows that did the same. */
  readonly all: boolean
}

/** What `pype diff` prints: the two runs, what they began with, what their sub flows and nodes did, and the columns of their rows. */
export function formatDiff(diff: RunDiff, style: DiffStyle): string {
  const parts = [
    formatHeads(diff.runs, style),
    formatConditions(diff, style),
    formatSubFlows(diff.sub_flows, style),
    formatColumns(diff.columns, style),
  ]
  return parts.filter((part) => part !== '').join('\n')
}

function formatHeads({ a, b }: RunDiff['runs'], { paint }: DiffStyle): string {
  const rows = [a, b].flatMap((head, i) => (head === null ? [] : [[i === 0 ? 'A' : 'B', ...describeHead(head)]]))
  const widths = [0, 1, 2, 3, 4, 5].map((i) => Math.max(...rows.map((row) => (row[i] ?? '').length)))
  return rows
    .map((row, r) => {
      const status = [a, b][r]?.status
      return row
        .map((text, i) => paintIf(i === 2 && status !== undefined ? STATUS_COLORS[status] : undefined, text.padEnd(widths[i] ?? 0), paint))
        .join('  ')
        .trimEnd()
    })
    .map((line) => `${line}\n`)
    .join('')
}

function describeHead({ run, status, started, seconds, rows }: RunHead): string[] {
  const moment = started === null ? '-' : formatMoment(started)
  // When one that was killed ended, nobody knows.
  const time = status === 'killed' ? '' : formatSeconds(seconds)
  return [run, status, moment, time, rows === null ? '' : formatQuantity(rows, 'row')]
}

/** What they ran with, and on. */
function formatConditions({ conditions, sub_flows }: RunDiff, { paint, width }: DiffStyle): string {
  const changed = sub_flows.filter(({ was_changed }) => was_changed).map(({ name }) => name)
  const lines = conditions.map(({ what, a, b }) => [what, escapeControls(`${a ?? '(none)'} → ${b ?? '(none)'}`)])
  if (changed.length > 0) lines.push(['changed in the flow', changed.join(', ')])
  if (lines.length === 0) return ''
  const name = widthOf(lines.map(([what = '']) => what))
  return lines
    .map(([what = '', text = '']) => `  ${paint('dim', fitText(what, name))}  ${fitText(text, Math.max(20, width - name - 5)).trimEnd()}\n`)
    .join('')
}

function formatSubFlows(all: readonly SubFlowDiff[], style: DiffStyle): string {
  const shown = style.all ? all : all.filter(differs)
  const lines = shown.flatMap(listDiffLines)
  const alike = all.length - shown.length
  const rest =
    alike === 0 ? '' : `  ${formatQuantity(alike, 'sub flow')} did the same${shown.length === 0 ? '' : '; --all shows them too'}\n`
  if (lines.length === 0) return rest
  const cells = lines.map(({ rows, seconds }) => [
    formatNumber(rows.a),
    formatNumber(rows.b),
    formatChange(rows),
    formatTime(seconds.a),
    formatTime(seconds.b),
    formatChange(seconds),
  ])
  const titles = ['rows A', 'rows B', '', 'time A', 'time B', '']
  const widths = titles.map((title, i) => Math.max(title.length, ...cells.map((row) => (row[i] ?? '').length)))
  const numbers = widths.reduce((sum, width) => sum + width + 2, 0)
  const longest = Math.max(14, widthOf(lines.map(({ lead, name }) => lead + name)))
  const name = Math.min(longest, Math.max(14, style.width - numbers - 6))
  const write = (row: readonly string[]) => row.map((text, i) => `  ${text.padStart(widths[i] ?? 0)}`).join('')
  const head = style.paint('dim', `     ${fitText('sub flow, node', name)}${write(titles)}`)
  const body = lines.map((line, i) => {
    const title = `${formatMarks(line.status, style)} ${fitText(line.lead + line.name, name)}`
    return `${title}${write(cells[i] ?? [])}${line.note === undefined ? '' : `\n     ${line.lead}${style.paint('dim', line.note)}`}`
  })
  return `${[head, ...body].map((line) => `${line.trimEnd()}\n`).join('')}${rest}`
}

function formatColumns(columns: readonly ColumnDiff[], { paint }: DiffStyle): string {
  if (columns.length === 0) return ''
  const show = (name: string, type: string) => escapeControls(`${name} ${type}`)
  const lines = columns.flatMap(({ port, added, removed, retyped, is_reordered }) => [
    `  ${port}`,
    ...removed.map(({ name, type }) => `    ${paint('red', '-')} ${show(name, type)}`),
    ...added.map(({ name, type }) => `    ${paint('green', '+')} ${show(name, type)}`),
    ...retyped.map(({ name, a, b }) => `    ${paint('magenta', '~')} ${show(name, `${a} → ${b}`)}`),
    ...(is_reordered ? ['    their columns come in another order'] : []),
  ])
  return `${[paint('dim', 'columns'), ...lines].join('\n')}\n`
}

/** `✓→✗`, or ` ✓ ` for the same. */
function formatMarks({ a, b }: DiffLine['status'], { paint }: DiffStyle): string {
  const mark = (status: keyof typeof STATUS_MARKS | null) => (status === null ? ' ' : paint(STATUS_COLORS[status], STATUS_MARKS[status]))
  return a === b ? `  ${mark(a)} ` : `${mark(a)}→${mark(b)} `
}

function formatTime(seconds: number | null): string {
  return seconds === null ? '-' : formatSeconds(seconds)
}

/** `+12 %`, `×3.4`; nothing where they are equal, or one is 0. */
function formatChange({ a, b }: Pair<number>): string {
  if (a === null || b === null || a === b || a === 0 || b === 0) return ''
  const share = b / a - 1
  if (Math.abs(share) < 0.005) return share > 0 ? '+0 %' : '-0 %'
  return share >= 1 ? `×${(b / a).toFixed(b / a < 10 ? 1 : 0)}` : `${share > 0 ? '+' : ''}${Math.round(share * 100)} %`
}

function paintIf(color: Color | undefined, text: string, paint: DiffStyle['paint']): string {
  return color === undefined ? text : paint(color, text)
}
