import type { Column } from '../../../sdk/relation.js'
import { quoteName } from '../statement/literal.js'
import { shownText } from './shorten.js'
import { hasInfinities, isOnLine, kindOfType } from './value-kind.js'

/** What one statement measures of a column. */
export interface Measures {
  readonly values: number
  /** Close, and not exact. */
  readonly distinct: number
  readonly min: string | null
  readonly max: string | null
  readonly quantiles: readonly (string | null)[] | null
  /** The ends of the line that the finite values are on, as numbers or seconds. */
  readonly low: number | null
  readonly high: number | null
}

/** The number of expressions that {@link selectMeasures} writes for a column. */
export const MEASURES = 9

/** The expressions that measure a column, in the order in which {@link readMeasures} takes their values. */
export function selectMeasures({ name, type }: Column, isExact: boolean): readonly string[] {
  const column = quoteName(name)
  const kind = kindOfType(type)
  const line = isOnLine(kind)
  const finite = hasInfinities(type) ? ` FILTER (isfinite(${column}))` : ''
  const quantile = (share: number) =>
    line ? `CAST(${isExact ? 'quantile_disc' : 'approx_quantile'}(${column}, ${share})${finite} AS VARCHAR)` : 'NULL'
  const end = (which: 'min' | 'max') => (line ? `${which}(${positionOf(column, type)})` : 'NULL')
  return [
    `CAST(count(${column}) AS DOUBLE)`,
    `CAST(approx_count_distinct(${column}) AS DOUBLE)`,
    kind === 'nested' ? 'NULL' : shownText(`min(${column})`, type),
    kind === 'nested' ? 'NULL' : shownText(`max(${column})`, type),
    quantile(0.25),
    quantile(0.5),
    quantile(0.75),
    end('min'),
    end('max'),
  ]
}

/** The values of the expressions of {@link selectMeasures}. */
export function readMeasures(values: readonly unknown[]): Measures {
  const [count, distinct, min, max, p25, p50, p75, low, high] = values
  const quantiles = [p25, p50, p75].map(toText)
  return {
    values: Number(count),
    distinct: Number(distinct),
    min: toText(min),
    max: toText(max),
    quantiles: quantiles.includes(null) ? null : quantiles,
    low: typeof low === 'number' ? low : null,
    high: typeof high === 'number' ? high : null,
  }
}

/** A finite value as a number, or as seconds. */
export function positionOf(column: string, type: string): string {
  const kind = kindOfType(type)
  const position = kind === 'integer' || kind === 'number' ? `CAST(${column} AS DOUBLE)` : `epoch(${column})`
  return hasInfinities(type) ? `CASE WHEN isfinite(${column}) THEN ${position} END` : position
}

function toText(value: unknown): string | null {
  return value === null || value === undefined ? null : String(value)
}
