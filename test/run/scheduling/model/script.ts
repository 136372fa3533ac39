import type { FramePath } from '../../../../src/core/frame.js'
import { nameInFrame } from '../../../../src/core/frame.js'

/** What a condition comes to. */
export type Truth = 'true' | 'false' | 'null' | 'error'

/** What happens in a run, whenever it happens. Connections go by `from>to`. */
export interface Script {
  /** How many attempts of a sub flow fail before one would complete. */
  readonly failures: (subFlow: string, frame: FramePath) => number
  readonly truth: (connection: string, frame: FramePath) => Truth
  /** Length of the list of an iterate connection. */
  readonly items: (connection: string, frame: FramePath) => number | 'no list'
  /** Turns of the event loop that something takes. */
  readonly turns: (what: string) => number
  /** Whether a sub flow is committing when it is cancelled, and so completes all the same. */
  readonly commits: (subFlow: string, frame: FramePath) => boolean
}

/** How much goes wrong, in percent. */
export interface Odds {
  readonly seed: number
  readonly failing: number
  readonly untrue: number
  readonly broken: number
  readonly maxItems: number
  readonly maxTurns: number
}

/** A script that depends on nothing but the odds: the same question gets the same answer. */
export function writeScript({ seed, failing, untrue, broken, maxItems, maxTurns }: Odds): Script {
  const roll = (sides: number, ...key: readonly string[]) => hash(`${seed} ${key.join(' ')}`) % sides
  return {
    failures: (subFlow, frame) =>
      roll(100, 'fails', nameInFrame(subFlow, frame)) < failing ? 1 + roll(3, 'attempts', nameInFrame(subFlow, frame)) : 0,
    truth: (connection, frame) => {
      const key = nameInFrame(connection, frame)
      if (roll(100, 'broken', key) < broken) return 'error'
      if (roll(100, 'untrue', key) >= untrue) return 'true'
      return roll(2, 'null', key) === 0 ? 'null' : 'false'
    },
    items: (connection, frame) => {
      const key = nameInFrame(connection, frame)
      return roll(100, 'no list', key) < broken ? 'no list' : roll(maxItems + 1, 'items', key)
    },
    turns: (what) => roll(maxTurns + 1, 'turns', what),
    commits: (subFlow, frame) => roll(4, 'commits', nameInFrame(subFlow, frame)) === 0,
  }
}

/** FNV-1a with a final mix, so that neighbouring seeds have nothing in common. */
function hash(text: string): number {
  let state = 0x811c9dc5
  for (let i = 0; i < text.length; i++) state = Math.imul(state ^ text.charCodeAt(i), 0x01000193)
  state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d)
  return (state ^ (state >>> 12)) >>> 0
}
