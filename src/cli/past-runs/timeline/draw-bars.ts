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
  for (const bar of bars) {
    const { first, end } = axis.cellsOf(bar.process, bar)
    const text = TEXTS[bar.kind]
    for (let i = first; i < end; i++) cells[i] = { text, status: bar.status }
    const mark = END_MARKS[bar.status]
    if (mark !== undefined) cells[end - 1] = { text: mark, status: bar.status }
  }
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
