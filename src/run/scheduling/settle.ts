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
}

/** A join of which nothing is settled yet. */
export function openJoin(connections: number): Join {
  return { open: connections, taken: false, blocking: false, rowsMissing: false, handlesFailure: false }
}

/*
 * A join whose connections are all settled:
 *
 *   a boundary not taken or nothing taken or one blocking -> blocked when one is blocking, else skipped
 *   else, after a failure under halt, and it does not handle a failure -> blocked
 *   else -> starts
 */

/** What becomes of a sub flow when every connection into it is settled. */
export function decideJoin(join: Join, halted: boolean): 'start' | 'skipped' | 'blocked' {
  if (join.blocking) return 'blocked'
  if (!join.taken || join.rowsMissing) return 'skipped'
  return halted && !join.handlesFailure ? 'blocked' : 'start'
}
