import { PypeError } from '../../core/errors.js'
import type { Json } from '../../core/json.js'

const STRING_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g

/** Parses JSON; an integer that a number cannot hold exactly is an error and never rounded. `source` names the text in messages. */
export function parseExactJson(text: string, source: string): Json {
  let value: Json
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new PypeError('CONTEXT_INVALID', `${source} is not valid JSON: ${error instanceof Error ? error.message : String(error)}.`, {
      hint: 'mend it; texts stand in double quotes',
      cause: error,
    })
  }
  for (const [token] of text.matchAll(STRING_OR_NUMBER)) {
    if (!/^-?\d+$/.test(token) || Number.isSafeInteger(Number(token))) continue
    throw new PypeError('NUMBER_INEXACT', `${source}: the integer ${token} has more digits than a number keeps.`, {
      hint: `write it as a text: "${token}"`,
    })
  }
  return value
}
