import type { JsonObject } from '../../../../src/core/json.js'
import type { Step } from '../../power/powered-place.js'
import type { Stop } from './fault-points.js'
import type { Weakness } from './weaken-disk.js'

/** One run of a job in a place, or the resume of what was killed there. */
export interface Task {
  readonly job: string
  readonly cwd: string
  readonly runs: string
  /** Goes on with the last run; starts one when nothing has begun. */
  readonly resume: boolean
  /** Values of the context. */
  readonly set: JsonObject
}

/** What a process does: one task after the other, until it is killed. */
export interface Orders {
  readonly tasks: readonly Task[]
  /** Counted over the last task only. */
  readonly stop?: Stop
  readonly weakness?: Weakness
  /** A commit of a database takes a second on the server. */
  readonly slow?: boolean
  /** Tells of each step of the last task what a power cut would take there. */
  readonly surveys?: boolean
}

/** A line that a process prints. */
export type Answer =
  | { readonly status: string; readonly points: number; readonly errors: readonly string[]; readonly steps?: readonly Step[] }
  /** Nothing was run. */
  | { readonly refused: string }
  /** The point at which the process is about to be killed. */
  | { readonly killed: string }
