import type { Relation } from '../../../sdk/relation.js'

/** The engine's functions that may give another value at each call. */
export const VOLATILE_FUNCTIONS: ReadonlySet<string> = new Set([
  'current_connection_id',
  'current_query',
  'current_query_id',
  'current_transaction_id',
  'currval',
  'error',
  'gen_random_uuid',
  'nextval',
  'random',
  'setseed',
  'sleep_ms',
  'stats',
  'uuid',
  'uuidv4',
  'uuidv7',
  'write_log',
])

const CONDITION = /\b(where|having|qualify|on)\b/i

/**
 * Whether a query may have a filter that needs no column: `WHERE random() < 0.1`. All others that read no column are constants, which
 * the engine works out before. Told by words, so that also a query without such a filter may be taken for one.
 */
export function mayFilterWithoutColumns(relation: Relation): boolean {
  if (relation.kind !== 'query') return false
  const text = relation.parts.map((part) => (part.kind === 'text' ? part.text : ' ')).join('')
  return CONDITION.test(text) && (text.match(/\w+/g) ?? []).some((word) => VOLATILE_FUNCTIONS.has(word.toLowerCase()))
}
