import { describeFlow, describeLoop, describeRun } from '../describe.js'
import type { Drawing } from '../drawing.js'
import type { Box } from './arrange-box.js'
import { escapeXml } from './escape-xml.js'
import type { Point, Rect } from './graphviz.js'
import { SMALL_SIZE, textWidth } from './measure.js'
import type { Page } from './page-layout.js'
import { classOf, writeStyle } from './theme.js'
import { TIPS, writeLabel, writeTip, writeWay } from './write-connection.js'
import { writeLegend } from './write-legend.js'
import { writeNode } from './write-node.js'
import { joinWay, round, writeCurve } from './write-path.js'

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

function writeFrame({ x, y, width, height }: Rect, kind: string, radius: number, tip: string): string {
  return `<rect class="${kind}" x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" rx="${radius}"><title>${escapeXml(tip)}</title></rect>`
}

/** What is written in a frame, at the top; lines may cross it. */
function writeCaption(kind: string, { x, y }: Point, text: string): string {
  return text === ''
    ? ''
    : `<text class="small caption ${kind}-caption" x="${round(x + 10)}" y="${round(y + 15)}">${escapeXml(text)}</text>`
}

function move({ x, y }: Point, by: Point): Point {
  return { x: x + by.x, y: y + by.y }
}

function moveRect(rect: Rect, by: Point): Rect {
  return { ...rect, ...move(rect, by) }
}
