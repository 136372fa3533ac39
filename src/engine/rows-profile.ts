/** What the values of each column of some rows are like. */
export interface RowsProfile {
  readonly rows: number
  /** False for many rows: then quantiles are close, and not exact, and so is what columns with many different values say of these. */
  readonly exact: boolean
  readonly columns: readonly ColumnProfile[]
}

/** What the values of a column are like. Values are texts as SQL writes them. */
export interface ColumnProfile {
  readonly name: string
  readonly type: string
  readonly nulls: number
  /** Different values, NULL left aside. */
  readonly distinct: number
  /** False: the number of different values is close, and not exact, and so is the choice of the top values. */
  readonly distinct_exact: boolean
  /** Null: there is no value, or the type has no order that means something. */
  readonly min: string | null
  readonly max: string | null
  /** Of numbers, dates and times; null for other types, and without values. */
  readonly quantiles: Quantiles | null
  /** The most frequent values with their rows, from the top down. */
  readonly top: readonly TopValue[]
  /** Of numbers, dates and times that differ; of as many rows as have a finite value. */
  readonly histogram: readonly Bin[] | null
}

/** The values below which a quarter, half and three quarters of the values are. */
export interface Quantiles {
  readonly p25: string
  readonly p50: string
  readonly p75: string
}

/** A value and the number of rows that have it. */
export interface TopValue {
  readonly value: string
  readonly rows: number
}

/** A range of values and the number of rows in it; `to` belongs to the next bin, but in the last one. */
export interface Bin {
  readonly from: string
  readonly to: string
  readonly rows: number
}
