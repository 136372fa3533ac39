import { createHash } from 'node:crypto'
import { type FramePath, formatFrame } from '../../core/frame.js'

/** File names end at 255 bytes; a nested run adds to the id of its parent. */
const LONGEST = 150
const RUN_ID = /^[^.]*/

/**
 * The id of a run that a node starts: it follows from these, so that every attempt goes on with the same run. `process` is the one of
 * the parent in which the node first started it, `call` its place among those that the node starts; both count from 1.
 */
export function createChildRunId(parent: string, node: string, frame: FramePath, process: number, call: number): string {
  const place = [node, ...(frame.length === 0 ? [] : [formatFrame(frame)]), process].join('.')
  const id = `${parent}.${place}${call === 1 ? '' : `-${call}`}`
  if (id.length <= LONGEST) return id
  return `${RUN_ID.exec(parent)?.[0].slice(0, 40)}.${createHash('sha256').update(id).digest('hex').slice(0, 24)}`
}

/** Whether an id is that of a run that a node has started. */
export function isChildRunId(id: string): boolean {
  return id.includes('.')
}
