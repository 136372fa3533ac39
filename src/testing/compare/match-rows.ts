import { groupBy } from '../../core/group-by.js'
import { assignRows } from './assign-rows.js'
import type { Cell } from './cell.js'
import { areNear, type ColumnMeasure, numberOf } from './near-cells.js'
import type { Row } from './read-expected.js'

/** Which rows of two lists are equal, and which of the others belong together. Indexes into both lists. */
export interface Match {
  readonly equal: readonly Pair[]
  /** Rows with equal values in at least half of their columns. */
  readonly changed: readonly Pair[]
  readonly missing: readonly number[]
  readonly unexpected: readonly number[]
  /** For rows whose order counts: all of them are there, in another order. */
  readonly isReordered: boolean
}

/** An expected row and one that was found. */
export interface Pair {
  readonly expected: number
  readonly found: number
}

/** How rows are compared. */
export interface MatchOptions {
  readonly ordered: boolean
  /** By column. */
  readonly measures: readonly ColumnMeasure[]
}

/** Compares two lists of rows of the same columns: as sets in which a row may be several times, or in their order. */
export function matchRows(expected: readonly Row[], found: readonly Row[], options: MatchOptions): Match {
  const equal = matchSets(expected, found, options)
  if (options.ordered && equal.length === expected.length && equal.length === found.length) {
    const inOrder = expected.every((row, i) => isEqual(row, found[i], options))
    return {
      equal: inOrder ? expected.map((_, i) => ({ expected: i, found: i })) : equal,
      changed: [],
      missing: [],
      unexpected: [],
      isReordered: !inOrder,
    }
  }
  return { ...pairRest(expected, found, equal, options), equal, isReordered: false }
}

function matchSets(expected: readonly Row[], found: readonly Row[], { measures }: MatchOptions): Pair[] {
  const isLoose = measures.some(({ tolerance }) => tolerance > 0)
  const keyOf = ({ cells }: Row) => JSON.stringify(cells.map((cell, i) => exactKey(cell, measures[i])))
  const byKey = groupBy(found.keys(), (i) => keyOf(found[i] ?? NO_ROW))
  const wanted = groupBy(expected.keys(), (i) => keyOf(expected[i] ?? NO_ROW))
  return [...wanted].flatMap(([key, indexes]) => {
    const candidates = byKey.get(key) ?? []
    if (!isLoose) return indexes.slice(0, candidates.length).map((index, i) => ({ expected: index, found: candidates[i] ?? 0 }))
    const partners = assignRows({ left: indexes, right: candidates, rowsLeft: expected, rowsRight: found, measures })
    return [...partners].map(([a, b]) => ({ expected: a, found: b }))
  })
}

/** What two values have to have alike to be near: all numbers in a column with a tolerance have the same. */
function exactKey(cell: Cell, measure: ColumnMeasure | undefined): string | number {
  if (measure !== undefined && numberOf(cell, measure) !== undefined) return 1
  return cell.key ?? 0
}

const NO_ROW: Row = { cells: [], at: undefined }

function isEqual(a: Row, b: Row | undefined, { measures }: MatchOptions): boolean {
  return a.cells.every((cell, i) => areNear(cell, b?.cells[i], measures[i]))
}

/** Rows that are most alike go together, from the expected ones on in their order. */
function pairRest(
  expected: readonly Row[],
  found: readonly Row[],
  equal: readonly Pair[],
  options: MatchOptions,
): Pick<Match, 'changed' | 'missing' | 'unexpected'> {
  const matched = { expected: new Set(equal.map((pair) => pair.expected)), found: new Set(equal.map((pair) => pair.found)) }
  const rest = new Set([...found.keys()].filter((i) => !matched.found.has(i)))
  const open = [...expected.keys()].filter((i) => !matched.expected.has(i))
  // Each with each takes time, and nobody reads the pairs of thousands of rows.
  const isMany = open.length * rest.size > MOST_PAIRS
  const changed: Pair[] = []
  const missing: number[] = []
  for (const index of open) {
    const partner = isMany ? undefined : findPartner(expected[index] ?? NO_ROW, found, rest, options)
    if (partner === undefined) missing.push(index)
    else {
      rest.delete(partner)
      changed.push({ expected: index, found: partner })
    }
  }
  return { changed, missing, unexpected: [...rest] }
}

const MOST_PAIRS = 1_000_000

function findPartner(row: Row, found: readonly Row[], rest: ReadonlySet<number>, { measures }: MatchOptions): number | undefined {
  let best: number | undefined
  let most = 0
  for (const index of rest) {
    const alike = row.cells.filter((cell, i) => areNear(cell, found[index]?.cells[i], measures[i])).length
    if (alike > most && alike * 2 >= row.cells.length) [best, most] = [index, alike]
  }
  return best
}
