import { formatCount } from '../../../core/quantity.js'
import type { ProgressStatus } from '../../../core/run-progress.js'
import type { NodeDiff, Pair, SubFlowDiff } from './compare-runs.js'

/** A time differs when it does by this share, and by so many seconds: machines are never quite as fast as the day before. */
const NOTABLE_SHARE = 0.25
const NOTABLE_SECONDS = 1

/** A line of a comparison: a sub flow, or a node in it. */
export interface DiffLine {
  readonly lead: string
  readonly name: string
  readonly status: Pair<ProgressStatus>
  readonly rows: Pair<number>
  readonly seconds: Pair<number>
  readonly note?: string
}

/** The lines of a sub flow and its nodes; one line for a sub flow of one node. */
export function listDiffLines({ name, in: where, status, seconds, attempts, nodes }: SubFlowDiff): DiffLine[] {
  const only = nodes.length === 1 ? nodes[0] : undefined
  const notes = [
    ...(where === 'both' ? [] : [`only in ${where.toUpperCase()}`]),
    ...(where === 'both' && attempts.a !== attempts.b ? [`attempts: ${attempts.a} → ${attempts.b}`] : []),
    ...(only === undefined ? [] : describeNotes(only)),
  ]
  const note = notes.length === 0 ? {} : { note: notes.join(', ') }
  const first: DiffLine = { lead: '', name: only?.node ?? name, status, seconds, rows: only?.rows ?? { a: null, b: null }, ...note }
  return only === undefined ? [first, ...nodes.map(describeNode)] : [first]
}

function describeNode(node: NodeDiff): DiffLine {
  const notes = describeNotes(node)
  // A query takes no time of its own.
  const seconds = { a: node.seconds.a || null, b: node.seconds.b || null }
  return {
    lead: '  ',
    name: node.node,
    status: node.status,
    rows: node.rows,
    seconds,
    ...(notes.length === 0 ? {} : { note: notes.join(', ') }),
  }
}

function describeNotes({ runs, rejected }: NodeDiff): string[] {
  const pair = (word: string, { a, b }: Pair<number>) => `${word}: ${formatNumber(a)} → ${formatNumber(b)}`
  return [
    ...(runs.a !== null && runs.b !== null && runs.a !== runs.b && Math.max(runs.a, runs.b) > 1 ? [pair('times', runs)] : []),
    ...((rejected.a ?? 0) === (rejected.b ?? 0) ? [] : [pair('rejected', rejected)]),
  ]
}

/** Whether there is something to see in a sub flow. */
export function differs({ in: where, was_changed, status, attempts, seconds, nodes }: SubFlowDiff): boolean {
  const isOther = <T>({ a, b }: Pair<T>) => a !== b
  if (where !== 'both' || was_changed || isOther(status) || isOther(attempts) || isNotable(seconds)) return true
  return nodes.some(({ status: own, rows, rejected, runs }) => [own, rows, rejected, runs].some((pair) => isOther<unknown>(pair)))
}

function isNotable({ a, b }: Pair<number>): boolean {
  if (a === null || b === null) return a !== b
  return Math.abs(b - a) >= NOTABLE_SECONDS && Math.abs(b - a) >= NOTABLE_SHARE * Math.max(a, b)
}

/** `1,234`, or `-` where nothing was counted. */
export function formatNumber(value: number | null): string {
  return value === null ? '-' : formatCount(value)
}
