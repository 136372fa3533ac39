import { escapeControls, escapeMessage } from '../../core/escape-controls.js'
import { formatCount, formatQuantity, formatSeconds } from '../../core/quantity.js'
import { hangText } from '../../core/wrap-text.js'
import type { Failure } from '../compare/failure.js'
import type { CaseResult } from '../testing.js'
import { formatRowsDifference } from './format-difference.js'
import { formatTextDifference } from './format-texts.js'
import type { ReportStyle } from './report-style.js'

const MARKS = {
  passed: ['green', 'ok'],
  failed: ['red', 'FAILED'],
  skipped: ['magenta', 'skipped'],
  updated: ['magenta', 'updated'],
} as const

/** A line for a case, and below it all in which it is otherwise than expected. */
export function formatCase({ status, file, name, seconds, reason, failures, folder }: CaseResult, style: ReportStyle): string {
  const [color, word] = MARKS[status]
  const time = status === 'skipped' ? escapeMessage(reason ?? '') : formatSeconds(seconds, 2)
  const title = `${escapeControls(file)}  ${style.paint('bold', escapeControls(name))}  ${style.paint('dim', time)}`
  const head = hangText(`${style.paint(color, word.padEnd(7))} `, title, style.wrapAt)
  const kept = folder === undefined ? [] : [`        kept in ${folder}`]
  return `${[head, ...kept, ...failures.flatMap((failure) => formatFailure(failure, style))].join('\n')}\n`
}

/** One thing that is otherwise: its place, what was found, and how it differs. */
export function formatFailure({ subject, message, at, hint, rows, texts }: Failure, style: ReportStyle): readonly string[] {
  const inner = { ...style, width: Math.max(40, style.width - 2) }
  const wrapAt = style.wrapAt - 2
  const lines = [
    hangText(`${style.paint('bold', `${at.file}:${at.line}:${at.column}`)}  `, escapeMessage(`${subject}: ${message}`), wrapAt),
    ...(rows === undefined ? [] : formatRowsDifference(rows, inner)),
    ...(texts === undefined ? [] : formatTextDifference(texts.expected, texts.found, inner)),
    ...(hint === undefined ? [] : [hangText('hint: ', escapeMessage(hint), wrapAt)]),
  ]
  return lines.map((line) => `  ${line.replaceAll('\n', '\n  ')}`)
}

/** `3 cases: 2 passed, 1 failed.` */
export function formatTotals(results: readonly CaseResult[], seconds: number): string {
  const count = (status: CaseResult['status']) => results.filter((result) => result.status === status).length
  const parts = (['passed', 'failed', 'updated', 'skipped'] as const).flatMap((status) =>
    count(status) > 0 ? [`${formatCount(count(status))} ${status}`] : [],
  )
  return `${formatQuantity(results.length, 'case')}: ${parts.join(', ')} (${formatSeconds(seconds, 1)}).\n`
}
