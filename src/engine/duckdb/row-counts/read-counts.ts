import type { Relation } from '../../../sdk/relation.js'
import { type Counter, type CounterPlan, numberCounters } from './plan-counters.js'
import type { ProfiledOperator } from './profiling.js'

/** Samples that stand directly below each other. */
interface Samples {
  readonly length: number
  readonly rows: number
  readonly below: readonly ProfiledOperator[]
}

/**
 * The rows of each relation that a statement counted. Left out are those that the optimizer took out because no row could come of them,
 * and those of a query whose samples cannot be told apart, for it takes samples itself.
 */
export function readCounts(plan: ProfiledOperator | undefined, counters: CounterPlan): ReadonlyMap<Relation, number> {
  const counts = new Map<Relation, number>()
  if (plan === undefined) return counts
  const open: (readonly [readonly ProfiledOperator[], readonly Counter[]])[] = [[[plan], counters.root]]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [operators, expected] = next
    const found: Samples[] = []
    for (const operator of operators) findSamples(operator, found, (part, body) => open.push([[body], counters.parts.get(part) ?? []]))
    const isWhole = found.length === expected.length
    for (const { length, rows, below } of found) {
      const chain = isWhole ? findChain(expected, length) : []
      for (const { relation } of chain) counts.set(relation, rows)
      // Also when nothing is known of it: parts of the statement may stand below.
      open.push([below, chain.at(-1)?.below ?? []])
    }
  }
  return counts
}

/** The counters that so many samples in a row are of: one of those that are expected, and inputs right below it. */
function findChain(expected: readonly Counter[], length: number): readonly Counter[] {
  const first = numberCounters(expected).findLast(({ samples }) => samples <= length)
  if (first === undefined) return []
  const chain = [first.counter]
  for (let left = length - first.samples; left > 0; left--) {
    const [only, ...others] = chain.at(-1)?.below ?? []
    if (only === undefined || others.length > 0) return []
    chain.push(only)
  }
  return chain
}

/** The uppermost samples; of a part that is stored the first child is its body, and the second one is the query that reads it. */
function findSamples(root: ProfiledOperator, found: Samples[], onPart: (part: string, body: ProfiledOperator) => void): void {
  const stack = [root]
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    if (isSample(top)) {
      found.push(measure(top))
    } else if (top.name === 'CTE' && top.part !== undefined) {
      const [body, ...readers] = top.children
      if (body !== undefined) onPart(top.part, body)
      stack.push(...readers)
    } else {
      stack.push(...top.children)
    }
  }
}

function measure(first: ProfiledOperator): Samples {
  let last = first
  let length = 1
  for (let next = last.children[0]; next !== undefined && isSample(next); next = last.children[0]) {
    last = next
    length++
  }
  return { length, rows: first.rows, below: last.children }
}

function isSample({ name }: ProfiledOperator): boolean {
  return name === 'STREAMING_SAMPLE'
}
