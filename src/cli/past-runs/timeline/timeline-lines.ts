import { listShort } from '../../../core/list-short.js'
import { formatCount, formatQuantity, formatSeconds } from '../../../core/quantity.js'
import type { ProgressStatus } from '../../../core/run-progress.js'
import { describeSubFlow } from '../../../graph/describe.js'
import type { ShownLife, ShownNode, ShownSubFlow, ShownWork } from '../show/shown-run.js'
import type { Bar } from './draw-bars.js'

/** A line of a timeline before its columns are known. */
export interface TimelineLine {
  /** Blanks at its beginning move the line in. */
  readonly name: string
  readonly status: ProgressStatus
  readonly module?: string
  readonly rows?: string
  readonly time?: string
  readonly bars?: readonly Bar[]
  /** In the place of the bars. */
  readonly note?: string
  /** It goes on with what is above. */
  readonly isContinued?: true
}

/** So many sub flows in a row of which there is only one thing to tell share a line. */
const MOST_ALIKE = 4
/** Names in such a line; a terminal mostly cuts it before. */
const MOST_NAMES = 20

/** The lines of sub flows and their nodes; `now` is where what still runs ends for now, in milliseconds since 1970. */
export function listLines(subFlows: readonly ShownSubFlow[], now: number): readonly TimelineLine[] {
  return groupAlike(subFlows).flatMap((group) =>
    group.length > MOST_ALIKE ? [describeAlike(group)] : group.flatMap((each) => describeSubFlowLines(each, now)),
  )
}

/** A sub flow of one node is a line; one of several has a line of its own above theirs. */
function describeSubFlowLines(subFlow: ShownSubFlow, now: number): readonly TimelineLine[] {
  const { name, status, nodes, work, passes, items, attempts } = subFlow
  const only = nodes.length === 1 ? nodes[0] : undefined
  const notes = [
    ...(attempts > 1 ? [formatQuantity(attempts, 'attempt')] : []),
    ...(passes === null ? [] : [describeSubFlow({ status, passes, items: items ?? 0 })]),
  ]
  const hasWorked = work.length > 0
  const first: TimelineLine = {
    name: only?.node ?? name,
    status,
    ...(only === undefined ? {} : countsOf(only)),
    ...(hasWorked ? timesOf(work, now) : { note: passes === null ? status : notes.join(', ') }),
  }
  const more: TimelineLine[] = hasWorked && notes.length > 0 ? [{ name: '', status, note: notes.join(', '), isContinued: true }] : []
  const ports = only === undefined ? [] : listPorts(only, '  ')
  return [
    first,
    ...ports,
    ...more,
    ...(only === undefined ? nodes.flatMap((node) => [describeNode(node, work), ...listPorts(node, '    ')]) : []),
  ]
}

/** Where a bar ends, in milliseconds since 1970: now for what still runs, the last sign of life of what was killed. */
export function endOf({ ended, last_sign }: ShownLife, now: number): number {
  const end = ended ?? last_sign
  return end === undefined ? now : Date.parse(end)
}

function timesOf(work: readonly ShownWork[], now: number): Pick<TimelineLine, 'time' | 'bars'> {
  const bars = work.map((each): Bar => {
    const { process, started, status, estimated } = each
    return {
      process: process - 1,
      from: Date.parse(started),
      to: endOf(each, now),
      status,
      kind: estimated === true ? 'estimated' : 'sub flow',
    }
  })
  // How long it worked when it was killed, nobody knows.
  if (work.some(({ last_sign }) => last_sign !== undefined)) return { bars }
  return { time: formatSeconds(bars.reduce((sum, { from, to }) => sum + Math.max(0, to - from), 0) / 1000), bars }
}

function describeNode(node: ShownNode, work: readonly ShownWork[]): TimelineLine {
  const { time, status, seconds } = node
  const process = (work.at(-1)?.process ?? 1) - 1
  const bars: Bar[] =
    time === null || time.ended === null
      ? []
      : [{ process, from: Date.parse(time.started), to: Date.parse(time.ended), status, kind: 'node' }]
  // A query takes no time of its own: it runs inside of the statements of others.
  const own = seconds === null || seconds === 0 ? {} : { time: formatSeconds(seconds) }
  return { name: `  ${node.node}`, status, ...countsOf(node), ...own, bars }
}

function countsOf({ module: known, rows, runs, rejected }: ShownNode): Pick<TimelineLine, 'module' | 'rows'> {
  const module = known ?? ''
  const bad = rejected === null || rejected === 0 ? '' : ` (${formatCount(rejected)} rejected)`
  const counted = rows === null && bad === '' ? {} : { rows: `${rows === null ? '-' : formatCount(rows)}${bad}` }
  return { module: runs > 1 ? `${module} ×${formatCount(runs)}` : module, ...counted }
}

/** The rows of each port, where those of the node do not tell them. */
function listPorts({ status, rows, rejected, outputs }: ShownNode, lead: string): readonly TimelineLine[] {
  const [first, ...others] = Object.entries(outputs)
  const isTold = (first?.[1] ?? rows) === rows && others.every(([port, count]) => port === 'reject' && count === rejected)
  if (isTold) return []
  return Object.entries(outputs).map(([port, count]) => ({ name: `${lead}.${port}`, status, rows: formatCount(count), isContinued: true }))
}

/** Long rows of sub flows that were skipped, were blocked or have not begun come together. */
function groupAlike(subFlows: readonly ShownSubFlow[]): readonly (readonly ShownSubFlow[])[] {
  const isPlain = ({ work, passes }: ShownSubFlow) => work.length === 0 && passes === null
  const groups: ShownSubFlow[][] = []
  for (const each of subFlows) {
    const last = groups.at(-1)
    const before = last?.[0]
    if (last !== undefined && before !== undefined && isPlain(before) && isPlain(each) && before.status === each.status) last.push(each)
    else groups.push([each])
  }
  // Short ones are told one by one.
  return groups
}

function describeAlike(group: readonly ShownSubFlow[]): TimelineLine {
  const status = group[0]?.status ?? 'not begun'
  const names = group.map(({ name }) => name)
  return { name: formatQuantity(group.length, 'sub flow'), status, note: `${status}: ${listShort(names, MOST_NAMES)}` }
}
