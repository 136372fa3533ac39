import type { ValveType } from '../../core/dag.js'

/** How a sub flow ended. */
export type End = 'completed' | 'failed' | 'skipped' | 'blocked' | 'cancelled'

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
  const catches = type === 'error' || type === 'done'
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

/** Whether a connection that is taken leads on from a failure: what it starts handles that. */
export function leadsFromFailure(type: ValveType, end: End): boolean {
  return end === 'failed' && (type === 'error' || type === 'done')
}

/** What is known of the connections into a sub flow so far. */
export interface Join {
  /** Connections that are not settled yet. */
  open: number
  taken: boolean
  blocking: boolean
  /** A boundary among them was not taken. */
  rowsMissing: boolean
  /** A taken one leads on from a failure, so that `halt` lets the sub flow start. */
  handlesFailure: boolean
  /** A gate that has started ignores what is settled later. */
  started: boolean
}

/** A join of which nothing is settled yet. */
export function openJoin(connections: number): Join {
  return { open: connections, taken: false, blocking: false, rowsMissing: false, handlesFailure: false, started: false }
}

/** Counts a connection that was settled. */
export function addSettled(join: Join, boundary: boolean, settled: { readonly verdict: Verdict; readonly handlesFailure: boolean }): void {
  join.open--
  if (settled.verdict === 'taken') {
    join.taken = true
    join.handlesFailure ||= settled.handlesFailure
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
 *   after a failure under halt, and it does not handle a failure -> blocked
 *   else -> starts
 *
 * A gate that waits for any starts as soon as one is taken (under halt: one that handles a failure), and only once.
 */

/** What becomes of a sub flow now that one more connection into it is settled. */
export function decideJoin(join: Join, isGate: boolean, halted: boolean): 'start' | 'skipped' | 'blocked' | 'wait' {
  if (join.started) return 'wait'
  const mayStart = join.taken && (!halted || join.handlesFailure)
  if (isGate && mayStart) return 'start'
  if (join.open > 0) return 'wait'
  if (join.blocking) return 'blocked'
  if (!join.taken || join.rowsMissing) return 'skipped'
  return mayStart ? 'start' : 'blocked'
}
