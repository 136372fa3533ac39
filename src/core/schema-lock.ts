/** The format of a schema file; a build refuses any other. */
export const SCHEMA_LOCK_VERSION = 1

/** What a run does when the files of a source differ from its locked columns. */
export const SCHEMA_POLICIES = ['freeze', 'warn', 'evolve'] as const

export type SchemaPolicy = (typeof SCHEMA_POLICIES)[number]

/** A column of a file source that was found once and is held on to. */
export interface LockedColumn {
  readonly name: string
  /** As the engine writes it. */
  readonly type: string
  /** How its dates or timestamps are written in a CSV file, as strptime writes it; absent: ISO 8601, or no date. */
  readonly format?: string
}

/** The content of `<flow name>.schema.json` beside a flow: the columns of its file sources, by id of the node. */
export interface SchemaLock {
  readonly schema_version: typeof SCHEMA_LOCK_VERSION
  readonly sources: { readonly [node: string]: { readonly columns: readonly LockedColumn[] } }
}

/** The name of the schema file of a flow. */
export function schemaLockFile(flowName: string): string {
  return `${flowName}.schema.json`
}
