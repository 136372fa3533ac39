import type { ValveType } from '../../core/dag.js'

/** How a sub flow ended. */
export type End = 'completed' | 'failed' | 'skipped' | 'blocked' | 'cancelled'

/** How many sub flows ended in which way. */
export type EndCounts = { [end in End]: number }

/** Nothing has ended. */
export function noEnds(): EndCounts {
  return { completed: 0, failed: 0, skipped: 0, blocked: 0, cancelled: 0 }
}

/** Adds the counts of a frame to those of the one around it. */
export function addCounts(counts: EndCounts, added: Readonly<EndCounts>): void {
  for (const end of Object.keys(counts) as End[]) counts[end] += added[end]
}

/** How a connection was settled; `blocking` only when it was not taken. */
export type Verdict = 'taken' | 'not taken' | 'blocking'

/*
 * A connection is settled when the walk looks at it:
 *
 *   end of the sub flow it leaves | normal, iterate, start | error      | done
 *   completed                     | open                   | not taken  | open
 *   failed                        | blocking               | open       | open
 *   skipped                       | not taken              | not taken  | not taken
 *   blocked, cancelled            | blocking               | not taken  | not taken
 *
 *   open -> taken      without a condition, or when it is true
 *   open -> not taken  when the condition is false or NULL
 *   open -> blocking   when the condition cannot be evaluated
 */

/** What the end of a sub flow means for a connection that leaves it; `open`: its condition decides. */
export function judgeEnd(type: ValveType, end: End): Verdict | 'open' {
  const catches = catchesFailures(type)
  switch (end) {
    case 'completed':
      return type === 'error' ? 'not taken' : 'open'
    case 'failed':
      return catches ? 'open' : 'blocking'
    case 'skipped':
      return 'not taken'
    default:
      return catches ? 'not taken' : 'blocking'
  }
}

/**
 * Why a sub flow is started: because others completed, because of the end of a loop that has not completed every pass, or because of a
 * failure. Under `halt` only what has a failure for its cause may start. In a resume, what has another cause than `ordinary` runs again.
 */
export type Cause = 'ordinary' | 'partial loop' | 'failure'

const CAUSES: readonly Cause[] = ['ordinary', 'partial loop', 'failure']

/** The one of two causes that weighs more. */
export function weightier(a: Cause, b: Cause): Cause {
  return CAUSES.indexOf(a) < CAUSES.indexOf(b) ? b : a
}

/** Whether a connection is there for failures: it is not blocking when it is not taken. */
export function catchesFailures(type: ValveType): boolean {
  return type === 'error' || type === 'done'
}

/** Why a connection that is taken starts something, given why the sub flow that it leaves was started. */
export function causeBehind(type: ValveType, end: End, cause: Cause): Cause {
  return end === 'failed' && catchesFailures(type) ? 'failure' : cause
}

/** What is known of the connections into a sub flow so far. */
export interface Join {
  /** Connections that are not settled yet. */
  open: number
  taken: boolean
  blocking: boolean
  /** A boundary among them was not taken. */
  rowsMissing: boolean
  /** The weightiest cause of those that were taken. */
  cause: Cause
  /** A gate that has started ignores what is settled later. */
  started: boolean
}

/** A join of which nothing is settled yet. */
export function openJoin(connections: number): Join {
  return { open: connections, taken: false, blocking: false, rowsMissing: false, cause: 'ordinary', started: false }
}

/** Counts a connection that was settled. */
export function addSettled(join: Join, boundary: boolean, settled: { readonly verdict: Verdict; readonly cause: Cause }): void {
  join.open--
  if (settled.verdict === 'taken') {
    join.taken = true
    join.cause = weightier(join.cause, settled.cause)
  } else {
    join.blocking ||= settled.verdict === 'blocking'
    join.rowsMissing ||= boundary
  }
}

/*
 * A join whose connections are all settled:
 *
 *   one blocking -> blocked
 *   nothing taken, or a boundary not taken -> skipped
 *   after a failure under halt, and no failure is its cause -> blocked
 *   else -> starts
 *
 * A gate that waits for any starts as soon as one is taken (under halt: because of a failure), and only once.
 */

/** What becomes of a sub flow now that one more connection into it is settled. */
export function decideJoin(join: Join, isGate: boolean, halted: boolean): 'start' | 'skipped' | 'blocked' | 'wait' {
  if (join.started) return 'wait'
  const mayStart = join.taken && (!halted || join.cause === 'failure')
  if (isGate && mayStart) return 'start'
  if (join.open > 0) return 'wait'
  if (join.blocking) return 'blocked'
  if (!join.taken || join.rowsMissing) return 'skipped'
  return mayStart ? 'start' : 'blocked'
}
