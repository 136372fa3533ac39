import type { Point, Rect } from './graphviz.js'
import type { Direction } from './ports.js'

/** Between a box and the line along it. */
const LANE = 8
/** A curve may be so far in a box before anybody sees it. */
const UNSEEN = 2
/** Steps in which a piece of a curve is looked at. */
const STEPS = 24

/** What comes before a curve, the curve, and what comes behind it: ways are of straight lines. */
export interface Course {
  readonly exit: readonly Point[]
  readonly curve: readonly Point[]
  readonly entry: readonly Point[]
}

/**
 * Graphviz lets a curve go through the boxes at its ends on its way to a port at their edges. From where such a curve comes near the box, a straight line
 * leads along the box to the port.
 */
export function keepOutside({ exit, curve, entry }: Course, tail: Rect, head: Rect, direction: Direction): Course {
  const turned = direction === 'down' ? keep : swap
  const atHead = stopAt(curve.map(turned), edgesOf(head, direction).begin)
  const behind = atHead === undefined ? entry : [...atHead.way.map(turned), ...entry]
  const rest = atHead === undefined ? curve : atHead.curve.map(turned)
  // The same from the other side, in a mirror.
  const mirrored = (point: Point) => flip(turned(point))
  const back = (point: Point) => turned(flip(point))
  const atTail = stopAt(rest.map(mirrored).reverse(), -edgesOf(tail, direction).end)
  if (atTail === undefined) return { exit, curve: rest, entry: behind }
  return { exit: [...exit, ...atTail.way.map(back).reverse()], curve: atTail.curve.map(back).reverse(), entry: behind }
}

/** The part of a curve that comes down to a box, and the way from there to its end at the upper edge of the box; undefined: it stays above the edge. */
function stopAt(curve: readonly Point[], edge: number): { readonly curve: readonly Point[]; readonly way: readonly Point[] } | undefined {
  const end = curve.at(-1)
  const pieces = Array.from({ length: Math.floor((curve.length - 1) / 3) }, (_, i) => curve.slice(3 * i, 3 * i + 4))
  const shares = Array.from({ length: STEPS + 1 }, (_, step) => step / STEPS)
  if (end === undefined || !pieces.some((piece) => shares.some((share) => cut(piece, share).point.y > edge + UNSEEN))) return undefined
  const lane = edge - LANE
  for (const [i, piece] of pieces.entries()) {
    const share = shares.find((each) => cut(piece, each).point.y >= lane)
    if (share === undefined) continue
    const { before, point } = cut(piece, share)
    return { curve: [...curve.slice(0, 3 * i), ...before], way: [point, { x: end.x, y: Math.min(point.y, lane) }, end] }
  }
  return undefined
}

/** A Bézier curve up to a share of it, and the point there (de Casteljau). */
function cut(piece: readonly Point[], share: number): { readonly before: readonly Point[]; readonly point: Point } {
  const before: Point[] = []
  let points = piece
  for (;;) {
    const [first, ...rest] = points
    if (first === undefined) throw new RangeError('a curve has points')
    before.push(first)
    if (rest.length === 0) return { before, point: first }
    points = rest.map((point, i) => {
      const from = points[i] ?? point
      return { x: from.x + (point.x - from.x) * share, y: from.y + (point.y - from.y) * share }
    })
  }
}

function edgesOf({ x, y, width, height }: Rect, direction: Direction): { readonly begin: number; readonly end: number } {
  return direction === 'down' ? { begin: y, end: y + height } : { begin: x, end: x + width }
}

function keep(point: Point): Point {
  return point
}

function swap({ x, y }: Point): Point {
  return { x: y, y: x }
}

function flip({ x, y }: Point): Point {
  return { x, y: -y }
}
