import { PypeError } from '../../../core/errors.js'
import {
  type CastRelation,
  type Column,
  inputsFirst,
  inputsOf,
  type QueryRelation,
  type Relation,
  type ScanRelation,
  type StoredRelation,
} from '../../../sdk/relation.js'
import type { RelationNames } from '../../engine.js'
import type { CountRows } from '../row-counts/counter-text.js'
import { type CounterPlan, planCounters } from '../row-counts/plan-counters.js'
import { pathList } from '../scan/files.js'
import type { ResolvedScan } from '../scan/resolved-scan.js'
import { castColumn } from '../scan/strict-cast.js'
import { restoreColumns } from '../store/stored-form.js'
import { type StreamPaths, selectStream } from '../stream/stream-text.js'
import { selectInline } from './inline.js'
import { literal, quoteName, quoteText } from './literal.js'

/** What has become known of the relations of a statement before it is compiled. */
export interface KnownRelations {
  /** The rows that stand in for a relation, where it has been stored. */
  stored(relation: Relation): StoredRelation | undefined
  resolved(scan: ScanRelation): ResolvedScan
  boundColumns(relation: Relation): readonly Column[]
}

/**
 * One statement for a relation and all that it stands on, down to files and stored rows. Each relation becomes a common table
 * expression that bears the name of its port; one that is read at several places of the statement is materialised. A statement over
 * streams is compiled by {@link runSelect}, which sends their rows.
 */
export function compile(root: Relation, known: KnownRelations, names: RelationNames, streams: StreamPaths = new Map()): string {
  return compileCounting(root, known, names, streams, undefined).text
}

/** A statement, and where in it rows are counted; undefined where they are not. */
export interface CountingStatement {
  readonly text: string
  readonly counters: CounterPlan | undefined
}

/** The same with a counter behind each relation that `isCounted` names. */
export function compileCounting(
  root: Relation,
  known: KnownRelations,
  names: RelationNames,
  streams: StreamPaths,
  isCounted: ((relation: Relation) => boolean) | undefined,
): CountingStatement {
  const stored = known.stored(root)
  if (stored !== undefined) return { text: `SELECT * FROM ${fromStored(stored)}`, counters: undefined }
  const order = inputsFirst([root], (relation) => inputsOf(relation).filter((input) => known.stored(input) === undefined))
  const readers = countReaders(order)
  const labels = labelAll(order, names)
  const from = (relation: Relation) => {
    const stored = known.stored(relation)
    return stored === undefined ? quoteName(labels.get(relation) ?? '') : fromStored(stored)
  }
  const often = mentionedOften(order)
  const repeats = order.some(isRecursive)
  const isReadAgain = (relation: Relation) => (readers.get(relation) ?? 0) > 1 || (repeats && relation.kind === 'stream')
  // What stands in a recursive query runs once for each of its rounds, and would be counted as often.
  const counters =
    isCounted === undefined || repeats ? undefined : planCounters(root, order, isCounted, (relation) => known.boundColumns(relation))
  const expressions = order.map((relation) => {
    const sharing = isReadAgain(relation) ? 'MATERIALIZED' : 'NOT MATERIALIZED'
    const text = textCounting(relation, { known, from, often, streams }, counters?.counterOf(relation))
    return `${quoteName(labels.get(relation) ?? '')} AS ${sharing} (\n${text}\n)`
  })
  return { text: `WITH ${expressions.join(',\n')}\nSELECT * FROM ${from(root)}`, counters }
}

/** The number of places in a statement that read each relation. */
function countReaders(order: readonly Relation[]): Map<Relation, number> {
  const readers = new Map<Relation, number>()
  for (const input of order.flatMap(inputsOf)) readers.set(input, (readers.get(input) ?? 0) + 1)
  return readers
}

/** The engine reads what stands in a recursive query once for each of its rounds, and the rows of a stream come once. */
function isRecursive(relation: Relation): boolean {
  return relation.kind === 'query' && relation.parts.some((part) => part.kind === 'text' && /\bRECURSIVE\b/i.test(part.text))
}

/** A relation inside a module is called after the port that reads it. */
function labelAll(order: readonly Relation[], names: RelationNames): Map<Relation, string> {
  const labels = new Map<Relation, string>()
  for (const relation of [...order].reverse()) {
    const own = names.get(relation) ?? labels.get(relation) ?? 'result'
    labels.set(relation, own)
    inputsOf(relation).forEach((input, i) => {
      if (!labels.has(input) && !names.has(input)) labels.set(input, `${own} ${i + 1}`)
    })
  }
  return labels
}

