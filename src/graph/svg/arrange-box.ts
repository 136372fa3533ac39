import { formatQuantity } from '../../core/quantity.js'
import { describeSubFlow } from '../describe.js'
import type { DrawnConnection, DrawnSubFlow } from '../drawing.js'
import type { LaidOut, LayOut, Point, Rect } from './graphviz.js'
import { connectionLines, measureLines, measureNode, type Size, SMALL_SIZE, textWidth } from './measure.js'

/** A sub flow laid out by itself, or several that are alike. Places are in the box. */
export interface Box {
  readonly subFlows: readonly DrawnSubFlow[]
  readonly size: Size
  /** One node alone needs no frame around it. */
  readonly isFramed: boolean
  /** Written in the frame, at the top. */
  readonly title: string
  readonly nodes: ReadonlyMap<string, Rect>
  readonly edges: readonly BoxEdge[]
}

export interface BoxEdge {
  readonly connection: DrawnConnection
  readonly curve: readonly Point[]
  readonly label: Point | undefined
}

/** Between the frame and the nodes: what comes in or goes out runs there. */
const PADDING = 16
const TITLE = 14
const APART = 14
/** A sub flow that is longer than this is drawn from the top to the bottom, when that is shorter. */
const LONGEST = 2000

/** Lays the nodes of a sub flow out from the left to the right: rows go that way. */
export function arrangeBox(subFlow: DrawnSubFlow, connections: readonly DrawnConnection[], layOut: LayOut): Box {
  const sizes = new Map(subFlow.nodes.map((node) => [node.node.id, measureNode(node)]))
  const laidOut = layOutNodes(sizes, connections, layOut)
  const isFramed = sizes.size > 1
  const title = isFramed && subFlow.progress?.passes !== undefined ? describeSubFlow(subFlow.progress) : ''
  const margin = isFramed ? PADDING : 0
  const top = margin + (title === '' ? 0 : TITLE)
  const shift = ({ x, y }: Point): Point => ({ x: x + margin, y: y + top })
  const nodes = new Map<string, Rect>()
  for (const [id, { width, height }] of sizes) {
    const { x, y } = shift(laidOut.nodes.get(id) ?? { x: 0, y: 0 })
    nodes.set(id, { x: x - width / 2, y: y - height / 2, width, height })
  }
  return {
    subFlows: [subFlow],
    size: {
      width: Math.max(laidOut.width, textWidth(title, SMALL_SIZE)) + 2 * margin,
      height: laidOut.height + top + margin,
    },
    isFramed,
    title,
    nodes,
    edges: connections.flatMap((connection, i) => {
      const edge = laidOut.edges[i]
      return edge === undefined ? [] : [{ connection, curve: edge.curve.map(shift), label: edge.label && shift(edge.label) }]
    }),
  }
}

/** Puts sub flows of one node each into rows, in their order: what leads to one leads to all of them. */
export function bundleBoxes(boxes: readonly Box[]): Box {
  const perRow = Math.ceil(Math.sqrt(boxes.length * 0.8))
  const width = Math.max(...boxes.map(({ size }) => size.width))
  const height = Math.max(...boxes.map(({ size }) => size.height))
  const nodes = new Map<string, Rect>()
  boxes.forEach((box, i) => {
    const x = PADDING + (i % perRow) * (width + APART)
    const y = PADDING + TITLE + Math.floor(i / perRow) * (height + APART)
    for (const [id, rect] of box.nodes) nodes.set(id, { ...rect, x: x + (width - rect.width) / 2, y })
  })
  const rows = Math.ceil(boxes.length / perRow)
  return {
    subFlows: boxes.flatMap(({ subFlows }) => subFlows),
    size: { width: 2 * PADDING + perRow * (width + APART) - APART, height: 2 * PADDING + TITLE + rows * (height + APART) - APART },
    isFramed: true,
    title: formatQuantity(boxes.length, 'sub flow'),
    nodes,
    edges: [],
  }
}

function layOutNodes(sizes: ReadonlyMap<string, Size>, connections: readonly DrawnConnection[], layOut: LayOut): LaidOut {
  const across = layOut(writeDot(sizes, connections, 'LR'))
  if (across.width <= LONGEST) return across
  const down = layOut(writeDot(sizes, connections, 'TB'))
  return Math.max(down.width, down.height) < across.width ? down : across
}

function writeDot(sizes: ReadonlyMap<string, Size>, connections: readonly DrawnConnection[], direction: 'LR' | 'TB'): string {
  const ids = [...sizes].map(([id, { width, height }]) => `${JSON.stringify(id)} [width=${width / 72} height=${height / 72}]`)
  const [out, into] = direction === 'LR' ? ['e', 'w'] : ['s', 'n']
  const edges = connections.map(
    (connection, i) =>
      `${JSON.stringify(connection.from)}:${out} -> ${JSON.stringify(connection.to)}:${into} [id=${i}${writeLabel(connection)}]`,
  )
  return `digraph {
    graph [rankdir=${direction} nodesep=0.2 ranksep=0.45 margin=0 pad=0]
    node [shape=box fixedsize=true label=""]
    edge [arrowhead=none]
    ${[...ids, ...edges].join('\n')}
  }`
}

/** Room for the label of a connection; the text itself is written into the picture. */
export function writeLabel(connection: DrawnConnection): string {
  const lines = connectionLines(connection)
  if (lines.length === 0) return ''
  const { width, height } = measureLines(lines)
  return ` label=<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0"><TR><TD FIXEDSIZE="TRUE" WIDTH="${width}" HEIGHT="${height}"></TD></TR></TABLE>>`
}
