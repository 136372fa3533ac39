import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { PypeError } from '../../../core/errors.js'
import { fieldOf, isJsonObject, type Json } from '../../../core/json.js'
import { parseCursorUse } from '../../../database/cursor-use.js'
import type { CursorMove, CursorName, KeptCursor } from '../../../database/database.js'
import { toDiskError } from '../files/disk.js'

/** The file of a cursor that no database keeps: in the folder `state` beside that of the runs. */
export function stateFileOf(runsFolder: string, { job, context, node }: CursorName): string {
  return path.join(path.dirname(runsFolder), 'state', `${[job, context, node].map(encodeURIComponent).join('.')}.json`)
}

/** A cursor that is kept in a file; undefined when there is no such file. Throws FILE_CORRUPT. */
export function readStateFile(file: string): KeptCursor | undefined {
  if (!existsSync(file)) return undefined
  const content = parse(file)
  const value = fieldOf(content, 'value')
  if (typeof value === 'string') return { value, ...parseCursorUse(content) }
  throw new PypeError('FILE_CORRUPT', `${file}, which keeps a cursor, has no text as its "value".`, { hint: HINT })
}

const HINT = 'restore the file; without it, the next run reads everything'

function parse(file: string) {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    throw toDiskError(file, error)
  }
  try {
    const value: Json = JSON.parse(text)
    if (isJsonObject(value)) return value
  } catch (cause) {
    throw new PypeError('FILE_CORRUPT', `${file}, which keeps a cursor, is not JSON.`, { hint: HINT, cause })
  }
  throw new PypeError('FILE_CORRUPT', `${file}, which keeps a cursor, is not a JSON object.`, { hint: HINT })
}

/** The content of the file of a cursor. */
export function formatState({ job, context, node, to, of, into }: CursorMove): Uint8Array {
  return Buffer.from(`${JSON.stringify({ job, context, node, value: to, of, into }, undefined, 2)}\n`)
}
