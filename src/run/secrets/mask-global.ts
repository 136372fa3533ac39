import type { TypedValue } from '../../engine/engine.js'
import type { Masker } from './masker.js'

/** Types whose values are no texts: what looks like a secret in them is one by chance, and must not change. */
const NUMERIC = /INT|DOUBLE|FLOAT|REAL|DECIMAL|BOOLEAN/i

/** A global without secrets. */
export function maskGlobal(value: TypedValue, masker: Masker): TypedValue {
  return value.text === null || NUMERIC.test(value.type) ? value : { ...value, text: masker.mask(value.text) }
}

/** The same for all globals of a sub flow. */
export function maskGlobals(globals: { readonly [name: string]: TypedValue }, masker: Masker): { readonly [name: string]: TypedValue } {
  return Object.fromEntries(Object.entries(globals).map(([name, value]) => [name, maskGlobal(value, masker)]))
}
