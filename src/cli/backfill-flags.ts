/** The options of `pype run` that make a backfill of it. */
export interface BackfillFlags {
  readonly date?: string
  readonly from?: string
  readonly to?: string
  readonly every?: string
  readonly parallel?: string
  readonly again?: boolean
  readonly keepGoing?: boolean
}

/** Whether any option of a backfill was given. */
export function asksForBackfill({ from, to, every, parallel, again, keepGoing }: BackfillFlags): boolean {
  return [from, to, every, parallel, again, keepGoing].some((flag) => flag !== undefined)
}
