import { fieldOf, type JsonObject } from '../core/json.js'
import type { CursorUse } from './database.js'

/** What is written down of the use of a cursor. What somebody has changed by hand, so that it says nothing, counts as not said. */
export function parseCursorUse(written: JsonObject): CursorUse {
  const of = fieldOf(written, 'of')
  const into = fieldOf(written, 'into')
  return {
    ...(typeof of === 'string' && { of }),
    ...(Array.isArray(into) && { into: into.filter((target) => typeof target === 'string') }),
  }
}
