import { PypeError } from '../../../core/errors.js'
import { isObject } from '../../../core/json.js'
import { unlikeValuesIn } from '../failure/explain-values.js'
import { messageOfEngine, positionOf } from '../failure/to-pype-error.js'
import type { Session } from '../session.js'
import { DESCRIBE, describe } from '../statement/describe.js'
import { familyOf } from './type-family.js'

/** What the engine says of two sides that it would not put in order. */
export interface RefusedOrder {
  readonly error: PypeError
  /** Where it stands, in bytes of the query; undefined where the engine does not tell. */
  readonly bytes: number | undefined
}

const EQUALITIES: ReadonlySet<unknown> = new Set([
  'COMPARE_EQUAL',
  'COMPARE_NOTEQUAL',
  'COMPARE_DISTINCT_FROM',
  'COMPARE_NOT_DISTINCT_FROM',
])

/** Where a tree of the engine compares expressions, not just columns and constants, for equality: in bytes of its query. Parameters of a lambda have no types yet. */
export function placesOfEqualities(node: unknown): readonly number[] {
  if (Array.isArray(node)) return node.flatMap(placesOfEqualities)
  if (!isObject(node) || node.class === 'LAMBDA') return []
  const below = Object.values(node).flatMap(placesOfEqualities)
  const isEquality = EQUALITIES.has(node.type)
  const isOfExpressions = !isPlain(node.left) || !isPlain(node.right)
  const { query_location: at } = node
  // Of the comparisons of `CASE a WHEN …` no place is known.
  return isEquality && isOfExpressions && typeof at === 'number' && Number.isSafeInteger(at) ? [at, ...below] : below
}

function isPlain(operand: unknown): boolean {
  return isObject(operand) && (operand.class === 'CONSTANT' || operand.class === 'COLUMN_REF')
}

/**
 * Asks the engine for the types of both sides: unlike ones it converts for `=`, but refuses to put in order. So the query is bound with `<` at
 * these places. `inputs` is what stands before the query to make its tables known. Undefined: nothing is refused, or for another reason.
 */
export async function findRefusedOrder(
  query: string,
  places: readonly number[],
  inputs: string,
  session: Session,
): Promise<RefusedOrder | undefined> {
  const before = `${inputs} SELECT * FROM (`
  try {
    await describe(session, `${before}${withOrder(query, places)})`)
    return undefined
  } catch (error) {
    if (!(error instanceof PypeError)) throw error
    const types = unlikeValuesIn(messageOfEngine(error))
    const families = types?.map(familyOf) ?? []
    // Numbers stand for truth values and the other way round, and types of no family may well be alike.
    if (families.length < 2 || families.includes(undefined) || families[0] === families[1]) return undefined
    if (families.includes('number') && families.includes('boolean')) return undefined
    const position = positionOf(error)
    return { error, bytes: position === undefined ? undefined : position - Buffer.byteLength(`${DESCRIBE}${before}`) }
  }
}

/** Of an operator, in bytes, with blanks and ends of lines between its words. */
const LONGEST = 60

/** The query with `<` in the place of operators for equality; each byte stays where it is. */
function withOrder(query: string, places: readonly number[]): string {
  const bytes = Buffer.from(query)
  for (const place of places) {
    const operator = /^(==|=|!=|<>|is\s+(not\s+)?distinct\s+from\b)/i.exec(bytes.toString('latin1', place, place + LONGEST))?.[0]
    if (operator !== undefined) bytes.write('<'.padEnd(operator.length), place)
  }
  return bytes.toString()
}
