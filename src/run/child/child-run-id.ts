import { createHash } from 'node:crypto'
import { type FramePath, formatFrame } from '../../core/frame.js'

/** File names end at 255 bytes; a nested run adds to the id of its parent. */
const LONGEST = 150
const RUN_ID = /^[^.]*/

/** The id of a run that an attempt of a node starts: it follows from these, so that a resume finds the run. `call` counts from 1. */
export function createChildRunId(parent: string, node: string, frame: FramePath, attempt: number, call: number): string {
  const place = [node, ...(frame.length === 0 ? [] : [formatFrame(frame)]), attempt].join('.')
  const id = `${parent}.${place}${call === 1 ? '' : `-${call}`}`
  if (id.length <= LONGEST) return id
  return `${RUN_ID.exec(parent)?.[0].slice(0, 40)}.${createHash('sha256').update(id).digest('hex').slice(0, 24)}`
}
