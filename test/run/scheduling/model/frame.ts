import { nameInFrame } from '../../../../src/core/frame.js'
import type { Arrow } from './model-flow.js'

/** How a connection was settled. */
export interface Verdict {
  readonly how: 'taken' | 'not taken' | 'blocking'
  /** Taken because of a failure, or out of what was started because of one: `halt` lets it through. */
  readonly handles: boolean
  /** Its condition could not be evaluated here. */
  readonly broken: boolean
}

/** One pass of a loop, or all that is outside of loops. */
export class Frame {
  readonly verdicts = new Map<Arrow, Verdict>()
  /** What the connections came to in this frame that are settled after the last one. */
  readonly exits = new Map<Arrow, Verdict>()
  readonly ends = new Map<string, 'completed' | 'failed' | 'skipped' | 'blocked' | 'cancelled'>()
  /** The sub flows that started, or were passed by. */
  readonly arrived = new Set<string>()
  /** Those that were started because of a failure. */
  readonly handlers = new Set<string>()
  /** The walks in the background that were started here: whether they have ended. */
  readonly background: (() => boolean)[] = []
  failed = false
  over = false

  constructor(
    readonly path: readonly number[],
    readonly outer: Frame | undefined,
  ) {}

  /** A connection from further outside counts as it was settled there. */
  verdictOf(arrow: Arrow): Verdict | undefined {
    return this.verdicts.get(arrow) ?? this.outer?.verdictOf(arrow)
  }

  /** `load#2.0`, `a>b#2.0`. */
  name(what: string): string {
    return nameInFrame(what, this.path)
  }

  /** Here and in the frames around. */
  noteFailure(): void {
    this.failed = true
    this.outer?.noteFailure()
  }
}
