import type { Column } from '../../../sdk/relation.js'
import type { Bin } from '../../rows-profile.js'
import { quoteName } from '../statement/literal.js'
import { type Measures, positionOf } from './measures.js'
import { formatPosition, kindOfType } from './value-kind.js'

const BINS = 10

/** Bins of the same width. */
export interface Histogram {
  readonly low: number
  readonly high: number
  readonly width: number
  readonly bins: number
}

/** The bins for a column; undefined where its values are not on a line, or are all the same. */
export function planHistogram({ type }: Column, { low, high }: Measures): Histogram | undefined {
  if (low === null || high === null || !(high > low) || !Number.isFinite(high - low)) return undefined
  const bins = kindOfType(type) === 'integer' && high - low < BINS ? high - low + 1 : BINS
  return bins < BINS ? { low, high, bins, width: 1 } : { low, high, bins, width: (high - low) / bins }
}

/** An expression that counts the rows of each bin, as JSON by its number. */
export function selectHistogram({ name, type }: Column, { low, width, bins }: Histogram): string {
  const bin = `least(${bins - 1}, CAST(floor((${positionOf(quoteName(name), type)} - ${asDouble(low)}) / ${asDouble(width)}) AS INTEGER))`
  return `CAST(to_json(histogram(${bin})) AS VARCHAR)`
}

/** The bins with the counts that {@link selectHistogram} gave. */
export function readHistogram({ type }: Column, { low, high, width, bins }: Histogram, counts: unknown): readonly Bin[] {
  const byBin: { readonly [bin: string]: number | undefined } = JSON.parse(String(counts))
  const kind = kindOfType(type)
  return Array.from({ length: bins }, (_, i) => ({
    from: formatPosition(low + i * width, kind),
    to: formatPosition(i === bins - 1 ? high : low + (i + 1) * width, kind),
    rows: byBin[i] ?? 0,
  }))
}

/** All 17 digits, so that the ends are where the values are. */
function asDouble(value: number): string {
  return `CAST('${value}' AS DOUBLE)`
}
