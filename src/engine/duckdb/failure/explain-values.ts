import type { Explained } from './explained.js'

/** Begins what a statement says of a number that JSON does not have. */
export const NOT_IN_JSON = 'not in JSON: '

/** A JSON record that is too long, or a number that JSON cannot hold. */
export function explainBadJson(message: string): Explained | undefined {
  const [, bytes, file = 'The file'] = /"maximum_object_size" of (\d+) bytes exceeded[^"]*(?:"([^"]*)")?/.exec(message) ?? []
  if (bytes !== undefined) {
    return {
      code: 'BAD_ROW',
      message: `${file} has a JSON record of more than ${bytes} bytes, the most that can be read.`,
      hint: 'look for a bracket or a quote that is not closed, or split the record before',
    }
  }
  const start = message.indexOf(NOT_IN_JSON)
  if (start < 0) return undefined
  return {
    code: 'BAD_ROW',
    message: `${message.slice(start + NOT_IN_JSON.length)} is no number that JSON can hold.`,
    hint: 'make it NULL with derive_mod, for example "CASE WHEN isfinite(x) THEN x END", or keep such rows away with filter_mod',
  }
}

/** Values of types that do not go together. */
export function explainUnlikeValues(message: string): Explained | undefined {
  const [, one, other] = /^Cannot (?:compare|mix) values of type (\S+) and (?:type )?(\S+)/.exec(message) ?? []
  if (one === undefined || other === undefined) return undefined
  return {
    code: 'SQL_INVALID',
    message: `${describeValues(one).replace(/^a/, 'A')} cannot be compared with ${describeValues(other)}.`,
    hint: 'bring both sides to one type: with CAST, or with the config types of a select_mod before',
  }
}

/** Values of a type of the engine, in words; it has types of its own for what is written out in SQL. */
function describeValues(type: string): string {
  if (type === 'INTEGER_LITERAL') return 'a number'
  return type === 'STRING_LITERAL' ? 'a text' : `a value of type ${type}`
}
