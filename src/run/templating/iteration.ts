import { PypeError } from '../../core/errors.js'
import { isJsonObject, type Json } from '../../core/json.js'
import type { TypedValue } from '../../engine/engine.js'
import { fromTypedValue } from '../execution/published/typed-value.js'
import type { Found } from './found.js'

/** What a pass of a loop is for: an item that a node published, or a row of its port. */
export type LoopItem =
  | { readonly kind: 'json'; readonly value: Json }
  | { readonly kind: 'row'; readonly fields: { readonly [column: string]: TypedValue } }

/** One open pass of a loop. */
export interface Iteration {
  readonly item: LoopItem
  readonly index: number
}

/** An item as `{{iter.item}}` and the code of a module see it; what JSON cannot hold exactly is text. */
export function toJsonItem(item: LoopItem): Json {
  if (item.kind === 'json') return item.value
  return Object.fromEntries(Object.entries(item.fields).map(([column, value]) => [column, toJson(value)]))
}

/** The value of `{{iter.…}}`: the index, the item, or a field of it. Throws TEMPLATE_VALUE for a field that is not there. */
export function findIterValue({ item, index }: Iteration, [first, ...path]: readonly string[]): Found {
  if (first === 'index') return { kind: 'json', value: index }
  const [field, ...deeper] = path
  if (item.kind === 'row' && field !== undefined && deeper.length === 0) {
    const value = fieldOf(item.fields, field)
    if (value !== undefined) return { kind: 'typed', value }
  }
  let value = toJsonItem(item)
  for (const name of path) {
    const found: Json | undefined = isJsonObject(value) ? fieldOf(value, name) : undefined
    if (found === undefined) {
      throw new PypeError('TEMPLATE_VALUE', `The item of the loop has no field "${path.join('.')}".`, {
        hint: `the item is ${JSON.stringify(toJsonItem(item))}`,
      })
    }
    value = found
  }
  return { kind: 'json', value }
}

/** A field by its name; in any case when none is written just so, as SQL finds columns. */
function fieldOf<T>(fields: { readonly [name: string]: T }, name: string): T | undefined {
  if (Object.hasOwn(fields, name)) return fields[name]
  const same = Object.keys(fields).find((key) => key.toLowerCase() === name.toLowerCase())
  return same === undefined ? undefined : fields[same]
}

function toJson(value: TypedValue): Json {
  const exact = fromTypedValue(value)
  // Not in JSON: an integer beyond 2^53, NaN and the infinities.
  if (typeof exact === 'bigint' || (typeof exact === 'number' && !Number.isFinite(exact))) return value.text
  return exact
}
