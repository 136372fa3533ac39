import { groupBy } from '../../core/group-by.js'
import { describeLoop, describeValve } from '../describe.js'
import type { Drawing, DrawnConnection, DrawnLoop, DrawnPart } from '../drawing.js'
import { arrangeBox, type Box, bundleBoxes, writeLabel } from './arrange-box.js'
import type { LaidOut, LayOut, Point, Rect } from './graphviz.js'
import { SMALL_SIZE, textWidth } from './measure.js'
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

/** What a screen shows at once, about. */
const SCREEN = { width: 1600, height: 1000 }

/** Lays out the sub flows, and then what goes on between them: in the direction that makes the smaller picture. */
export function arrangePage(drawing: Drawing, layOut: LayOut): Page {
  const inner = new Map<string, DrawnConnection[]>()
  const subFlowOf = new Map(drawing.nodes.map(({ node }) => [node.id, node.sub_flow]))
  for (const connection of drawing.connections.filter(({ isInner, data }) => isInner && data !== undefined)) {
    const name = subFlowOf.get(connection.from) ?? ''
    inner.set(name, [...(inner.get(name) ?? []), connection])
  }
  const single = drawing.subFlows.map((subFlow) => arrangeBox(subFlow, inner.get(subFlow.name) ?? [], layOut))
  const boxes = gatherBoxes(drawing, single)
  const pages = (['down', 'across'] as const).map((direction) => new PageLayout(drawing, boxes, direction).arrange(layOut))
  const sizeOf = ({ width, height }: Page) => Math.max(width / SCREEN.width, height / SCREEN.height)
  const [down, across] = pages
  if (down === undefined || across === undefined) throw new RangeError('there are two directions')
  return sizeOf(down) <= Math.max(1, sizeOf(across)) ? down : across
}

/** A connection between two boxes with its ports on them. */
interface Crossing {
  readonly connection: DrawnConnection
  readonly exit: BoxPort
  readonly entry: BoxPort
}

/** Sub flows of one node that are alike - one valve of one node leads to them, and nothing leads on - are one box, when they are many. */
const MANY = 8

function gatherBoxes(drawing: Drawing, boxes: readonly Box[]): readonly Box[] {
  const loopOf = new Map(listLoops(drawing.parts).flatMap((loop) => loop.parts.map((part) => [part, loop] as const)))
  const between = drawing.connections.filter(({ isInner }) => !isInner)
  const leaving = new Set(between.map(({ from }) => from))
  const entering = groupBy(between, ({ to }) => to)
  const likeness = groupBy(boxes, (box) => {
    const [subFlow] = box.subFlows
    const [node, another] = subFlow?.nodes ?? []
    const [connection, more] = entering.get(node?.node.id ?? '') ?? []
    if (subFlow === undefined || node === undefined || another !== undefined || leaving.has(node.node.id)) return box
    if (connection?.control === undefined || connection.data !== undefined || more !== undefined) return box
    const loop = loopOf.get(subFlow)
    return [connection.from, describeValve(connection.control), connection.verdict, loop === undefined ? '' : nameOf(loop)].join('\n')
  })
  return [...likeness.values()].flatMap((alike) => (alike.length > MANY ? [bundleBoxes(alike)] : alike))
}

class PageLayout {
  readonly #drawing: Drawing
  readonly #boxes: readonly Box[]
  readonly #direction: Direction
  readonly #boxOf = new Map<string, number>()
  readonly #edges: readonly Crossing[]

  constructor(drawing: Drawing, boxes: readonly Box[], direction: Direction) {
    this.#drawing = drawing
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
    return {
      width: laidOut.width,
      height: laidOut.height,
      boxes: this.#boxes.map((box, i) => ({ box, at: corners[i] ?? { x: 0, y: 0 } })),
      loops: listLoops(this.#drawing.parts).flatMap((loop) => {
        const rect = laidOut.clusters.get(nameOf(loop))
        return rect === undefined ? [] : [{ loop, rect }]
      }),
      edges: this.#edges.map((edge, i) => this.#place(edge, laidOut.edges[i], corners)),
    }
  }

  #place({ connection, exit, entry }: Crossing, laidOut: LaidOut['edges'][number] | undefined, corners: readonly Point[]): PageEdge {
    const placed = (node: string, way: readonly Point[]) => {
      const corner = corners[this.#boxOf.get(node) ?? -1] ?? { x: 0, y: 0 }
      return way.map(({ x, y }) => ({ x: x + corner.x, y: y + corner.y }))
    }
    return {
      connection,
      exit: placed(connection.from, exit.way),
      curve: laidOut?.curve ?? [],
      entry: placed(connection.to, entry.way),
      label: laidOut?.label,
    }
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
          return `subgraph ${nameOf(part)} { label=${label} labeljust=l labelloc=t margin=14\n${this.#writeParts(part.parts)} }`
        }
        const index = this.#boxes.findIndex(({ subFlows }) => subFlows[0] === part)
        if (index < 0) return '' // It is in a bundle with others.
        return `b${index} [label=<${this.#writeTable(index)}>]`
      })
      .join('\n')
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

  /** A table as large as the box, with thin cells along two of its sides whose middles are where connections cross. */
  #writeTable(index: number): string {
    const { width, height } = this.#boxes[index]?.size ?? { width: 0, height: 0 }
    const isDown = this.#direction === 'down'
    const length = Math.round(isDown ? width : height)
    const depth = Math.round(isDown ? height : width) - 2
    const ports = this.#portsOf(index)
    const cells = splitSide(ports, length)
    const cell = (size: number, port: string) =>
      `<TD${port} FIXEDSIZE="TRUE" ${isDown ? 'WIDTH' : 'HEIGHT'}="${size}" ${isDown ? 'HEIGHT' : 'WIDTH'}="1"></TD>`
    const side = (letter: string) => cells.map(({ size, port }) => cell(size, port === undefined ? '' : ` PORT="${letter}${port}"`))
    const middle = (span: string) =>
      `<TD ${span}="${cells.length}" FIXEDSIZE="TRUE" WIDTH="${isDown ? length : depth}" HEIGHT="${isDown ? depth : length}"></TD>`
    const entries = side('i')
    const exits = side('o')
    const rows = isDown
      ? [entries.join(''), middle('COLSPAN'), exits.join('')]
      : cells.map((_, i) => `${entries[i]}${i === 0 ? middle('ROWSPAN') : ''}${exits[i]}`)
    return `<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0">${rows.map((row) => `<TR>${row}</TR>`).join('')}</TABLE>`
  }
}

interface Cell {
  readonly size: number
  readonly port: number | undefined
}

/** Cells along a side whose edges are half-way between the ports: the middle of each is near its port. */
function splitSide(ports: readonly number[], length: number): readonly Cell[] {
  const cells: Cell[] = []
  let end = 0
  ports.forEach((at, port) => {
    const room = Math.min(at - end, ((ports[port + 1] ?? length) - at) / 2, length - at)
    const half = Math.max(1, Math.floor(room))
    if (at - half > end) cells.push({ size: at - half - end, port: undefined })
    end = Math.max(end, at - half)
    cells.push({ size: 2 * half, port })
    end += 2 * half
  })
  if (end < length) cells.push({ size: length - end, port: undefined })
  return cells
}

function listLoops(parts: readonly DrawnPart[]): readonly DrawnLoop[] {
  return parts.flatMap((part) => (part.kind === 'loop' ? [part, ...listLoops(part.parts)] : []))
}

function nameOf({ connection: { from, to } }: DrawnLoop): string {
  return `cluster_${from}__${to}`
}
