import { countProgress, describeProgress } from '../../../core/describe-progress.js'
import { escapeControls } from '../../../core/escape-controls.js'
import { listShort } from '../../../core/list-short.js'
import { formatBytes, formatQuantity, formatSeconds } from '../../../core/quantity.js'
import type { HistoryStatus } from '../../../core/run-progress.js'
import { STATUS_COLORS } from '../../../graph/status-style.js'
import { formatMoment } from '../format-moment.js'
import { formatTimeline } from '../timeline/format-timeline.js'
import type { PageStyle } from './page-style.js'
import type { ShownRun } from './shown-run.js'

/** What `pype show` prints: what came of a run, its sub flows and nodes over time, its errors, and how to go on. `errors` are written out already. */
export function formatRun(shown: ShownRun, errors: string, style: PageStyle): string {
  const parts = [formatHead(shown, style), formatTimeline(shown, style), errors, formatTail(shown)]
  return parts.filter((part) => part !== '').join('\n')
}

/** What a title says before the time. Of a process that was killed nobody knows when that was. */
const VERDICTS: { readonly [status in HistoryStatus]?: string } = {
  running: 'running for',
  completed: 'completed in',
  killed: 'killed, its last sign of life after',
}

function formatHead(shown: ShownRun, { paint }: PageStyle): string {
  const { job, status, seconds, rows, processes, date, context, set, spilled, peak_memory } = shown
  const verdict = VERDICTS[status] ?? `${status} after`
  const title = `${paint('bold', job ?? '?')}: ${paint(STATUS_COLORS[status], verdict)} ${formatSeconds(seconds)}`
  const values = Object.entries(set).map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
  const first = processes[0]
  const { ended, last_sign } = processes.at(-1) ?? {}
  const fields: (readonly [string, string] | undefined)[] = [
    ['run', shown.run],
    date === null ? undefined : ['date', `${date.replace(/ 00:00:00$/, '')}${context === null ? '' : `, context ${context}`}`],
    values.length === 0 ? undefined : ['set', values.join(' ')],
    first === undefined
      ? undefined
      : [
          'started',
          [
            formatMoment(first.started),
            ended && `ended ${formatMoment(ended)}`,
            last_sign && `last sign of life ${formatMoment(last_sign)}`,
          ]
            .filter(Boolean)
            .join(', ')
            .concat(' UTC'),
        ],
    shown.sub_flows.length === 0
      ? undefined
      : ['progress', describeProgress(countProgress(shown.sub_flows.map((each) => each.status)), shown.sub_flows.length, 'sub flow')],
    processes.length < 2 ? undefined : ['resumed', processes.length === 2 ? 'once' : `${processes.length - 1} times`],
    shown.parent === null ? undefined : ['part of', shown.parent],
    rows === null ? undefined : ['written', formatQuantity(rows, 'row')],
    spilled.artifacts === 0 ? undefined : ['on disk', `${formatQuantity(spilled.artifacts, 'artifact')}, ${formatBytes(spilled.bytes)}`],
    peak_memory === null ? undefined : ['memory', `${formatBytes(peak_memory)} at most`],
    ['folder', shown.folder],
  ]
  const lines = fields.flatMap((field) =>
    field === undefined ? [] : [`  ${paint('dim', field[0].padEnd(8))}  ${escapeControls(field[1])}`],
  )
  return `${[title, ...lines].join('\n')}\n`
}

function formatTail({ children, changed_since, resume, why_not_resumable: reason, status }: ShownRun): string {
  const lines: string[] = []
  if (changed_since.length > 0) lines.push(`changed in the job since: ${listShort(changed_since, 8)}`)
  if (children.length > 0) lines.push(`it started ${listShort([...new Set(children.map(({ run }) => run))], 3)}`)
  if (resume !== null) lines.push(`to resume it: ${resume}`)
  else if (reason !== null && status !== 'completed' && status !== 'running') lines.push(`it cannot be resumed: ${reason}`)
  return lines.map((line) => `${line}\n`).join('')
}
