import type { DrawnLoop, DrawnPart, DrawnSubFlow } from '../drawing.js'

/** All loops, also those inside of others. */
export function listLoops(parts: readonly DrawnPart[]): readonly DrawnLoop[] {
  return parts.flatMap((part) => (part.kind === 'loop' ? [part, ...listLoops(part.parts)] : []))
}

/** The name of a loop in a layout. */
export function clusterOf({ connection: { from, to } }: DrawnLoop): string {
  return `cluster_${from}__${to}`
}

/** The loops around each sub flow, from the outermost on. */
export function findLoopsAround(
  parts: readonly DrawnPart[],
  around: readonly DrawnLoop[] = [],
): ReadonlyMap<DrawnSubFlow, readonly DrawnLoop[]> {
  return new Map(
    parts.flatMap((part) => (part.kind === 'loop' ? [...findLoopsAround(part.parts, [...around, part])] : [[part, around] as const])),
  )
}
