import { describePorts, describeValve } from '../describe.js'
import type { DrawnConnection } from '../drawing.js'
import { escapeXml } from './escape-xml.js'
import type { Point } from './graphviz.js'
import { connectionLines, LABEL_LINE, measureLines } from './measure.js'
import { round } from './write-path.js'

/** The line of a connection; `d` is the data of its path. */
export function writeWay(connection: DrawnConnection, d: string): string {
  const tip = `${connection.from} ${describeConnection(connection)} ${connection.to}`.replace(/ +/g, ' ')
  return `<g class="${kindOf(connection)}"><title>${escapeXml(tip)}</title><path class="way" d="${d}" marker-end="url(#tip-${tipOf(connection)})"/></g>`
}

/** What stands on a connection, around a point. */
export function writeLabel(connection: DrawnConnection, middle: Point | undefined): string {
  const lines = connectionLines(connection)
  if (middle === undefined || lines.length === 0) return ''
  const top = middle.y - measureLines(lines).height / 2
  const texts = lines.map(
    (line, i) => `<text class="small middle halo" x="${round(middle.x)}" y="${round(top + 12 + i * LABEL_LINE)}">${escapeXml(line)}</text>`,
  )
  return `<g class="${kindOf(connection)}"><title>${escapeXml(describeConnection(connection))}</title>${texts.join('')}</g>`
}

function describeConnection(connection: DrawnConnection): string {
  const { control } = connection
  return [describePorts(connection), control === undefined ? '' : describeValve(control)].filter((part) => part !== '').join(' ')
}

/** Rows are a whole line, thick where they are a boundary; control is a broken one in the colour of its type. */
function kindOf({ data, control, isInner, verdict }: DrawnConnection): string {
  const isBoundary = data !== undefined && !isInner
  const kinds = data === undefined ? ['control'] : isBoundary ? ['boundary'] : []
  const taken = verdict === 'not taken' || verdict === 'blocking' ? ['not-taken'] : []
  return [...kinds, tipName(data !== undefined, control?.type), ...taken].join(' ')
}

function tipOf({ data, control }: DrawnConnection): string {
  return tipName(data !== undefined, control?.type)
}

/** A boundary has the colour of rows, unless its valve is a special one. */
function tipName(hasRows: boolean, type: string | undefined): string {
  return hasRows && (type === undefined || type === 'normal') ? 'data' : (type ?? 'data')
}

/** The kinds of tips of arrows. */
export const TIPS = ['data', 'normal', 'iterate', 'start', 'error', 'done'] as const

/** The tip of an arrow, to be defined once. */
export function writeTip(name: string): string {
  return `<marker id="tip-${name}" markerUnits="userSpaceOnUse" markerWidth="10" markerHeight="10" refX="8.5" refY="4.5" orient="auto"><path class="tip-${name}" d="M0 0.5L9 4.5L0 8.5Z"/></marker>`
}
