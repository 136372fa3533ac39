import { formatQuantity } from '../../core/quantity.js'
import { cutText } from '../../core/text-width.js'
import type { ReportStyle } from './report-style.js'

/** Lines that are shown of each side. */
const MOST_LINES = 10

/** The lines in which two texts differ, between those that they have alike at their beginnings and their ends. */
export function formatTextDifference(expected: string, found: string, { width, paint }: ReportStyle): readonly string[] {
  const [a, b] = [expected.split('\n'), found.split('\n')]
  const most = Math.min(a.length, b.length)
  let start = 0
  while (start < most && a[start] === b[start]) start++
  let end = 0
  while (end < most - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++
  const side = (mark: '-' | '+', lines: readonly string[]) => {
    const rest = lines.slice(start, lines.length - end)
    const sign = paint(mark === '-' ? 'red' : 'green', mark)
    const shown = rest.slice(0, MOST_LINES).map((line) => `  ${sign} ${cutText(show(line), width - 4)}`.trimEnd())
    return rest.length > shown.length ? [...shown, `    … and ${formatQuantity(rest.length - shown.length, 'more line')}`] : shown
  }
  return [paint('dim', `    from line ${start + 1}`), ...side('-', a), ...side('+', b)]
}

function show(line: string): string {
  return line.replaceAll('\r', '␍').replace(/[\p{Cc}\p{Bidi_Control}]/gu, '\uFFFD')
}
