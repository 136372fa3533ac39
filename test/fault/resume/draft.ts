/** The parts of a flow while it is drawn. */
export interface Draft {
  readonly modules: object[]
  readonly data: string[]
  readonly control: object[]
  /** What lies in the folder before the first run: text by path. */
  readonly files: { [path: string]: string }
}

/** Where a sub flow stands. */
export interface Setting {
  readonly id: string
  /** Ids of the lists of the loops around it, from the outside in. */
  readonly loops: readonly string[]
  /** The nodes of those lists give files, and the sub flow is right behind the innermost: it may take the file of its pass away. */
  readonly takesFile: boolean
  /** It runs again in every resume, since something before it fails: nothing may be appended or taken away. */
  readonly repeats: boolean
  /** A global of the sub flow above, `node__name`. */
  readonly above: string | undefined
}

/** Some nodes of one sub flow. */
export interface Unit {
  /** Takes control. */
  readonly first: string
  /** Gives control. */
  readonly last: string
  readonly ends: 'completed' | 'failed'
  /** It gives the list of the loop around what is hung below it: rows, or files. */
  readonly list?: 'rows' | 'files'
  /** A global that it publishes. */
  readonly global?: string
  /** A condition for the connection into it, which holds before it has run and not after. */
  readonly condition?: string
  /** A port whose rows may cross a boundary. */
  readonly port?: string
  /** It fails until the flow is mended. */
  readonly mendable?: boolean
}
