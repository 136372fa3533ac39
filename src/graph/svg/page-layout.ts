import { groupBy } from '../../core/group-by.js'
import { describeLoop } from '../describe.js'
import type { Drawing, DrawnConnection, DrawnLoop, DrawnPart, DrawnSubFlow } from '../drawing.js'
import { type Box, writeLabel } from './arrange-box.js'
import { writeBoxTable } from './box-table.js'
import type { LaidOut, LayOut, Point, Rect } from './graphviz.js'
import { keepOutside } from './keep-outside.js'
import { clusterOf, findLoopsAround, listLoops } from './loops.js'
import { connectionLines, measureLines, SMALL_SIZE, textWidth } from './measure.js'
import { type BoxPort, type Direction, findEntry, findExit } from './ports.js'

/** A connection between two sub flows: out of one box, over the page, into another one. */
export interface PageEdge {
  readonly connection: DrawnConnection
  readonly exit: readonly Point[]
  readonly curve: readonly Point[]
  readonly entry: readonly Point[]
  readonly label: Point | undefined
}

/** Everything with its place on the page. */
export interface Page {
  readonly width: number
  readonly height: number
  readonly boxes: readonly { readonly box: Box; readonly at: Point }[]
  readonly loops: readonly { readonly loop: DrawnLoop; readonly rect: Rect }[]
  readonly edges: readonly PageEdge[]
}

/** A connection between two boxes with its ports on them. */
interface Crossing {
  readonly connection: DrawnConnection
  readonly exit: BoxPort
  readonly entry: BoxPort
}

/** The boxes, and the connections between them, in one direction. */
export class PageLayout {
  readonly #drawing: Drawing
  readonly #boxes: readonly Box[]
  readonly #direction: Direction
  readonly #loopsAround: ReadonlyMap<DrawnSubFlow, readonly DrawnLoop[]>
  readonly #boxOf = new Map<string, number>()
  readonly #edges: readonly Crossing[]

