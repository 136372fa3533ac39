import { fitText, widthOf } from '../../../core/text-width.js'
import { STATUS_COLORS, STATUS_MARKS } from '../../../graph/status-style.js'
import type { PageStyle } from '../show/page-style.js'
import type { ShownRun } from '../show/shown-run.js'
import { drawBars } from './draw-bars.js'
import { TimeAxis } from './time-axis.js'
import { endOf, listLines, type TimelineLine } from './timeline-lines.js'

/** From this width of a terminal on there is room for the modules. */
const WIDE = 110
/** Share of the line that names may take. */
const NAMES = 0.35
const NARROWEST_BARS = 16

interface Widths {
  readonly name: number
  /** 0: they are left out. */
  readonly module: number
  readonly rows: number
  readonly time: number
}

/** The sub flows of a run in the order of its walk, with their nodes, as bars over time. */
export function formatTimeline(shown: ShownRun, style: PageStyle): string {
  const lines = listLines(shown.sub_flows, style.now)
  if (lines.length === 0) return ''
  const widths: Widths = {
    name: Math.min(Math.max(14, widthOf(lines.map(({ name }) => name))), Math.floor(style.width * NAMES)),
    module: style.width < WIDE ? 0 : widthOf(lines.map(({ module = '' }) => module)),
    rows: Math.max(4, widthOf(lines.map(({ rows = '' }) => rows))),
    time: Math.max(4, widthOf(lines.map(({ time = '' }) => time))),
  }
  const taken = 2 + widths.name + (widths.module === 0 ? 0 : 2 + widths.module) + 2 + widths.rows + 2 + widths.time + 2
  const processes = shown.processes.map((process) => ({ from: Date.parse(process.started), to: endOf(process, style.now) }))
  // A cell less than there are: some terminals break a line that is full.
  const axis = new TimeAxis(processes, Math.max(NARROWEST_BARS, style.width - taken - 1))
  return `${[writeTitles(widths, axis, style), ...lines.map((line) => writeLine(line, widths, axis, style))].join('\n')}\n`
}

function writeTitles({ name, module, rows, time }: Widths, axis: TimeAxis, { paint }: PageStyle): string {
  const titles = [`  ${fitText('sub flow, node', name)}`, ...(module === 0 ? [] : ['module'.padEnd(module)])]
  return paint('dim', [...titles, 'rows'.padStart(rows), 'time'.padStart(time), axis.ruler()].join('  '))
}

function writeLine(line: TimelineLine, widths: Widths, axis: TimeAxis, { paint }: PageStyle): string {
  const { name, status, module = '', rows = '', time = '', bars = [], note, isContinued } = line
  if (note !== undefined && isContinued === true) return writeNote(note, widths, axis, paint)
  const lead = /^ */.exec(name)?.[0] ?? ''
  const mark = isContinued === true ? ' ' : STATUS_MARKS[status]
  // Only the mark: green names can hardly be read on a light terminal.
  const title = `${paint(STATUS_COLORS[status], mark)} ${fitText(name.slice(lead.length), widths.name - lead.length)}`
  return [
    `${lead}${title}`,
    ...(widths.module === 0 ? [] : [paint('dim', fitText(module, widths.module))]),
    rows.padStart(widths.rows),
    time.padStart(widths.time),
    note === undefined ? drawBars(bars, axis, paint) : paint('dim', fitText(note, axis.width).trimEnd()),
  ]
    .join('  ')
    .trimEnd()
}

/** Below the bars, and further to the left where it is longer than they are. */
function writeNote(note: string, { name, module, rows, time }: Widths, axis: TimeAxis, paint: PageStyle['paint']): string {
  const lead = 2 + name + (module === 0 ? 0 : 2 + module) + 2 + rows + 2 + time + 2
  const indent = Math.max(4, Math.min(lead, lead + axis.width - widthOf([note])))
  return `${' '.repeat(indent)}${paint('dim', fitText(note, lead + axis.width - indent).trimEnd())}`
}
