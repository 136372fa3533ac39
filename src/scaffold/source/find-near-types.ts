import { formatCount, formatQuantity } from '../../core/quantity.js'
import type { Column } from '../../sdk/relation.js'
import { COMMA, POINTED, type ValueKind } from './value-kinds.js'

/** A column that is text although nearly all of its values are something else. */
export interface NearType {
  readonly column: string
  readonly type: string
  /** The configs that the source lacks for it, as lines of YAML. */
  readonly configs: readonly string[]
  /** Values that are of another kind, among those that were looked at. */
  readonly odd: number
  readonly of: number
  /** The first odd one. */
  readonly example: string
}

/** Fewer values say nothing. */
const LEAST_VALUES = 5

/** How many of so many values may be odd; where more of them are, text is what the column is. One is: people try a tool with a few rows. */
function mostOdd(values: number): number {
  return Math.max(1, Math.floor(values * 0.05))
}

/** Characters of a value. */
const SHOWN = 30

/** Which of the columns of a CSV file are texts because of a few of their `values` only. `given` are the configs of its source, as lines of YAML. */
export function findNearTypes(
  columns: readonly Column[],
  values: readonly (readonly string[])[],
  kinds: readonly ValueKind[],
  given: readonly string[],
): readonly NearType[] {
  // With a decimal comma a point is no decimal sign.
  const possible = kinds.filter((kind) => kind !== POINTED || !given.includes(COMMA))
  return columns.flatMap(({ name, type }, i) => (type === 'VARCHAR' ? judge(name, values[i] ?? [], possible, given) : []))
}

function judge(column: string, values: readonly string[], kinds: readonly ValueKind[], given: readonly string[]): readonly NearType[] {
  if (values.length < LEAST_VALUES) return []
  for (const kind of kinds) {
    const odd = values.filter((value) => !kind.fits(value))
    const [example] = odd
    if (example === undefined || odd.length > mostOdd(values.length)) continue
    const configs = kind.configs.filter((line) => !given.includes(line))
    return [{ column, type: kind.type, configs, odd: odd.length, of: values.length, example }]
  }
  return []
}

/** In one line, without the name of the column: its type, and what keeps it from having that. */
export function explainNear({ type, configs, odd, of, example }: NearType): string {
  const told = configs.length === 0 ? '' : ` with ${configs.join(' and ')}`
  const shown = JSON.stringify(example.length > SHOWN ? `${example.slice(0, SHOWN)}…` : example)
  return `${type}${told}, but for ${formatCount(odd)} of ${formatQuantity(of, 'value')}: ${shown}${odd > 1 ? ', …' : ''}`
}
