import type { Point } from './graphviz.js'

/** Out of the box, over the page and into the other one, as one line. */
export function joinWay(exit: readonly Point[], curve: readonly Point[], entry: readonly Point[]): string {
  const [first, ...rest] = curve
  // A node without a frame around it begins and ends at its port.
  const isShort = (way: readonly Point[]) => way.every((point) => Math.hypot(point.x - (way[0]?.x ?? 0), point.y - (way[0]?.y ?? 0)) < 2)
  const steps = rest.length === 0 || first === undefined ? [] : [`L${at(first.x, first.y)}`, writeSteps(rest)]
  const begin = isShort(exit) && first !== undefined ? `M${at(first.x, first.y)}` : writeCorners(exit)
  return `${begin}${steps.join('')}${isShort(entry) ? '' : writeCorners(entry).replace('M', 'L')}`
}

/** The curve of a layout, as the data of a path. */
export function writeCurve([first, ...rest]: readonly Point[]): string {
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

/** A point as the data of a path has it. */
export function at(x: number, y: number): string {
  return `${round(x)},${round(y)}`
}

/** To a tenth of a pixel. */
export function round(value: number): number {
  return Math.round(value * 10) / 10
}
