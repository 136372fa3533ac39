import type { ModuleType } from '../../core/dag.js'
import { describeFlow, describeLoop, describePorts, describeRun, describeValve } from '../describe.js'
import type { Drawing, DrawnConnection, DrawnNode } from '../drawing.js'
import { STATUS_MARKS } from '../status-style.js'
import type { Box } from './arrange-box.js'
import type { Page } from './arrange-page.js'
import type { Point, Rect } from './graphviz.js'
import { connectionLines, LABEL_LINE, measureLines, nodeLines, SMALL_SIZE, textWidth } from './measure.js'
import { classOf, writeStyle } from './theme.js'

const MARGIN = 20
const HEAD = 34
const FOOT = 40

/** Writes a picture down as SVG. It has its own style, light and dark, and needs nothing else. */
export function writeSvg(drawing: Drawing, page: Page): string {
  const legend = writeLegend(drawing)
  const title = describeFlow(drawing)
  const run = drawing.run === undefined ? '' : describeRun(drawing.run)
  const heads = Math.max(textWidth(title, 16), textWidth(run, SMALL_SIZE))
  const width = Math.ceil(Math.max(page.width, legend.width, heads) + 2 * MARGIN)
  const height = Math.ceil(page.height + HEAD + FOOT + MARGIN + (run === '' ? 0 : 16))
  const top = HEAD + (run === '' ? 0 : 16)
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${escapeXml(title)}</title>`,
    `<style>\n${writeStyle()}\n</style>`,
    `<defs>${TIPS.map(writeTip).join('')}</defs>`,
    `<rect class="page" width="${width}" height="${height}"/>`,
    `<text class="title" x="${MARGIN}" y="24">${escapeXml(title)}</text>`,
    ...(run === '' ? [] : [`<text class="small" x="${MARGIN}" y="41">${escapeXml(run)}</text>`]),
    `<g transform="translate(${Math.round((width - page.width) / 2)} ${top})">`,
    ...page.loops.map(({ loop, rect }) => writeFrame(rect, 'loop', 10, describeLoop(loop))),
    ...page.boxes.flatMap(({ box, at }) =>
      box.isFramed ? [writeFrame({ ...at, ...box.size }, `frame ${classOf(statusOf(box))}`.trim(), 7, nameOf(box))] : [],
    ),
    ...page.edges.map(({ connection, exit, curve, entry }) => writeWay(connection, joinWay(exit, curve, entry))),
    ...page.boxes.flatMap(({ box, at }) =>
      box.edges.map(({ connection, curve }) => writeWay(connection, writeCurve(curve.map((point) => move(point, at))))),
    ),
    ...page.boxes.flatMap(({ box, at }) =>
      box.subFlows
        .flatMap(({ nodes }) => nodes)
        .map((node) => writeNode(node, moveRect(box.nodes.get(node.node.id) ?? { x: 0, y: 0, width: 0, height: 0 }, at))),
    ),
    // Above everything that they may touch.
    ...page.loops.map(({ loop, rect }) => writeCaption('loop', rect, describeLoop(loop))),
    ...page.boxes.map(({ box, at }) => writeCaption('frame', at, box.title)),
    ...page.edges.map(({ connection, label }) => writeLabel(connection, label)),
    ...page.boxes.flatMap(({ box, at }) => box.edges.map(({ connection, label }) => writeLabel(connection, label && move(label, at)))),
    '</g>',
    `<g transform="translate(${MARGIN} ${height - 26})">${legend.text}</g>`,
    '</svg>',
    '',
  ].join('\n')
}

function statusOf({ subFlows: [subFlow, another] }: Box): string {
  return another === undefined ? (subFlow?.progress?.status ?? '') : ''
}

function nameOf({ subFlows: [subFlow, another] }: Box): string {
  return another === undefined ? (subFlow?.name ?? '') : ''
}

function writeNode(drawn: DrawnNode, rect: Rect): string {
  const { node, progress } = drawn
  const [id = '', ...small] = nodeLines(drawn)
  const middle = rect.x + rect.width / 2
  const error = progress?.error === undefined ? '' : `\n${progress.error.code} ${progress.error.message}`
  const tip = `${node.id}: ${node.module} (${node.type})${progress === undefined ? '' : `\n${small[1] ?? ''}`}${error}`
  const status = progress === undefined ? '' : ` ${classOf(progress.status)}`
  return [
    `<g class="node ${node.type}${status}" data-node="${node.id}"><title>${escapeXml(tip)}</title>`,
    writeShape(node.type, rect),
    `<text class="id middle" x="${round(middle)}" y="${round(rect.y + 19)}">${escapeXml(id)}</text>`,
    ...small.map(
      (line, i) => `<text class="small middle" x="${round(middle)}" y="${round(rect.y + 34 + i * 15)}">${escapeXml(line)}</text>`,
    ),
    '</g>',
  ].join('')
}

/** A source is round where rows begin, a sink where they end, a mod is a box, and a solo has six corners. */
function writeShape(type: ModuleType, { x, y, width, height }: Rect): string {
  if (type === 'mod')
    return `<rect class="shape" x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" rx="4"/>`
  const right = x + width
  const bottom = y + height
  const radius = height / 2
  const cut = 11
  const outline = {
    source: `M${at(x + radius, y)}H${round(right)}V${round(bottom)}H${round(x + radius)}A${round(radius)} ${round(radius)} 0 0 1 ${at(x + radius, y)}Z`,
    sink: `M${at(x, y)}H${round(right - radius)}A${round(radius)} ${round(radius)} 0 0 1 ${at(right - radius, bottom)}H${round(x)}Z`,
    solo: `M${at(x + cut, y)}H${round(right - cut)}L${at(right, y + radius)}L${at(right - cut, bottom)}H${round(x + cut)}L${at(x, y + radius)}Z`,
  }[type]
  return `<path class="shape" d="${outline}"/>`
}

