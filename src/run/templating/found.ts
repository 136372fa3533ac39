import type { Json } from '../../core/json.js'
import type { TypedValue } from '../../engine/engine.js'

/** What a template stands for. `absent`: the global of a node that did not run, and why. */
export type Found =
  | { readonly kind: 'json'; readonly value: Json }
  | { readonly kind: 'typed'; readonly value: TypedValue }
  | { readonly kind: 'absent'; readonly why: string }
