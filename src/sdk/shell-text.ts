/** A text for `sh`. The values of its templates are apart from it: they belong into the environment of the shell. */
export interface ShellText {
  /** Has a reference to a variable in the place of each template. */
  readonly text: string
  /** Value by name of the variable. */
  readonly variables: { readonly [name: string]: string }
}