function writeFrame({ x, y, width, height }: Rect, kind: string, radius: number, tip: string): string {
  return `<rect class="${kind}" x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" rx="${radius}"><title>${escapeXml(tip)}</title></rect>`
}

/** What is written in a frame, at the top; lines may cross it. */
function writeCaption(kind: string, { x, y }: Point, text: string): string {
  return text === ''
    ? ''
    : `<text class="small caption ${kind}-caption" x="${round(x + 10)}" y="${round(y + 15)}">${escapeXml(text)}</text>`
}

function writeWay(connection: DrawnConnection, d: string): string {
  const tip = `${connection.from} ${describeConnection(connection)} ${connection.to}`.replace(/ +/g, ' ')
  return `<g class="${kindOf(connection)}"><title>${escapeXml(tip)}</title><path class="way" d="${d}" marker-end="url(#tip-${tipOf(connection)})"/></g>`
}

function writeLabel(connection: DrawnConnection, middle: Point | undefined): string {
  const lines = connectionLines(connection)
  if (middle === undefined || lines.length === 0) return ''
  const { width, height } = measureLines(lines)
  const top = middle.y - height / 2
  const texts = lines.map(
    (line, i) => `<text class="small middle" x="${round(middle.x)}" y="${round(top + 12 + i * LABEL_LINE)}">${escapeXml(line)}</text>`,
  )
  const halo = `<rect class="halo" x="${round(middle.x - width / 2)}" y="${round(top)}" width="${width}" height="${height}" rx="3"/>`
  return `<g class="${kindOf(connection)}"><title>${escapeXml(describeConnection(connection))}</title>${halo}${texts.join('')}</g>`
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

const TIPS = ['data', 'normal', 'iterate', 'start', 'error', 'done'] as const

function writeTip(name: string): string {
  return `<marker id="tip-${name}" markerUnits="userSpaceOnUse" markerWidth="10" markerHeight="10" refX="8.5" refY="4.5" orient="auto"><path class="tip-${name}" d="M0 0.5L9 4.5L0 8.5Z"/></marker>`
}

/** Out of the box, over the page and into the other one, as one line. */
function joinWay(exit: readonly Point[], curve: readonly Point[], entry: readonly Point[]): string {
  const [first, ...rest] = curve
  // A node without a frame around it begins and ends at its port.
  const isShort = (way: readonly Point[]) => way.every((point) => Math.hypot(point.x - (way[0]?.x ?? 0), point.y - (way[0]?.y ?? 0)) < 2)
  const steps = rest.length === 0 || first === undefined ? [] : [`L${at(first.x, first.y)}`, writeSteps(rest)]
  const begin = isShort(exit) && first !== undefined ? `M${at(first.x, first.y)}` : writeCorners(exit)
  return `${begin}${steps.join('')}${isShort(entry) ? '' : writeCorners(entry).replace('M', 'L')}`
}

function writeCurve([first, ...rest]: readonly Point[]): string {
  return first === undefined ? '' : `M${at(first.x, first.y)}${writeSteps(rest)}`
}

function writeSteps(points: readonly Point[]): string {
  return `C${points.map(({ x, y }) => at(x, y)).join(' ')}`
}

/** Straight lines with their corners rounded. */
function writeCorners(points: readonly Point[]): string {
  const radius = 6
  return points
    .map((point, i) => {
      const before = points[i - 1]
      const after = points[i + 1]
      if (before === undefined) return `M${at(point.x, point.y)}`
      if (after === undefined) return `L${at(point.x, point.y)}`
      const a = toward(point, before, radius)
      const b = toward(point, after, radius)
      return `L${at(a.x, a.y)}Q${at(point.x, point.y)} ${at(b.x, b.y)}`
    })
    .join('')
}

/** From a point, at most `distance` and at most half of the way to another one. */
function toward(from: Point, to: Point, distance: number): Point {
  const length = Math.hypot(to.x - from.x, to.y - from.y)
  const share = length === 0 ? 0 : Math.min(distance, length / 2) / length
  return { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share }
}

interface Legend {
  readonly text: string
  readonly width: number
}

/** What shapes, colours and lines mean: only those that the picture has. */
function writeLegend({ nodes, connections, run }: Drawing): Legend {
  const types = (['source', 'mod', 'sink', 'solo'] as const).filter((type) => nodes.some(({ node }) => node.type === type))
  const statuses = run === undefined ? [] : [...new Set(nodes.flatMap(({ progress }) => (progress === undefined ? [] : [progress.status])))]
  const ways = [
    ...(connections.some(({ data, isInner }) => data !== undefined && isInner) ? [['data', 'rows']] : []),
    ...(connections.some(({ data, isInner }) => data !== undefined && !isInner) ? [['boundary data', 'boundary']] : []),
    ...(['normal', 'iterate', 'start', 'error', 'done'] as const)
      .filter((type) => connections.some(({ data, control }) => data === undefined && control?.type === type))
      .map((type) => [`control ${type}`, type === 'normal' ? 'control' : type]),
  ]
  let x = 0
  const parts: string[] = []
  const add = (kind: string, mark: string, text: string) => {
    parts.push(`<g class="${kind}" transform="translate(${x} 0)">${mark}<text class="small" x="32" y="4">${text}</text></g>`)
    x += 32 + Math.ceil(textWidth(text, SMALL_SIZE)) + 16
  }
  for (const type of types)
    add(
      run === undefined ? type : '',
      writeShape(type, { x: 1, y: -8, width: 25, height: 16 }).replace(
        '/>',
        run === undefined ? '/>' : ' style="fill: none; stroke: #818b98"/>',
      ),
      type,
    )
  for (const status of statuses)
    add(classOf(status), writeShape('mod', { x: 1, y: -8, width: 25, height: 16 }), `${STATUS_MARKS[status]} ${status}`)
  for (const [kind = '', text = ''] of ways)
    add(kind, `<path class="way" d="M0 0H26" marker-end="url(#tip-${kind.split(' ').at(-1)})"/>`, text)
  return { text: parts.join(''), width: x }
}

function move({ x, y }: Point, by: Point): Point {
  return { x: x + by.x, y: y + by.y }
}

function moveRect(rect: Rect, by: Point): Rect {
  return { ...rect, ...move(rect, by) }
}

function at(x: number, y: number): string {
  return `${round(x)},${round(y)}`
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}

/** A text in XML; characters that XML does not have are shown as a mark. */
export function escapeXml(text: string): string {
  return text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, '\uFFFD').replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`)
}
