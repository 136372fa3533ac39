import type { Readable } from 'node:stream'
import type { Json } from '../core/json.js'

/** A column of a relation. `type` is written as the engine's dialect writes it (`DECIMAL(10,2)`). */
export interface Column {
  readonly name: string
  readonly type: string
}

/** Options of a file format by name; undefined is the same as absent. */
export type FormatOptions = { readonly [name: string]: Json | undefined }

/** A value that can stand in SQL as a literal. */
export type SqlValue = null | boolean | number | bigint | string | Date | readonly SqlValue[] | { readonly [key: string]: SqlValue }

/** A piece of an SQL text: text as it is, a value, a quoted name, or a relation in a FROM clause. */
export type SqlPart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'value'; readonly value: SqlValue }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'relation'; readonly relation: Relation }

/** An SQL expression or another piece of a statement that is pasted as it is. */
export interface Expression {
  readonly kind: 'expression'
  readonly parts: readonly SqlPart[]
}

/**
 * Rows that are described and not read yet. A relation is compiled and run only by an engine; two uses of the same
 * object are two readers of the same rows.
 */
export type Relation =
  | QueryRelation
  | ScanRelation
  | StreamRelation
  | InlineRelation
  | CastRelation
  | RejectsRelation
  | FilesRelation
  | StoredRelation

const RELATION_KINDS: ReadonlySet<unknown> = new Set([
  'query',
  'scan',
  'stream',
  'inline',
  'cast',
  'rejects',
  'files',
  'stored',
] satisfies Relation['kind'][])

/** Whether an object is a relation, by its kind. */
export function isRelation(value: object): value is Relation {
  return 'kind' in value && RELATION_KINDS.has(value.kind)
}

/** An SQL statement that yields rows. */
export interface QueryRelation {
  readonly kind: 'query'
  readonly parts: readonly SqlPart[]
}

/** The rows of files of one format. */
export interface ScanRelation {
  readonly kind: 'scan'
  readonly format: 'csv' | 'json' | 'parquet'
  /** Each is a path that exists, taken literally, or a glob. */
  readonly paths: readonly string[]
  readonly columns: ScanColumns
  /** The name of a column to add with the path of each row's file. */
  readonly fileNameColumn?: string
  /** Columns that were found in such files earlier and are held on to; with declared types there are none. */
  readonly lock?: ScanLock
  /** What a row that cannot be read does: `fail` the statement, or leave by {@link RejectsRelation}. */
  readonly badRows: 'fail' | 'reject'
  /** Options of the format; see the engine's scan of it. */
  readonly options: FormatOptions
}

/** Columns that a scan is held to, and what it does when its files have others. */
export interface ScanLock {
  readonly columns: readonly Column[]
  readonly onChange: 'freeze' | 'warn' | 'evolve'
}

/** All columns with inferred types, some of them, or some with declared types. */
export type ScanColumns =
  | { readonly kind: 'all' }
  | { readonly kind: 'pick'; readonly names: readonly string[] }
  | { readonly kind: 'typed'; readonly columns: readonly Column[] }

/**
 * Rows that another system sends while a statement reads them, as CSV in UTF-8: separated by commas, quoted with `"`, rows ended by
 * LF, without a header. A field without quotes that is empty is NULL; `""` is the empty text.
 */
export interface StreamRelation {
  readonly kind: 'stream'
  /** What readers see. */
  readonly columns: readonly Column[]
  /** The fields of a row in their order, one for each column. */
  readonly wire: readonly WireField[]
  /** True when the rows come in an order that means something: a file of them is then written in this order. */
  readonly ordered?: boolean
  /**
   * Called by each statement when it begins to read; describing the rows never calls it. The end of the bytes says that the sender
   * has sent all of them; an error of the stream fails the statement. The engine destroys the stream when it needs no more of it, and
   * aborts the signal when the statement has ended.
   */
  open(signal: AbortSignal): Promise<Readable>
  /** What the rows come from: a sink of the same system that knows it may take them without the engine. */
  readonly origin: object
}

/** A field of a row on its way. */
export interface WireField {
  readonly name: string
  /**
   * SQL that makes the value of the column out of the field's text, which bears the field's name: `from_hex("photo")`. Without
   * it the text is read as the type of the column.
   */
  readonly expression?: string
}

/** Rows that stand in the flow itself. */
export interface InlineRelation {
  readonly kind: 'inline'
  readonly rows: readonly { readonly [column: string]: SqlValue }[]
  /** Declared types by column; null infers each from its values. */
  readonly columns: readonly Column[] | null
}

/** The input with some columns converted; a value that does not fit is a bad row. */
export interface CastRelation {
  readonly kind: 'cast'
  readonly input: Relation
  readonly types: readonly Column[]
  readonly badRows: 'fail' | 'reject'
}

/** The bad rows of a relation with `badRows: 'reject'`. */
export interface RejectsRelation {
  readonly kind: 'rejects'
  readonly of: ScanRelation | CastRelation
}

/** The files of a scan: one row each with `path` and `size` in bytes. */
export interface FilesRelation {
  readonly kind: 'files'
  readonly of: ScanRelation
}

/** Rows that an engine holds: a table in memory or a Parquet file. Made by the engine only. */
export interface StoredRelation {
  readonly kind: 'stored'
  readonly at: { readonly kind: 'memory'; readonly table: string } | { readonly kind: 'parquet'; readonly path: string }
  readonly columns: readonly Column[]
  readonly rows: number
}

/** The relations that a relation reads directly, one entry per place where it reads them. */
export function inputsOf(relation: Relation): readonly Relation[] {
  switch (relation.kind) {
    case 'query':
      return relation.parts.flatMap((part) => (part.kind === 'relation' ? [part.relation] : []))
    case 'cast':
      return [relation.input]
    case 'rejects':
      return [relation.of]
    default:
      return []
  }
}

/**
 * Some relations and all that they stand on as far as `inputs` leads, each once and after its inputs. Without recursion: chains
 * may be long.
 */
export function inputsFirst(roots: readonly Relation[], inputs: (relation: Relation) => readonly Relation[] = inputsOf): Relation[] {
  const order: Relation[] = []
  const entered = new Set<Relation>()
  const stack = roots.map((relation) => ({ relation, done: false }))
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    const { relation, done } = top
    if (done) order.push(relation)
    if (done || entered.has(relation)) continue
    entered.add(relation)
    stack.push({ relation, done: true })
    for (const input of inputs(relation)) stack.push({ relation: input, done: false })
  }
  return order
}
