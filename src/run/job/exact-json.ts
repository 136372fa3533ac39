import { messageOf, PypeError } from '../../core/errors.js'
import { findInexactIntegers } from '../../core/exact-integers.js'
import type { Json } from '../../core/json.js'

/** Parses JSON; an integer that a number cannot hold exactly is an error and never rounded. `source` names the text in messages. */
export function parseExactJson(text: string, source: string): Json {
  let value: Json
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new PypeError('CONTEXT_INVALID', `${source} is not valid JSON: ${messageOf(error)}.`, {
      hint: 'mend it; texts stand in double quotes',
      cause: error,
    })
  }
  const [inexact] = findInexactIntegers(text)
  if (inexact === undefined) return value
  throw new PypeError('NUMBER_INEXACT', `${source}: the integer ${inexact.text} has more digits than a number keeps.`, {
    hint: `write it as a text: "${inexact.text}"`,
  })
}

/** The value of a text of the command line: as JSON where it is some, else the text itself. */
export function parseLooseJson(text: string, source: string): Json {
  try {
    JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return text
    throw error
  }
  return parseExactJson(text, source)
}
