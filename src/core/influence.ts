/**
 * How a column comes into another one, with the words of OpenLineage. The first three carry its values on: as they are, computed with, or
 * several to one. The others only decide: which rows there are, in which order, or which of several values is taken.
 */
export type Influence = 'identity' | 'transformation' | 'aggregation' | 'join' | 'filter' | 'group_by' | 'sort' | 'window' | 'conditional'

/** Those that carry values on, from the least to the most that is done to them. */
const DIRECT: readonly Influence[] = ['identity', 'transformation', 'aggregation']

/** Whether values of the column are carried on. */
export function isDirect(influence: Influence): boolean {
  return DIRECT.includes(influence)
}

/** One influence behind another one as a single one. What only decides hides how its own values came about. */
export function followedBy(first: Influence, second: Influence): Influence {
  const rank = DIRECT.indexOf(second)
  if (rank < 0) return second
  const before = DIRECT.indexOf(first)
  return before < 0 || before > rank ? first : second
}