  constructor(drawing: Drawing, boxes: readonly Box[], direction: Direction) {
    this.#drawing = drawing
    this.#loopsAround = findLoopsAround(drawing.parts)
    this.#boxes = boxes
    this.#direction = direction
    boxes.forEach((box, i) => {
      for (const id of box.nodes.keys()) this.#boxOf.set(id, i)
    })
    const bundled = new Set<string>()
    const between = drawing.connections.filter(({ isInner, from, to }) => {
      if (isInner) return false
      if (this.#boxAt(to).subFlows.length === 1) return true
      const key = `${from}>${this.#boxOf.get(to)}`
      return !bundled.has(key) && bundled.add(key)
    })
    // In the order in which they are looked at, so that what comes first stands first.
    const ordered = between.toSorted((a, b) => (a.control?.order ?? 0) - (b.control?.order ?? 0))
    const leaving = groupBy(ordered, ({ from }) => from)
    const entering = groupBy(between, ({ to }) => to)
    this.#edges = between.map((connection) => {
      const out = leaving.get(connection.from) ?? []
      const into = entering.get(connection.to) ?? []
      return {
        connection,
        exit: findExit(this.#boxAt(connection.from), connection.from, direction, out.indexOf(connection), out.length),
        entry: findEntry(this.#boxAt(connection.to), connection.to, direction, into.indexOf(connection), into.length),
      }
    })
  }

  arrange(layOut: LayOut): Page {
    const laidOut = layOut(this.#writeDot())
    const corners = this.#boxes.map(({ size }, i) => {
      const { x, y } = laidOut.nodes.get(`b${i}`) ?? { x: 0, y: 0 }
      return { x: x - size.width / 2, y: y - size.height / 2 }
    })
    const loops = listLoops(this.#drawing.parts).flatMap((loop) => {
      const rect = laidOut.clusters.get(clusterOf(loop))
      return rect === undefined ? [] : [{ loop, rect }]
    })
    const rects = new Map(loops.map(({ loop, rect }) => [loop, rect]))
    return {
      width: laidOut.width,
      height: laidOut.height,
      boxes: this.#boxes.map((box, i) => ({ box, at: corners[i] ?? { x: 0, y: 0 } })),
      loops,
      edges: this.#edges.map((edge, i) => {
        const placed = this.#place(edge, laidOut.edges[i], corners)
        const loop = this.#loopOf(edge)
        return { ...placed, label: keepInside(placed, loop && rects.get(loop)) }
      }),
    }
  }

  #place({ connection, exit, entry }: Crossing, laidOut: LaidOut['edges'][number] | undefined, corners: readonly Point[]): PageEdge {
    const rectOf = (node: string): Rect => ({ ...(corners[this.#boxOf.get(node) ?? -1] ?? { x: 0, y: 0 }), ...this.#boxAt(node).size })
    const placed = (way: readonly Point[], { x: left, y: top }: Rect) => way.map(({ x, y }) => ({ x: x + left, y: y + top }))
    const tail = rectOf(connection.from)
    const head = rectOf(connection.to)
    const course = { exit: placed(exit.way, tail), curve: laidOut?.curve ?? [], entry: placed(entry.way, head) }
    return { connection, ...keepOutside(course, tail, head, this.#direction), label: laidOut?.label }
  }

  /** Whether one of its ports may be far from the middle of its box. */
  #hasFrame({ connection: { from, to } }: Crossing): boolean {
    return [from, to].some((node) => this.#boxAt(node).isFramed && this.#boxAt(node).subFlows.length === 1)
  }

  #boxAt(node: string): Box {
    const box = this.#boxes[this.#boxOf.get(node) ?? -1]
    if (box === undefined) throw new RangeError(`no sub flow has the node ${node}`)
    return box
  }

  #writeDot(): string {
    const isDown = this.#direction === 'down'
    const [leaves, enters] = isDown ? ['s', 'n'] : ['e', 'w']
    const edges = this.#edges.map((edge, i) => {
      const { connection, exit, entry } = edge
      const from = this.#boxOf.get(connection.from) ?? -1
      const to = this.#boxOf.get(connection.to) ?? -1
      const tail = `b${from}:o${this.#cellAt(from, exit.at)}:${leaves}`
      const head = `b${to}:i${this.#cellAt(to, entry.at)}:${enters}`
      return `${tail} -> ${head} [id=${i} weight=${this.#hasFrame(edge) ? 0 : 4}${writeLabel(connection)}]`
    })
    // The middles of framed boxes are drawn to one another, and not the ports, by which a long chain would walk off to the side.
    const framed = this.#edges.filter((edge) => this.#hasFrame(edge))
    const pairs = new Set(framed.map(({ connection: { from, to } }) => `b${this.#boxOf.get(from)} -> b${this.#boxOf.get(to)}`))
    const straight = [...pairs].map((pair) => `${pair} [style=invis weight=4]`)
    return `digraph {
      graph [rankdir=${isDown ? 'TB' : 'LR'} nodesep=0.28 ranksep=0.42 margin=0 pad=0]
      node [shape=plain margin=0]
      edge [arrowhead=none]
      ${this.#writeParts(this.#drawing.parts)}
      ${[...edges, ...straight].join('\n')}
    }`
  }

  #writeParts(parts: readonly DrawnPart[]): string {
    return parts
      .map((part) => {
        if (part.kind === 'loop') {
          const width = Math.ceil(textWidth(describeLoop(part), SMALL_SIZE)) + 12
          const label = `<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0"><TR><TD FIXEDSIZE="TRUE" WIDTH="${width}" HEIGHT="18"></TD></TR></TABLE>>`
          return `subgraph ${clusterOf(part)} { label=${label} labeljust=l labelloc=t margin=14\n${this.#writeParts(part.parts)} }`
        }
        const index = this.#boxes.findIndex(({ subFlows }) => subFlows[0] === part)
        if (index < 0) return '' // It is in a bundle with others.
        return `b${index} [label=<${writeBoxTable(this.#boxes[index]?.size ?? { width: 0, height: 0 }, this.#portsOf(index), this.#direction)}>]`
      })
      .join('\n')
  }

  /** The innermost loop that both ends of a connection are in. */
  #loopOf({ connection: { from, to } }: Crossing): DrawnLoop | undefined {
    const [tail = [], head = []] = [from, to].map((node) => {
      const [subFlow] = this.#boxAt(node).subFlows
      return subFlow && this.#loopsAround.get(subFlow)
    })
    return tail.findLast((loop) => head.includes(loop))
  }

  /** The places along the two sides of a box where connections cross them. */
  #portsOf(index: number): readonly number[] {
    const places = this.#edges.flatMap(({ connection, exit, entry }) => [
      ...(this.#boxOf.get(connection.from) === index ? [exit.at] : []),
      ...(this.#boxOf.get(connection.to) === index ? [entry.at] : []),
    ])
    return [...new Set(places.map(Math.round))].sort((a, b) => a - b)
  }

  #cellAt(index: number, at: number): number {
    return this.#portsOf(index).indexOf(Math.round(at))
  }
}

/** Between a label and the frame around it. */
const FRAME_GAP = 6

/**
 * The middle of a label in the frame of its loop. Graphviz makes room for it there, and then moves it along the slack of its curve, on over the frame.
 */
function keepInside({ connection, label }: PageEdge, frame: Rect | undefined): Point | undefined {
  if (label === undefined || frame === undefined) return label
  const { width, height } = measureLines(connectionLines(connection))
  const clamp = (at: number, begin: number, length: number, size: number) =>
    Math.max(begin + size / 2 + FRAME_GAP, Math.min(at, begin + length - size / 2 - FRAME_GAP))
  return { x: clamp(label.x, frame.x, frame.width, width), y: clamp(label.y, frame.y, frame.height, height) }
}
