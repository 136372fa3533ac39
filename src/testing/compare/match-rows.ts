import { groupBy } from '../../core/group-by.js'
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
  /** How far numbers may be apart. */
  readonly tolerance: number
  /** Whether the values of each column are numbers. */
  readonly numeric: readonly boolean[]
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
  return { ...pairRest(expected, found, equal), equal, isReordered: false }
}

function matchSets(expected: readonly Row[], found: readonly Row[], options: MatchOptions): Pair[] {
  const isLoose = (i: number) => options.tolerance > 0 && options.numeric[i] === true
  // NULL is not near to any number.
  const keyOf = ({ cells }: Row) => JSON.stringify(cells.map(({ key }, i) => (isLoose(i) && key !== null ? '~' : (key ?? 0))))
  const byKey = groupBy(found.keys(), (i) => keyOf(found[i] ?? NO_ROW))
  const wanted = groupBy(expected.keys(), (i) => keyOf(expected[i] ?? NO_ROW))
  return [...wanted].flatMap(([key, indexes]) => {
    const candidates = byKey.get(key) ?? []
    if (options.tolerance === 0)
      return indexes.slice(0, candidates.length).map((index, i) => ({ expected: index, found: candidates[i] ?? 0 }))
    return assign(indexes, candidates, (a, b) => isEqual(expected[a] ?? NO_ROW, found[b], options))
  })
}

const NO_ROW: Row = { cells: [], at: undefined }

/** As many pairs as there can be, each row in one of them: a row that is near to two others leaves each the partner that it needs. */
function assign(left: readonly number[], right: readonly number[], fits: (a: number, b: number) => boolean): Pair[] {
  const foundOf = new Map<number, number>()
  const expectedOf = new Map<number, number>()
  for (const start of left) {
    const cameFrom = new Map<number, number>()
    let free = findFree(start, right, fits, expectedOf, cameFrom)
    // Along the way that led there, each row gives its partner away and takes the next one.
    while (free !== undefined) {
      const index: number = cameFrom.get(free) ?? start
      const before = foundOf.get(index)
      foundOf.set(index, free)
      expectedOf.set(free, index)
      free = before
    }
  }
  return [...foundOf].map(([expected, found]) => ({ expected, found }))
}

/** A row without a partner that can be reached by taking partners away; `cameFrom` gets the way. Breadth first: ways may be long. */
function findFree(
  start: number,
  right: readonly number[],
  fits: (a: number, b: number) => boolean,
  expectedOf: ReadonlyMap<number, number>,
  cameFrom: Map<number, number>,
): number | undefined {
  const queue = [start]
  for (const index of queue) {
    for (const candidate of right) {
      if (cameFrom.has(candidate) || !fits(index, candidate)) continue
      cameFrom.set(candidate, index)
      const owner = expectedOf.get(candidate)
      if (owner === undefined) return candidate
      queue.push(owner)
    }
  }
  return undefined
}

function isEqual(a: Row, b: Row | undefined, { tolerance, numeric }: MatchOptions): boolean {
  return b !== undefined && a.cells.every((cell, i) => isEqualCell(cell, b.cells[i], numeric[i] === true ? tolerance : 0))
}

/** Whether two values are equal, or numbers that are near enough. */
export function isEqualCell(a: Row['cells'][number] | undefined, b: Row['cells'][number] | undefined, tolerance: number): boolean {
  if (a === undefined || b === undefined) return false
  if (a.key === b.key) return true
  if (tolerance === 0 || a.key === null || b.key === null) return false
  const [left, right] = [Number(a.key), Number(b.key)]
  // What is written with few digits is rarely held just so: 1.1 is 0.1 from 1 for whoever writes it.
  return Math.abs(left - right) <= tolerance + 2 * Number.EPSILON * Math.max(Math.abs(left), Math.abs(right))
}

/** Rows that are most alike go together, from the expected ones on in their order. */
function pairRest(
  expected: readonly Row[],
  found: readonly Row[],
  equal: readonly Pair[],
): Pick<Match, 'changed' | 'missing' | 'unexpected'> {
  const matched = { expected: new Set(equal.map((pair) => pair.expected)), found: new Set(equal.map((pair) => pair.found)) }
  const rest = new Set([...found.keys()].filter((i) => !matched.found.has(i)))
  const open = [...expected.keys()].filter((i) => !matched.expected.has(i))
  // Each with each takes time, and nobody reads the pairs of thousands of rows.
  const isMany = open.length * rest.size > MOST_PAIRS
  const changed: Pair[] = []
  const missing: number[] = []
  for (const index of open) {
    const partner = isMany ? undefined : findPartner(expected[index] ?? NO_ROW, found, rest)
    if (partner === undefined) missing.push(index)
    else {
      rest.delete(partner)
      changed.push({ expected: index, found: partner })
    }
  }
  return { changed, missing, unexpected: [...rest] }
}

const MOST_PAIRS = 1_000_000

function findPartner(row: Row, found: readonly Row[], rest: ReadonlySet<number>): number | undefined {
  let best: number | undefined
  let most = 0
  for (const index of rest) {
    const alike = row.cells.filter(({ key }, i) => key === found[index]?.cells[i]?.key).length
    if (alike > most && alike * 2 >= row.cells.length) [best, most] = [index, alike]
  }
  return best
}
