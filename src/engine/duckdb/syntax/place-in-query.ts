import type { SqlPart } from '../../../sdk/relation.js'
import type { SqlPlace } from '../../sql-place.js'

const WORD = /^(?:"(?:[^"]|"")*"|'(?:[^']|'')*'|[\p{L}\p{N}_$]+(?:\.[\p{L}\p{N}_$]+)*)/u

/** The place in the own text of a query that a position in its statement means; undefined where it lies in what the engine added. `pieces` are the parts as the statement has them, `bytes` counts from the first of them. */
export function placeInQuery(parts: readonly SqlPart[], pieces: readonly string[], bytes: number): SqlPlace | undefined {
  let start = 0
  for (const [i, part] of parts.entries()) {
    const piece = Buffer.from(pieces[i] ?? '')
    if (bytes < start + piece.length) {
      if (part.kind !== 'text' || bytes < start) return undefined
      const offset = piece.subarray(0, bytes - start).toString('utf8').length
      return { text: part.text, offset, length: WORD.exec(part.text.slice(offset))?.[0].length ?? 1 }
    }
    start += piece.length
  }
  return undefined
}
