import type { Cell } from './cell.js'
import type { ColumnKind } from './column-kind.js'
import { exactNumber, isExactlyNear } from './exact-number.js'

/** How the values of a column are compared. */
export interface ColumnMeasure {
  readonly kind: ColumnKind
  /** How far its values may be apart; 0 where they are no numbers. */
  readonly tolerance: number
}

/** How columns of some kinds are compared with a tolerance for numbers. */
export function measureColumns(kinds: readonly ColumnKind[], tolerance: number): readonly ColumnMeasure[] {
  return kinds.map((kind) => ({ kind, tolerance: isNumeric(kind) ? tolerance : 0 }))
}

function isNumeric(kind: ColumnKind): boolean {
  return kind === 'exact number' || kind === 'double' || kind === 'float'
}

/** The number that a value is near to others by; undefined: it is equal to itself only, as NULL, an infinity and what is no number are. */
export function numberOf({ key }: Cell, { tolerance }: ColumnMeasure): number | undefined {
  const number = tolerance === 0 || key === null ? Number.NaN : Number(key)
  return Number.isFinite(number) ? number : undefined
}

/** Whether two values are equal, or numbers that are near enough. */
export function areNear(a: Cell | undefined, b: Cell | undefined, measure: ColumnMeasure | undefined): boolean {
  if (a === undefined || b === undefined || measure === undefined) return false
  if (a.key === b.key) return true
  const [left, right] = [numberOf(a, measure), numberOf(b, measure)]
  if (left === undefined || right === undefined) return false
  const { kind, tolerance } = measure
  if (kind === 'exact number') return isExactlyNear(a.key ?? '', b.key ?? '', exactNumber(String(tolerance)) ?? '0')
  // What is written with few digits is rarely held just so: 1.1 is 0.1 from 1 for whoever writes it.
  return Math.abs(left - right) <= tolerance + slackOf(left, right)
}

/** What a double can be off for having been written in decimals, at the larger one of two. */
export function slackOf(a: number, b: number): number {
  return 2 * Number.EPSILON * Math.max(Math.abs(a), Math.abs(b))
}
