import { inputsOf, type Relation } from '../../../sdk/relation.js'

/*
 * A counter is a sample of 100 percent: it lets every chunk of rows through for next to nothing, and it stands in the profile of the
 * statement with the rows that it has seen. The optimizer moves no filter over it, so that the rows are those of the port and not what
 * is left of them further up. A profile does not say which sample is which: of several inputs of one query the first has one sample,
 * and each other one has more than the one before can seem to have. It seems to have more than its own where nothing stands between
 * its samples and those of its only input, for what the query in between does is done elsewhere (columns that are left away).
 */

/** Inputs of one query that would need more samples than this are not counted. */
const MOST_SAMPLES = 100

/** A relation that is counted in a statement, with those whose rows it is made of. */
export interface Counter {
  readonly relation: Relation
  readonly below: readonly Counter[]
}

/** Counters of the inputs of one query, with the number of samples that each has. */
export type Numbered = readonly { readonly counter: Counter; readonly samples: number }[]

/** Gives each of the inputs of one query a number of samples. */
export function numberCounters(counters: readonly Counter[]): Numbered {
  let samples = 1
  return counters.map((counter) => {
    const numbered = { counter, samples }
    samples += countChain(counter)
    return numbered
  })
}

/** How many counters stand below each other without a branch. */
function countChain(counter: Counter): number {
  let length = 1
  for (let { below } = counter; below.length === 1; below = below[0]?.below ?? []) length++
  return length
}

/** Where rows are counted in a statement. */
export interface CounterPlan {
  /** Of the query itself. */
  readonly root: readonly Counter[]
  /** Of the parts that are stored while the statement runs, by the names that they have in it. */
  readonly parts: ReadonlyMap<string, readonly Counter[]>
  /** The text of a relation with its samples. */
  mark(relation: Relation, text: string): string
}

interface Surroundings {
  readonly isCounted: (relation: Relation) => boolean
  /** Such a relation is stored while the statement runs. */
  readonly isReadAgain: (relation: Relation) => boolean
  readonly labels: ReadonlyMap<Relation, string>
}

/** Plans the counters of a statement; `order` has its relations, inputs first. */
export function planCounters(root: Relation, order: readonly Relation[], { isCounted, isReadAgain, labels }: Surroundings): CounterPlan {
  const inStatement = new Set(order)
  const samples = new Map<Relation, number>()
  /** By relation: the counters of its rows, or where it has none itself those below. */
  const counters = new Map<Relation, readonly Counter[]>()
  const number = (found: readonly Counter[]): readonly Counter[] => {
    for (const { counter, samples: own } of numberCounters(found)) if (own <= MOST_SAMPLES) samples.set(counter.relation, own)
    return found
  }
  for (const relation of order) {
    const inputs = new Set(inputsOf(relation).filter((input) => inStatement.has(input)))
    const below = [...inputs].flatMap((input) => (isReadAgain(input) ? [] : (counters.get(input) ?? [])))
    counters.set(relation, isCounted(relation) ? [{ relation, below: number(below) }] : below)
  }
  const parts = order.filter(isReadAgain).map((part) => [labels.get(part) ?? '', number(counters.get(part) ?? [])] as const)
  return {
    root: isReadAgain(root) ? [] : number(counters.get(root) ?? []),
    parts: new Map(parts),
    mark: (relation, text) => {
      let marked = text
      for (let i = 0; i < (samples.get(relation) ?? 0); i++) marked = `SELECT * FROM (\n${marked}\n) USING SAMPLE 100 PERCENT (system)`
      return marked
    },
  }
}