/** The names that stand more than once in the SQL of a statement, in lower case. */
function mentionedOften(order: readonly Relation[]): Set<string> {
  const seen = new Set<string>()
  const often = new Set<string>()
  for (const part of order.flatMap((relation) => (relation.kind === 'query' ? relation.parts : []))) {
    const names = part.kind === 'name' ? [part.name] : part.kind === 'text' ? (part.text.match(/[\p{L}_][\p{L}\p{N}_]*/gu) ?? []) : []
    for (const name of names.map((each) => each.toLowerCase())) (seen.has(name) ? often : seen).add(name)
  }
  return often
}

interface Surroundings {
  readonly known: KnownRelations
  /** A relation as it stands in FROM. */
  readonly from: (relation: Relation) => string
  readonly often: ReadonlySet<string>
  readonly streams: StreamPaths
}

/** The text of a relation with its counter, which stands below what converts its values: those of rows that a filter drops are not converted. */
function textCounting(relation: Relation, surroundings: Surroundings, count: CountRows | undefined): string {
  const { known, from, often } = surroundings
  if (count === undefined) return textOf(relation, surroundings)
  const counting = relation.kind === 'scan' ? known.resolved(relation).selectCounting : undefined
  if (counting !== undefined) return counting(often, count)
  if (relation.kind === 'cast') {
    const names = known.boundColumns(relation.input).map(({ name }) => name)
    return castText(relation, known, (input) => `(${count(`SELECT * FROM ${from(input)}`, names)})`)
  }
  if (relation.kind === 'inline') return selectInline(relation, count)
  return count(
    textOf(relation, surroundings),
    known.boundColumns(relation).map(({ name }) => name),
  )
}

function textOf(relation: Relation, { known, from, often, streams }: Surroundings): string {
  switch (relation.kind) {
    case 'query':
      return queryText(relation, from)
    case 'scan':
      return known.resolved(relation).select(often)
    case 'stream':
      return selectStream(relation, streams)
    case 'inline':
      return selectInline(relation)
    case 'cast':
      return castText(relation, known, from)
    case 'files':
      return filesText(known.resolved(relation.of))
    case 'stored':
      return `SELECT * FROM ${fromStored(relation)}`
    case 'rejects':
      throw new PypeError('INTERNAL', 'Rejected rows were read before the rows that they were rejected from.')
  }
}

/** The text of a query with each relation in it as `from` says. */
export function queryText(query: Pick<QueryRelation, 'parts'>, from: (relation: Relation) => string): string {
  return queryPieces(query, from).join('')
}

/** The same in pieces, one for each part of the query. */
export function queryPieces({ parts }: Pick<QueryRelation, 'parts'>, from: (relation: Relation) => string): string[] {
  return parts.map((part) => {
    if (part.kind === 'text') return part.text
    if (part.kind === 'value') return literal(part.value)
    return part.kind === 'name' ? quoteName(part.name) : from(part.relation)
  })
}

function castText({ input, types }: CastRelation, known: KnownRelations, from: (relation: Relation) => string): string {
  const columns = known.boundColumns(input)
  const items = types.map(({ name, type }) => `${castColumn(columns, name, type)} AS ${quoteName(name)}`)
  return `SELECT * REPLACE (${items.join(', ')}) FROM ${from(input)}`
}

function filesText({ files }: ResolvedScan): string {
  if (files.length === 0) return `SELECT CAST(NULL AS VARCHAR) AS path, CAST(NULL AS BIGINT) AS size WHERE FALSE`
  return `SELECT path, CAST(size AS BIGINT) AS size FROM (VALUES ${files.map((file) => `(${quoteText(file.path)}, ${file.size})`).join(', ')}) AS f(path, size)`
}

/** Stored rows, as they stand in FROM. */
export function fromStored({ at, columns }: StoredRelation): string {
  if (at.kind === 'memory') return `(SELECT ${columns.map((column) => quoteName(column.name)).join(', ')} FROM ${quoteName(at.table)})`
  return `(SELECT ${restoreColumns(columns)} FROM read_parquet(${pathList([at.path])}, hive_partitioning = FALSE))`
}

/** A relation without rows that has the columns of another one: enough to bind a query on its own. */
export function emptyRelation(columns: readonly Column[]): string {
  const items = columns.map((column) => `CAST(NULL AS ${column.type === 'NULL' ? 'INTEGER' : column.type}) AS ${quoteName(column.name)}`)
  return `(SELECT ${items.join(', ')} WHERE FALSE)`
}
