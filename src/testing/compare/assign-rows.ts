import { compareExact } from './exact-number.js'
import { areNear, type ColumnMeasure, numberOf, slackOf } from './near-cells.js'
import { pairUp } from './pair-up.js'
import type { Row } from './read-expected.js'

/** Rows of two lists, by their indexes, that are alike but for numbers with a tolerance. */
export interface Assignment {
  readonly left: readonly number[]
  readonly right: readonly number[]
  readonly rowsLeft: readonly Row[]
  readonly rowsRight: readonly Row[]
  readonly measures: readonly ColumnMeasure[]
}

/**
 * As many pairs of rows that are near to each other as there can be, each row in one of them: a row that is near to two others leaves
 * each the partner that it needs. Rows are sorted by the numbers of one column, so that each looks only at those that are near in it.
 */
export function assignRows(task: Assignment): ReadonlyMap<number, number> {
  const column = chooseColumn(task)
  const left = sortBy(column, task.left, task.rowsLeft, task.measures)
  const right = sortBy(column, task.right, task.rowsRight, task.measures)
  const measure = task.measures[column]
  const range = (at: number): readonly [number, number] => {
    const middle = left.numbers[at] ?? 0
    const reach = (measure?.tolerance ?? 0) + 2 * slackOf(middle, measure?.tolerance ?? 0)
    return [firstFrom(right.numbers, middle - reach), firstFrom(right.numbers, middle + reach, true)]
  }
  const fits = (a: number, b: number): boolean => {
    const [mine, other] = [task.rowsLeft[left.indexes[a] ?? -1], task.rowsRight[right.indexes[b] ?? -1]]
    return mine?.cells.every((cell, i) => areNear(cell, other?.cells[i], task.measures[i])) === true
  }
  const isLine = task.measures.filter(({ tolerance }) => tolerance > 0).length === 1
  const partners = pairUp({ left: left.indexes.length, right: right.indexes.length, range, fits }, isLine)
  return new Map([...partners].map(([a, b]) => [left.indexes[a] ?? -1, right.indexes[b] ?? -1]))
}

/** The column with a tolerance that has the most values. */
function chooseColumn({ right, rowsRight, measures }: Assignment): number {
  const counts = measures.map(({ tolerance }, i) =>
    tolerance === 0 ? -1 : new Set(right.map((index) => rowsRight[index]?.cells[i]?.key)).size,
  )
  return counts.indexOf(Math.max(...counts))
}

interface Sorted {
  readonly indexes: readonly number[]
  readonly numbers: readonly number[]
}

function sortBy(column: number, indexes: readonly number[], rows: readonly Row[], measures: readonly ColumnMeasure[]): Sorted {
  const measure = measures[column]
  const entries = indexes.map((index) => {
    const cell = rows[index]?.cells[column]
    return { index, key: cell?.key ?? '0', number: (cell && measure && numberOf(cell, measure)) ?? 0 }
  })
  // Numbers of many digits may be the same double.
  const isExact = measure?.kind === 'exact number'
  entries.sort((a, b) => a.number - b.number || (isExact && a.key !== b.key ? compareExact(a.key, b.key) : 0))
  return { indexes: entries.map(({ index }) => index), numbers: entries.map(({ number }) => number) }
}

/** The place of the first number that is not below a value; with `above`, of the first one that is above it. */
function firstFrom(sorted: readonly number[], value: number, above = false): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >> 1
    const number = sorted[middle] ?? 0
    if (number < value || (above && number === value)) low = middle + 1
    else high = middle
  }
  return low
}
