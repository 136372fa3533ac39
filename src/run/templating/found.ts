import type { Json } from '../../core/json.js'
import type { TypedValue } from '../../engine/engine.js'

/** What a template stands for. */
export type Found =
  /** `written`: the value as the context has it, where templates of the environment stand in it. */
  | { readonly kind: 'json'; readonly value: Json; readonly written?: Json }
  | { readonly kind: 'typed'; readonly value: TypedValue }
  /** The global of a node that did not run, and why. */
  | { readonly kind: 'absent'; readonly why: string }
  /** Only for places that keep secrets. */
  | { readonly kind: 'secret'; readonly value: string }
  /** A value of the context that holds a secret, as the context has it: with the templates of secrets and of the environment. */
  | { readonly kind: 'sealed'; readonly written: Json }
