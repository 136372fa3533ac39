import type { DrawnLoop, DrawnPart } from '../drawing.js'

/** All loops, also those inside of others. */
export function listLoops(parts: readonly DrawnPart[]): readonly DrawnLoop[] {
  return parts.flatMap((part) => (part.kind === 'loop' ? [part, ...listLoops(part.parts)] : []))
}

/** The name of a loop in a layout. */
export function clusterOf({ connection: { from, to } }: DrawnLoop): string {
  return `cluster_${from}__${to}`
}
