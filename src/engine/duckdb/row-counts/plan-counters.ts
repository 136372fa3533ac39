import { type Column, inputsOf, type Relation } from '../../../sdk/relation.js'
import { type CountRows, counterText } from './counter-text.js'
import { mayFilterWithoutColumns } from './volatile-filter.js'

/** Where rows are counted in a statement. */
export interface CounterPlan {
  /** The marks of the counters with their relations: a scan of several kinds of files has one for each, whose sum are its rows. */
  readonly marks: ReadonlyMap<string, Relation>
  /** Puts a counter behind the rows of a relation, or behind each part of them; undefined where they are not counted. */
  counterOf(relation: Relation): CountRows | undefined
}

/**
 * Plans the counters of a statement over `root`; `order` has its relations, inputs first. The root has none: the statement itself tells
 * its rows.
 */
export function planCounters(
  root: Relation,
  order: readonly Relation[],
  isCounted: (relation: Relation) => boolean,
  columnsOf: (relation: Relation) => readonly Column[],
): CounterPlan {
  const taken = mentionedNames(order, columnsOf)
  const counted = new Set(order.filter((relation) => relation !== root && isCounted(relation)))
  const exposed = findExposed(order, counted)
  const marks = new Map<string, Relation>()
  const addMark = (relation: Relation): string => {
    let mark = `rows of ${marks.size}`
    // An operator that bears the name is the counter and nothing else.
    while (taken.includes(mark)) mark += "'"
    marks.set(mark, relation)
    return mark
  }
  return {
    marks,
    counterOf: (relation) =>
      counted.has(relation) ? (text, columns) => counterText(text, columns, addMark(relation), exposed.has(relation)) : undefined,
  }
}

/** The names of all columns and whatever the queries mention, in lower case. */
function mentionedNames(order: readonly Relation[], columnsOf: (relation: Relation) => readonly Column[]): string {
  const texts = order
    .flatMap((relation) => (relation.kind === 'query' ? relation.parts : []))
    .map((part) => ('text' in part ? part.text : ''))
  const columns = order.flatMap((relation) => columnsOf(relation).map(({ name }) => name))
  return [...columns, ...texts].join('\n').toLowerCase()
}

/** The relations that a filter without columns could come down to, from a query that reads them without a counter in between. */
function findExposed(order: readonly Relation[], counted: ReadonlySet<Relation>): ReadonlySet<Relation> {
  const exposed = new Set<Relation>()
  for (const relation of [...order].reverse()) {
    const passes = mayFilterWithoutColumns(relation) || (exposed.has(relation) && !counted.has(relation))
    if (passes) for (const input of inputsOf(relation)) exposed.add(input)
  }
  return exposed
}
