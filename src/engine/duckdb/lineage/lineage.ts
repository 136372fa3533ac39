import { type CastRelation, type Column, inputsFirst, inputsOf, type QueryRelation, type Relation } from '../../../sdk/relation.js'
import type { RelationLineage } from '../../lineage.js'
import type { Session } from '../session.js'
import { queryText } from '../statement/compile.js'
import { quoteName, quoteText } from '../statement/literal.js'
import { CAST_REJECT_COLUMNS } from '../statement/split-rejects.js'
import { fieldAt, listOf } from '../syntax/syntax-tree.js'
import { identityOf, merge, NOTHING, splitGiven, via } from './dependencies.js'
import { fromAll, type Item, type TracedRows, Untraceable, type World } from './scope.js'
import { traceQuery } from './trace-query.js'

/**
 * Finds where the columns of a relation come from: from those of the stored relations that it stands on. Reads the engine's own parse of
 * each query, and knows the names of columns from `columnsOf`; `aggregates` are the names of all aggregate functions.
 */
export async function findLineage(
  root: Relation,
  columnsOf: (relation: Relation) => readonly Column[],
  aggregates: ReadonlySet<string>,
  session: Session,
): Promise<RelationLineage> {
  const traced = new Map<Relation, TracedRows>()
  const rowsOf = (relation: Relation) => traced.get(relation) ?? { items: [], rows: NOTHING }
  const world: World = { aggregates, traceQuery }
  try {
    for (const relation of inputsFirst([root])) {
      traced.set(relation, await traceRelation(relation, rowsOf, columnsOf, world, session))
    }
    const { items, rows } = rowsOf(root)
    const columns = columnsOf(root).map(({ name }, i) => ({ name, ...splitGiven(items[i]?.from ?? NOTHING) }))
    return { kind: 'known', columns, rows: splitGiven(rows).from }
  } catch (error) {
    if (error instanceof Untraceable) return { kind: 'unknown', reason: error.message }
    throw error
  }
}

/** The names of all aggregate functions, in lower case. */
export async function listAggregates(session: Session): Promise<ReadonlySet<string>> {
  const result = await session.run(`SELECT DISTINCT lower(function_name) FROM duckdb_functions() WHERE function_type = 'aggregate'`)
  return new Set((await result.getRows()).map(([name]) => String(name)))
}

async function traceRelation(
  relation: Relation,
  rowsOf: (relation: Relation) => TracedRows,
  columnsOf: (relation: Relation) => readonly Column[],
  world: World,
  session: Session,
): Promise<TracedRows> {
  const columns = columnsOf(relation)
  switch (relation.kind) {
    case 'query':
      return fitToColumns(await traceText(relation, rowsOf, world, session), columns)
    case 'stored':
      return { items: columns.map(({ name }) => toItem(name, identityOf({ relation, column: name }))), rows: NOTHING }
    case 'inline':
      return { items: columns.map(({ name }) => toItem(name, NOTHING)), rows: NOTHING }
    case 'cast':
      return traceCast(relation, rowsOf(relation.input))
    case 'rejects':
      if (relation.of.kind === 'cast') return traceRejects(relation.of, rowsOf(relation.of.input))
  }
  throw new Untraceable('it reads files by itself')
}

function toItem(name: string, from: Item['from']): Item {
  return { kind: 'column', name, from }
}

async function traceText(
  query: QueryRelation,
  rowsOf: (relation: Relation) => TracedRows,
  world: World,
  session: Session,
): Promise<TracedRows> {
  const inputs = [...new Set(inputsOf(query))]
  const nameOf = (input: Relation) => `pype_input_${inputs.indexOf(input)}`
  const text = queryText(query, (input) => quoteName(nameOf(input)))
  const tree: unknown = JSON.parse(String((await (await session.run(`SELECT json_serialize_sql(${quoteText(text)})`)).getRows())[0]?.[0]))
  const [statement] = listOf(fieldAt(tree, 'statements'))
  if (statement === undefined) throw new Untraceable('it is no plain SELECT')
  const tables = new Map(inputs.map((input) => [nameOf(input), rowsOf(input)]))
  return traceQuery(fieldAt(statement, 'node'), tables, undefined, world)
}

/** Columns that were found, as those that the engine knows of: each of a number that is not known stands in its place, and names must agree. */
function fitToColumns({ items, rows }: TracedRows, columns: readonly Column[]): TracedRows {
  const first = items.findIndex(({ kind }) => kind === 'open')
  if (first < 0) {
    if (items.length !== columns.length || !items.every((item, i) => isCalled(item, columns[i]))) throw new Untraceable(MISFIT)
    return { items: columns.map(({ name }, i) => toItem(name, items[i]?.from ?? NOTHING)), rows }
  }
  const behind = [...items].reverse().findIndex(({ kind }) => kind === 'open')
  const last = columns.length - behind
  const doubtful = items.slice(first, items.length - behind)
  const all = via('transformation', fromAll(doubtful))
  const fitted = columns.map(({ name }, i): Item => {
    const item = i < first ? items[i] : i >= last ? items[items.length - columns.length + i] : undefined
    if (item === undefined) return toItem(name, findNamed(doubtful, name) ?? all)
    if (!isCalled(item, columns[i])) throw new Untraceable(MISFIT)
    return toItem(name, item.from)
  })
  if (first > last) throw new Untraceable(MISFIT)
  return { items: fitted, rows }
}

const MISFIT = 'its columns cannot be told apart'

function isCalled(item: Item, column: Column | undefined): boolean {
  return item.kind === 'column' && (item.name === undefined || item.name.toLowerCase() === column?.name.toLowerCase())
}

/** What a column comes from that only one of some places can give. */
function findNamed(items: readonly Item[], name: string): Item['from'] | undefined {
  const [only, ...others] = items
  if (only?.kind !== 'open' || others.length > 0) return undefined
  return only.named.get(name.toLowerCase())
}

function traceCast({ types, badRows }: CastRelation, input: TracedRows): TracedRows {
  const converted = new Set(types.map(({ name }) => name.toLowerCase()))
  const isConverted = (item: Item) => item.kind === 'column' && converted.has(item.name?.toLowerCase() ?? '')
  const items = input.items.map((item) => (isConverted(item) ? { ...item, from: via('transformation', item.from) } : item))
  // A row with a value that does not fit leaves by another port.
  const decisive = badRows === 'reject' ? via('filter', fromAll(input.items.filter(isConverted))) : NOTHING
  return { items, rows: merge(input.rows, decisive) }
}

function traceRejects(cast: CastRelation, input: TracedRows): TracedRows {
  const converted = new Set(cast.types.map(({ name }) => name.toLowerCase()))
  const tried = fromAll(input.items.filter((item) => item.kind === 'column' && converted.has(item.name?.toLowerCase() ?? '')))
  const added = CAST_REJECT_COLUMNS.map(({ name }) => toItem(name, via('transformation', tried)))
  return { items: [...input.items, ...added], rows: merge(input.rows, via('filter', tried)) }
}
