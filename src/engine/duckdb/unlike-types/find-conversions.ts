import { isObject } from '../../../core/json.js'
import { fieldAt, listOf } from '../syntax/syntax-tree.js'
import { isAdded, isTypedText, withoutAdded } from './bound-value.js'
import { type Conversion, conversionsOfChosen, conversionsOfCompared, expectedAt } from './conversion.js'
import { conversionsOfSides, sidesOf } from './conversions-of-sides.js'
import type { WrittenPlaces } from './written-places.js'

/** Begins the names of the tables that a query is to find. */
export const STAND_IN = 'pype_input_'

/** What a node of a plan has beside the values in it. */
const NO_VALUES: ReadonlySet<string> = new Set(['return_type', 'arguments', 'value', 'returned_types', 'names', 'chunk_types'])

/**
 * The conversions between unlike types that the engine has put into the plan of a statement. Those of a text that is written out are right
 * if it can be read as the type; all others fail on the first value that cannot be converted, or change what the values are. In groups, of
 * which the first wrong one is worth a message.
 */
export function findConversions(plan: unknown, written: WrittenPlaces): readonly (readonly Conversion[])[] {
  const found: (readonly Conversion[])[] = []
  /** Values whose conversions have been found at what compares them, or chooses among them. */
  const looked = new Set<unknown>()
  const walk = (node: unknown): void => {
    if (Array.isArray(node)) {
      for (const child of node) walk(child)
      return
    }
    if (!isObject(node)) return
    if (node.type === 'LOGICAL_MATERIALIZED_CTE' && String(node.ctename).startsWith(STAND_IN)) {
      walk(listOf(node.children)[1])
      return
    }
    if (isTypedText(node) || (isAdded(node, written) && !looked.has(node))) found.push([expectedAt(node, written) ?? []].flat())
    const value = withoutAdded(node, written)
    if (value !== node) {
      walk(value)
      return
    }
    const compared = comparedIn(node)
    const chosen = chosenIn(node)
    const sides = sidesOf(node)
    if (compared !== undefined) found.push(conversionsOfCompared(compared, written))
    if (chosen !== undefined) found.push(conversionsOfChosen(node.type === 'CASE_EXPR' ? 'CASE' : 'COALESCE', chosen, written))
    if (sides !== undefined) found.push(...conversionsOfSides(node, sides, written).map((conversion) => [conversion]))
    for (const each of [...(compared ?? []), ...(chosen ?? []), ...(sides?.flat() ?? [])]) looked.add(each)
    for (const key in node) if (!NO_VALUES.has(key)) walk(node[key])
  }
  walk(plan)
  return found.filter((group) => group.length > 0)
}

function comparedIn(node: { readonly [key: string]: unknown }): readonly unknown[] | undefined {
  if (node.expression_class === 'BOUND_BETWEEN') return [node.input, node.lower, node.upper]
  if (node.type === 'COMPARE_IN' || node.type === 'COMPARE_NOT_IN') return listOf(node.children)
  // Conditions of joins are of no class.
  const isComparison = node.expression_class === 'BOUND_COMPARISON' || (node.comparison !== undefined && node.right !== undefined)
  return isComparison ? [node.left, node.right] : undefined
}

function chosenIn(node: { readonly [key: string]: unknown }): readonly unknown[] | undefined {
  if (node.type === 'OPERATOR_COALESCE') return listOf(node.children)
  if (node.expression_class !== 'BOUND_CASE') return undefined
  return [...listOf(node.case_checks).map((check) => fieldAt(check, 'then_expr')), node.else_expr]
}
