/** Words that could be meant, with what they are. */
export type Candidates = readonly { readonly value: string; readonly description?: string }[]

/** What stands on the line already. */
export interface Typed {
  readonly command: string
  readonly positional: readonly string[]
  /** Of options, by their long names. */
  readonly values: ReadonlyMap<string, string>
  /** The word that is being typed. */
  readonly current: string
}
