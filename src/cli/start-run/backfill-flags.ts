/** The options of `pype run` that make a backfill of it. */
export interface BackfillFlags {
  readonly date?: string
  readonly from?: string
  readonly to?: string
  readonly every?: string
  readonly parallel?: string
  /** True: given without a node. */
  readonly again?: true | readonly string[]
  readonly keepGoing?: boolean
}

/** Whether any option of a backfill was given. */
export function asksForBackfill({ from, to, every, parallel, again, keepGoing }: BackfillFlags): boolean {
  return again === true || [from, to, every, parallel, keepGoing].some((flag) => flag !== undefined)
}
