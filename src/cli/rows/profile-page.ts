import stringWidth from 'string-width'
import { escapeControls } from '../../core/escape-controls.js'
import { formatCount, formatQuantity } from '../../core/quantity.js'
import { cutText } from '../../core/text-width.js'
import type { ColumnProfile, RowsProfile } from '../../engine/rows-profile.js'
import type { Page } from '../terminal/open-page.js'

const INDENT = '  '
/** Longer values are cut: several stand on a line. */
const WIDEST_VALUE = 30
/** Columns that a long type keeps beside a long name. */
const LEAST_TYPE = 20
const BLOCKS = '▁▂▃▄▅▆▇█'
const EMPTY_BIN = '·'
/** Characters for a bin. */
const BIN_WIDTH = 2

/** A profile as text, a paragraph for each column; lines are broken at the columns of the page. Values are not spelled otherwise than they are. */
export function formatProfile(title: string, profile: RowsProfile, page: Page): string {
  const { rows, columns, exact } = profile
  const head = `${title}: ${formatQuantity(rows, 'row')}, ${formatQuantity(columns.length, 'column')}\n`
  const note = exact
    ? ''
    : '~ marks what is close, and not exact: quantiles, and numbers of many distinct values, with the choice of their top values\n'
  return [head + note, ...columns.map((column) => formatColumn(column, profile, page))].join('\n')
}

function formatColumn(column: ColumnProfile, { rows, exact }: RowsProfile, { width, paint, spell }: Page): string {
  const { nulls, distinct, distinct_exact } = column
  const type = escapeControls(column.type)
  const name = cutText(escapeControls(column.name), width - INDENT.length - Math.min(LEAST_TYPE, stringWidth(type)), spell('…'))
  const title = `${paint('bold', name)}${INDENT}${paint('dim', cutText(type, width - INDENT.length - stringWidth(name), spell('…')))}`
  const counts = `${formatShare('null', nulls, rows)}, ${distinct_exact ? '' : '~'}${formatCount(distinct)} distinct`
  const lines = [[counts], formatRange(column, exact, spell), formatTop(column, rows, spell), formatHistogram(column, spell)]
  return [title, ...lines.flatMap((items) => breakLines(items, width))].map((line) => `${line}\n`).join('')
}

function formatRange({ min, max, quantiles }: ColumnProfile, exact: boolean, spell: Page['spell']): readonly string[] {
  if (min === null || max === null) return []
  const about = exact ? '' : '~'
  const middle = quantiles === null ? [] : [`25% ${about}${quantiles.p25}`, `50% ${about}${quantiles.p50}`, `75% ${about}${quantiles.p75}`]
  return [`min ${showValue(min, spell)}`, ...middle, `max ${showValue(max, spell)}`]
}

/** Values that are all different have no top. */
function formatTop({ top, distinct }: ColumnProfile, rows: number, spell: Page['spell']): readonly string[] {
  const [first] = top
  if (first === undefined || (first.rows === 1 && distinct > top.length)) return []
  return ['top', ...top.map((each) => `${showValue(each.value, spell)} ${formatPercent(each.rows, rows)}`)]
}

/** Lower ends are part of their bins. */
function formatHistogram({ histogram }: ColumnProfile, spell: Page['spell']): readonly string[] {
  const [first] = histogram ?? []
  if (histogram === null || first === undefined) return []
  const most = Math.max(...histogram.map(({ rows }) => rows))
  const bars = histogram.map(({ rows }) =>
    (rows === 0 ? EMPTY_BIN : (BLOCKS[Math.ceil((rows / most) * BLOCKS.length) - 1] ?? '')).repeat(BIN_WIDTH),
  )
  return [`${first.from} ${spell(bars.join(''))} ${histogram.at(-1)?.to}`]
}

/** Items on as few lines as they fit on. */
function breakLines(items: readonly string[], width: number): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (const item of items) {
    const longer = line === '' ? INDENT + item : `${line}${INDENT}${item}`
    if (line !== '' && stringWidth(longer) > width) {
      lines.push(line)
      line = INDENT + INDENT + item
    } else line = longer
  }
  return line === '' ? lines : [...lines, line]
}

function showValue(value: string, spell: Page['spell']): string {
  const isPlain = value !== '' && value.trim() === value
  return cutText(isPlain ? escapeControls(value) : `"${escapeControls(value)}"`, WIDEST_VALUE, spell('…'))
}

function formatShare(word: string, count: number, rows: number): string {
  return count === 0 ? `no ${word}s` : `${formatQuantity(count, word)} (${formatPercent(count, rows)})`
}

/** Never 0% of something, and never 100% of less than all. */
function formatPercent(count: number, rows: number): string {
  const percent = (100 * count) / rows
  if (percent > 0 && percent < 0.1) return '<0.1%'
  if (percent < 100 && percent > 99.9) return '>99.9%'
  return `${Number(percent.toFixed(1))}%`
}
