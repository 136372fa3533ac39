import type { Column, StoredRelation } from '../../../sdk/relation.js'
import type { ColumnProfile, RowsProfile, TopValue } from '../../rows-profile.js'
import type { Session } from '../session.js'
import { fromStored } from '../statement/compile.js'
import { quoteName } from '../statement/literal.js'
import { planHistogram, readHistogram, selectHistogram } from './histogram.js'
import { MEASURES, readMeasures, selectMeasures } from './measures.js'
import { shownText } from './shorten.js'

/** Above this, what would hold every value in memory is estimated. */
const EXACT_ROWS = 200_000
/** The time to plan a statement grows with the square of its expressions, and so does the memory that it takes. */
const COLUMNS_AT_ONCE = 20
const TOP_VALUES = 5
/** Up to so many different values are grouped and counted whatever the number of rows: that is exact, and quicker than an estimate. */
const FEW_VALUES = 10_000
/** The values that an estimate keeps its eye on, so that the top ones are among them. */
const WATCHED_VALUES = 50

/**
 * Profiles stored rows that have been shortened, some columns at a time: measures first, since the bins of the histograms follow from
 * them, then the values. `all` has the types that the columns had before.
 */
export async function profileRows(
  stored: StoredRelation,
  all: readonly Column[],
  session: Session,
  signal: AbortSignal,
): Promise<RowsProfile> {
  const isExact = stored.rows <= EXACT_ROWS
  const columns: ColumnProfile[] = []
  for (let i = 0; i < all.length; i += COLUMNS_AT_ONCE) {
    columns.push(...(await profileColumns(all.slice(i, i + COLUMNS_AT_ONCE), stored, isExact, session, signal)))
  }
  return { rows: stored.rows, exact: isExact, columns }
}

async function profileColumns(
  columns: readonly Column[],
  stored: StoredRelation,
  isExact: boolean,
  session: Session,
  signal: AbortSignal,
): Promise<readonly ColumnProfile[]> {
  const from = fromStored(stored)
  const selectOne = async (items: readonly string[]): Promise<readonly unknown[]> =>
    items.length === 0 ? [] : ((await (await session.run(`SELECT ${items.join(', ')} FROM ${from}`, signal)).getRows())[0] ?? [])
  const values = await selectOne(columns.flatMap((column) => selectMeasures(column, isExact)))
  const measured = columns.map((column, i) => {
    const measures = readMeasures(values.slice(i * MEASURES, (i + 1) * MEASURES))
    return { column, measures, plan: planHistogram(column, measures) }
  })
  const planned = measured.flatMap(({ column, plan }) => (plan === undefined ? [] : [{ column, plan }]))
  const counts = await selectOne(planned.map(({ column, plan }) => selectHistogram(column, plan)))
  const histograms = new Map(planned.map(({ column, plan }, i) => [column, readHistogram(column, plan, counts[i])]))
  const profiles: ColumnProfile[] = []
  for (const { column, measures } of measured) {
    const { quantiles, min, max, distinct } = measures
    const [p25 = null, p50 = null, p75 = null] = quantiles ?? []
    const isCounted = isExact || distinct <= FEW_VALUES
    const top = measures.values === 0 ? NO_VALUES : await findTop(column, from, isCounted, session, signal)
    profiles.push({
      ...column,
      nulls: stored.rows - measures.values,
      // An estimate can be above what there can be.
      distinct: top.groups ?? Math.min(distinct, measures.values),
      distinct_exact: top.groups !== undefined,
      min,
      max,
      quantiles: p25 === null || p50 === null || p75 === null ? null : { p25, p50, p75 },
      top: top.values,
      histogram: histograms.get(column) ?? null,
    })
  }
  return profiles
}

/** The most frequent values, and how many different ones there are, where they were all counted. */
interface Top {
  readonly values: readonly TopValue[]
  readonly groups: number | undefined
}

const NO_VALUES: Top = { values: [], groups: 0 }

/** The counts are exact in both ways; where not all values are counted, it is those that an estimate has kept. */
async function findTop({ name, type }: Column, from: string, isCounted: boolean, session: Session, signal: AbortSignal): Promise<Top> {
  const values = `(SELECT ${quoteName(name)} AS v FROM ${from}) AS t`
  const watched = `v IN (SELECT unnest(approx_top_k(v, ${WATCHED_VALUES})) FROM ${values})`
  const statement = `SELECT ${shownText('v', type)} AS value, CAST(count(*) AS DOUBLE) AS n, CAST(count(*) OVER () AS DOUBLE) AS groups FROM ${values}
    WHERE v IS NOT NULL ${isCounted ? '' : `AND ${watched}`} GROUP BY v ORDER BY n DESC, v LIMIT ${TOP_VALUES}`
  const found = await (await session.run(statement, signal)).getRows()
  return {
    values: found.map(([value, rows]) => ({ value: String(value), rows: Number(rows) })),
    groups: isCounted ? Number(found[0]?.[2]) : undefined,
  }
}
