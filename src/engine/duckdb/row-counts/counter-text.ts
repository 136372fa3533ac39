import { quoteName } from '../statement/literal.js'

/** Puts a counter behind a query that has these columns. */
export type CountRows = (text: string, columns: readonly string[]) => string

/** Differs from call to call as far as the engine knows, costs one comparison for two thousand rows, and is always true. */
const ALWAYS = 'current_query_id() < 18446744073709551615'

/**
 * A query with a counter behind it: a projection that gives each column as it is, and one called `mark` by which the profile of the
 * statement names it. The values come out of expressions that may not be evaluated twice or elsewhere, so that the optimizer moves no
 * filter on them over the projection and makes no filter of a join into the scan below: what leaves it are the rows of the query. The
 * filter on the mark keeps the projection where nobody reads any of the columns.
 *
 * It runs on all threads, which a sample of 100 percent does not. Only a filter without any column could pass; `isSealed` stops that too,
 * by such a sample.
 */
export function counterText(text: string, columns: readonly string[], mark: string, isSealed: boolean): string {
  const names = columns.map(quoteName)
  const values = names.map((name) => `CASE WHEN ${ALWAYS} THEN ${name} END AS ${name}`)
  const counted = `SELECT ${[...values, `current_query_id() AS ${quoteName(mark)}`].join(', ')} FROM (\n${text}\n)`
  const kept = `SELECT ${names.join(', ')} FROM (${counted}) WHERE ${quoteName(mark)} < 18446744073709551615`
  return isSealed ? `SELECT * FROM (${kept}) USING SAMPLE 100 PERCENT (system)` : kept
}
