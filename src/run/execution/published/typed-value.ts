import { PypeError } from '../../../core/errors.js'
import { findInexactIntegers } from '../../../core/exact-integers.js'
import type { Json } from '../../../core/json.js'
import type { TypedValue } from '../../../engine/engine.js'
import type { SqlValue } from '../../../sdk/relation.js'

/** A value that code publishes, with the SQL type that it has from then on. */
export function toTypedValue(value: SqlValue): TypedValue {
  // The engine's own type of NULL, which can be compared with values of every type.
  if (value === null) return { type: '"NULL"', text: null }
  switch (typeof value) {
    case 'string':
      return { type: 'VARCHAR', text: value }
    case 'boolean':
      return { type: 'BOOLEAN', text: String(value) }
    case 'bigint':
      return { type: 'HUGEINT', text: String(value) }
    case 'number':
      return Number.isSafeInteger(value) ? { type: 'BIGINT', text: String(value) } : { type: 'DOUBLE', text: String(value) }
    default:
      if (value instanceof Date) return { type: 'TIMESTAMP', text: value.toISOString().replace('T', ' ').replace('Z', '') }
      return { type: 'JSON', text: JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? String(inner) : inner)) }
  }
}

/** A value as configs and the code of a module see it: exact, so what JavaScript cannot hold stays text. */
export function fromTypedValue({ type, text }: TypedValue): Json | bigint {
  if (text === null) return null
  if (type === 'BOOLEAN') return text === 'true'
  if (/^(DOUBLE|FLOAT)$/.test(type)) return Number(text)
  if (type === 'JSON') return findInexactIntegers(text).length > 0 ? text : parseJson(text)
  if (!/^U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)$/.test(type)) return text
  const number = Number(text)
  return Number.isSafeInteger(number) ? number : BigInt(text)
}

function parseJson(text: string): Json {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new PypeError('INTERNAL', `A global holds text that is not JSON: ${text}`, { cause })
  }
}
