import type { Random } from '../interrupt/random.js'
import type { FaultFlow } from '../resume/fault-flow.js'
import type { Doom } from '../resume/survive.js'
import type { Loss } from './durable-tree.js'
import type { Step } from './powered-place.js'

/** Without a loss it would be a mere kill. */
const LOSSES = ['all', 'some', 'data', 'names', 'some'] as const satisfies readonly Loss[]

/** Where what databases have and what the disk has depend on each other. */
const AROUND_COMMIT = /append (intent|end)|database (commit|forgetTokens)|\((intent|end)\)$/

/**
 * Power cuts in a flow: one at each kind of step, those around commits first, where all is lost that can be; then again at other steps of
 * each kind, for as long as somebody asks. In every third run the power goes a second time, while it is resumed.
 */
export function* chooseCuts(flow: FaultFlow, steps: readonly Step[], random: Random): Generator<Doom> {
  const kinds = groupSteps(steps, random)
  const cut = (loss: Loss = random.pick(LOSSES)) => ({ loss, seed: random.int(1, 1_000_000) })
  for (let round = 0; kinds.length > 0; round++) {
    for (const [index, { isAroundCommit, numbers }] of kinds.entries()) {
      const at = numbers[round % numbers.length] ?? 1
      const first = { at, power: isAroundCommit && round === 0 ? cut('all') : cut() }
      const second = { at: random.int(1, Math.max(1, steps.length - at)), power: cut() }
      yield { flow, stops: (index + round) % 3 === 2 ? [first, second] : [first] }
    }
  }
}

interface Kind {
  readonly isAroundCommit: boolean
  /** From 1. */
  readonly numbers: readonly number[]
}

/** The steps at which there is something to be lost, by kind: what is done, and after which record. */
function groupSteps(steps: readonly Step[], random: Random): Kind[] {
  const groups = new Map<string, number[]>()
  for (const [index, { point, record, pending }] of steps.entries()) {
    const kind = `${point.replace(/^(before|in the middle of) ((append|database) \w+|\w+).*/, '$1 $2')} (${record ?? 'nothing'})`
    if (pending > 0) groups.set(kind, [...(groups.get(kind) ?? []), index + 1])
  }
  const kinds = [...groups].map(([kind, numbers]) => ({ isAroundCommit: AROUND_COMMIT.test(kind), numbers: shuffle(numbers, random) }))
  return shuffle(kinds, random).sort((a, b) => Number(b.isAroundCommit) - Number(a.isAroundCommit))
}

function shuffle<T>(all: readonly T[], random: Random): T[] {
  return all
    .map((one) => ({ one, key: random.next() }))
    .sort((a, b) => a.key - b.key)
    .map(({ one }) => one)
}
