import fc from 'fast-check'
import { expect, test } from 'vitest'
import { keyOf } from '../../src/testing/compare/cell.js'
import { matchRows } from '../../src/testing/compare/match-rows.js'
import { areNear, measureColumns } from '../../src/testing/compare/near-cells.js'
import type { Row } from '../../src/testing/compare/read-expected.js'

const KINDS = ['text', 'exact number', 'double'] as const

function toRow(values: readonly (string | null)[]): Row {
  return {
    cells: values.map((text, i) => ({ key: text === null ? null : keyOf(text, KINDS[i] ?? 'text'), text })),
    at: undefined,
  }
}

const ROW = fc.tuple(
  fc.constantFrom('a', 'b', null),
  fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: 0, max: 12 }).map((n) => String(n / 10)) },
    { weight: 1, arbitrary: fc.constant(null) },
  ),
  fc.oneof({ weight: 8, arbitrary: fc.integer({ min: 0, max: 6 }).map((n) => String(n / 4)) }, fc.constantFrom('nan', 'inf', null)),
)

/** The most pairs there can be, found by trying all ways of giving partners away. */
function countPairs(expected: readonly Row[], found: readonly Row[], fits: (a: Row, b: Row) => boolean): number {
  const ownerOf = new Map<number, number>()
  const seek = (left: number, seen: Set<number>): boolean =>
    found.some((row, right) => {
      if (seen.has(right) || !fits(expected[left] ?? toRow([]), row)) return false
      seen.add(right)
      const owner = ownerOf.get(right)
      if (owner !== undefined && !seek(owner, seen)) return false
      ownerOf.set(right, left)
      return true
    })
  return expected.filter((_, left) => seek(left, new Set())).length
}

test('with a tolerance as many rows go together as there can be, each with one that is near to it', () => {
  fc.assert(
    fc.property(
      fc.array(ROW, { maxLength: 14 }),
      fc.array(ROW, { maxLength: 14 }),
      fc.constantFrom(0, 0.1, 0.3, 0.5),
      (a, b, tolerance) => {
        const [expected, found] = [a.map(toRow), b.map(toRow)]
        const measures = measureColumns(KINDS, tolerance)
        const fits = (one: Row, other: Row) => one.cells.every((cell, i) => areNear(cell, other.cells[i], measures[i]))
        const { equal, changed, missing, unexpected } = matchRows(expected, found, { ordered: false, measures })
        expect(equal.length).toBe(countPairs(expected, found, fits))
        expect(equal.every((pair) => fits(expected[pair.expected] ?? toRow([]), found[pair.found] ?? toRow([])))).toBe(true)
        const places = (pick: (pair: (typeof equal)[number]) => number, rest: readonly number[]) =>
          [...[...equal, ...changed].map(pick), ...rest].sort((x, y) => x - y)
        expect(places((pair) => pair.expected, missing)).toEqual([...expected.keys()])
        expect(places((pair) => pair.found, unexpected)).toEqual([...found.keys()])
      },
    ),
    { numRuns: 2000 },
  )
})

test('a tolerance holds to the last digit of numbers that no double has', () => {
  const [column] = measureColumns(['exact number'], 0.5)
  const cell = (text: string) => ({ key: keyOf(text, 'exact number'), text })
  expect(areNear(cell('9007199254740993'), cell('9007199254740992'), column)).toBe(false)
  expect(areNear(cell('12345678901234567890.5'), cell('12345678901234567891.00'), column)).toBe(true)
  expect(areNear(cell('12345678901234567890.5'), cell('12345678901234567891.01'), column)).toBe(false)
  expect(areNear(cell('-0.25'), cell('0.25'), column)).toBe(true)
})
