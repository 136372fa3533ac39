import type { Box } from './arrange-box.js'
import type { Point, Rect } from './graphviz.js'

/** Which way the sub flows follow one another: down the page, or across it. */
export type Direction = 'down' | 'across'

/** Where a connection crosses the frame of a box, and its way between there and the node. Places are in the box. */
export interface BoxPort {
  /** Along the side of the box: from its left for `down`, from its top for `across`. */
  readonly at: number
  /** From the node to the frame, or from the frame to the node. */
  readonly way: readonly Point[]
}

/** Between the ways of several connections at one node. */
const APART = 12
const GAP = 9

/** The way out of a box for the connection number `index` of the `count` that leave a node. */
export function findExit(box: Box, node: string, direction: Direction, index: number, count: number): BoxPort {
  const rect = rectOf(box, node)
  const others = [...box.nodes].filter(([id]) => id !== node).map(([, other]) => other)
  const slot = slotOf(index, count, direction === 'down' ? rect.width : rect.height)
  if (direction === 'down') return goDown(rect, others, slot, box)
  const isFree = !others.some((other) => other.x > rect.x && overlaps(rect.y, rect.height, other.y, other.height))
  const y = rect.y + rect.height / 2 + slot
  if (isFree)
    return {
      at: y,
      way: [
        { x: rect.x + rect.width, y },
        { x: box.size.width, y },
      ],
    }
  // Along the lower edge of the box, below all nodes.
  const { at: x, way } = goDown(rect, others, slotOf(index, count, rect.width), box)
  const lane = box.size.height - 7 + (index % 3) * 2
  return { at: lane, way: [...way.slice(0, -1), { x, y: lane }, { x: box.size.width, y: lane }] }
}

/** The way into a box: that of {@link findExit} in a mirror. */
export function findEntry(box: Box, node: string, direction: Direction, index: number, count: number): BoxPort {
  const { width, height } = box.size
  // It leads to all that is in there.
  if (box.subFlows.length > 1) {
    const at = (direction === 'down' ? width : height) / 2
    return { at, way: [direction === 'down' ? { x: at, y: 0 } : { x: 0, y: at }] }
  }
  const nodes = new Map([...box.nodes].map(([id, r]) => [id, { ...r, x: width - r.x - r.width, y: height - r.y - r.height }]))
  const { at, way } = findExit({ ...box, nodes }, node, direction, index, count)
  const back = ({ x, y }: Point): Point => ({ x: width - x, y: height - y })
  return { at: (direction === 'down' ? width : height) - at, way: way.map(back).reverse() }
}

function goDown(rect: Rect, others: readonly Rect[], slot: number, box: Box): BoxPort {
  const bottom = rect.y + rect.height
  const middle = rect.x + rect.width / 2 + slot
  const inTheWay = others.filter((other) => other.y > rect.y && overlaps(rect.x, rect.width, other.x, other.width))
  if (!inTheWay.some((other) => overlaps(middle - 3, 6, other.x, other.width)))
    return {
      at: middle,
      way: [
        { x: middle, y: bottom },
        { x: middle, y: box.size.height },
      ],
    }
  const right = Math.max(rect.x + rect.width, ...inTheWay.map((other) => other.x + other.width))
  const at = Math.min(right + GAP, box.size.width - 2)
  const y = bottom - 6
  return {
    at,
    way: [
      { x: rect.x + rect.width, y },
      { x: at, y },
      { x: at, y: box.size.height },
    ],
  }
}

function slotOf(index: number, count: number, length: number): number {
  const apart = Math.min(APART, (length - 16) / Math.max(1, count))
  return (index - (count - 1) / 2) * apart
}

function overlaps(a: number, lengthA: number, b: number, lengthB: number): boolean {
  return a < b + lengthB && b < a + lengthA
}

function rectOf(box: Box, node: string): Rect {
  const rect = box.nodes.get(node)
  if (rect === undefined) throw new RangeError(`the box has no node ${node}`)
  return rect
}
