/** What stands between `{{` and `}}`. Names of nodes and globals are as written: they are compared without regard to case. */
export type TemplateRef =
  | { readonly scope: 'context'; readonly name: string }
  | { readonly scope: 'env'; readonly name: string }
  | { readonly scope: 'secret'; readonly path: string; readonly field: string }
  | { readonly scope: 'run'; readonly name: 'id' | 'date' | 'time' | 'job' }
  | { readonly scope: 'flow'; readonly name: 'name' | 'version' }
  /** `iter.item.a` is level 0, path [item, a]; each `outer` adds a level. */
  | { readonly scope: 'iter'; readonly level: number; readonly path: readonly string[] }
  | { readonly scope: 'global'; readonly node: string; readonly name: string }

/** A piece of a text with templates. `\{{` has become the text `{{`. */
export type TemplatePart =
  | { readonly kind: 'text'; readonly text: string }
  /** `offset` and `length` span the braces in the text that was parsed. */
  | { readonly kind: 'ref'; readonly ref: TemplateRef; readonly source: string; readonly offset: number; readonly length: number }
