import type { Column } from '../../sdk/relation.js'
import { COMMA, type ValueKind } from './value-kinds.js'

const isNumber = ({ type }: ValueKind) => type === 'DOUBLE'

/**
 * The configs, as lines of YAML, by which columns that were found to be texts are numbers or dates, all of their `values`. A decimal
 * comma is taken only where it leaves no other number a text.
 */
export function guessNotation(
  columns: readonly Column[],
  values: readonly (readonly string[])[],
  kinds: readonly ValueKind[],
): readonly string[] {
  const kindOf = (i: number, of: readonly ValueKind[]) => {
    const [first, ...others] = values[i] ?? []
    return first === undefined ? undefined : of.find(({ fits }) => fits(first) && others.every(fits))
  }
  const configs = new Map<string, string>()
  const add = (kind: ValueKind | undefined) => {
    for (const line of kind?.configs ?? []) {
      const key = line.slice(0, line.indexOf(':'))
      if (!configs.has(key)) configs.set(key, line)
    }
  }
  for (const [i, { type }] of columns.entries()) if (type === 'VARCHAR') add(kindOf(i, kinds))
  if (configs.get('decimal') === COMMA) {
    const withComma = kinds.filter((kind) => isNumber(kind) && kind.configs.includes(COMMA))
    const numbers = columns.flatMap(({ type }, i) => (type === 'DOUBLE' ? [kindOf(i, withComma)] : []))
    if (numbers.includes(undefined)) for (const key of ['decimal', 'thousands']) configs.delete(key)
    else numbers.forEach(add)
  }
  return [...configs.values()]
}
