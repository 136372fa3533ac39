import type { ProgressStatus } from '../../../core/run-progress.js'
import { STATUS_COLORS } from '../../../graph/status-style.js'
import type { PageStyle } from '../show/page-style.js'
import type { TimeAxis } from './time-axis.js'

/** A stretch of work to be drawn. */
export interface Bar {
  /** Index of the process of the run. */
  readonly process: number
  /** Milliseconds since 1970. */
  readonly from: number
  readonly to: number
  readonly status: ProgressStatus
  /** `estimated`: of a sub flow of which it is not recorded when it began. */
  readonly kind: 'sub flow' | 'node' | 'estimated'
}

const TEXTS = { 'sub flow': '█', node: '━', estimated: '░' } as const

interface Cell {
  readonly text: string
  readonly status: ProgressStatus
}

/** Bars in a line: `█` for a sub flow, `━` for a node, `░` for what has no end, with a mark where it failed, runs or was killed; `┊` where a later process begins. */
export function drawBars(bars: readonly Bar[], axis: TimeAxis, paint: PageStyle['paint']): string {
  const cells = new Array<Cell | undefined>(axis.width)
  const spans = bars.map((bar) => axis.cellsOf(bar.process, bar))
  for (const [i, bar] of bars.entries()) {
    const { first, end } = spans[i] ?? { first: 0, end: 0 }
    const text = TEXTS[bar.kind]
    for (let at = first; at < end; at++) cells[at] = { text, status: bar.status }
  }
  // A bar of a later process may begin in the cell where the one before failed.
  bars.forEach(({ status }, i) => {
    const mark = END_MARKS[status]
    const at = (spans[i]?.end ?? 0) - 1
    const isAllOfLater = spans.slice(i + 1).some(({ first, end }) => first === at && end === at + 1)
    if (mark !== undefined && !isAllOfLater) cells[at] = { text: mark, status }
  })
  for (const seam of axis.seams()) cells[seam] ??= { text: '┊', status: 'not begun' }
  let line = ''
  for (let i = 0; i < axis.width; ) {
    const status = cells[i]?.status
    let text = ''
    for (; i < axis.width && cells[i]?.status === status; i++) text += cells[i]?.text ?? ' '
    line += status === undefined ? text : paint(STATUS_COLORS[status], text)
  }
  return line.trimEnd()
}

/** So that nobody has to tell colours apart. */
const END_MARKS: { readonly [status in ProgressStatus]?: string } = { failed: '✗', cancelled: '■', running: '▶', killed: '†' }
