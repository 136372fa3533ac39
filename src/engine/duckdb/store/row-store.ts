import { mkdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { PypeError } from '../../../core/errors.js'
import type { CastRelation, Column, Relation, ScanRelation, StoredRelation } from '../../../sdk/relation.js'
import type { StatementOptions, StoreTarget } from '../../engine.js'
import { findBadText } from '../failure/bad-value.js'
import { explaining } from '../failure/explain-failure.js'
import type { RelationCatalog } from '../relation-catalog.js'
import { REJECT_COLUMNS } from '../scan/resolved-scan.js'
import type { Session } from '../session.js'
import { describe } from '../statement/describe.js'
import { quoteName, quoteText } from '../statement/literal.js'
import { moveRows } from '../statement/move-rows.js'
import { fileOrder, IN_ANY_ORDER } from '../statement/row-order.js'
import { runSelect } from '../statement/run-select.js'
import { splitCast, splitScan } from '../statement/split-rejects.js'
import { ingestTexts, type RowSource, selectTyped } from './ingest.js'
import { encodeColumns } from './stored-form.js'

const IN_MEMORY: StoreTarget = { kind: 'memory', path: '', maxRows: Number.POSITIVE_INFINITY }

/** Keeps rows in tables of the database and in Parquet files, and frees them. */
export class RowStore {
  readonly #session: Session
  readonly #catalog: RelationCatalog
  #tables = 0

  constructor(session: Session, catalog: RelationCatalog) {
    this.#session = session
    this.#catalog = catalog
  }

  /** Runs a relation once; from then on its rows stand in for it, and its bad rows for the relation of these. */
  async store(relation: Relation, target: StoreTarget, options: StatementOptions): Promise<StoredRelation> {
    const columns = await this.#catalog.columns(relation, options)
    return this.#catalog.keep(relation, await this.#run(relation, columns, target, options))
  }

  /** Takes rows of module code over. */
  async ingest(
    columns: readonly Column[] | null,
    source: RowSource,
    target: StoreTarget,
    options: StatementOptions,
  ): Promise<StoredRelation> {
    const texts = this.#newTable()
    try {
      const typed = await ingestTexts(this.#session, texts, columns, source, options.signal)
      const table = this.#newTable()
      const rows = await this.#session
        .count(`CREATE TABLE ${quoteName(table)} AS ${selectTyped(texts, typed)}`, options.signal)
        .catch(async (error: unknown) => {
          const isBadValue = error instanceof PypeError && error.code === 'SQL_FAILED'
          throw (isBadValue ? await findBadText(texts, typed, this.#session, options.signal) : undefined) ?? error
        })
      const described = await describe(this.#session, `SELECT * FROM ${quoteName(table)}`)
      return await this.#spillIfLarge({ kind: 'stored', at: { kind: 'memory', table }, columns: described, rows }, target, options)
    } finally {
      await this.#session.run(`DROP TABLE IF EXISTS ${quoteName(texts)}`)
    }
  }

  /** Drops the table or deletes the file of a relation's rows, and those of its bad rows. */
  async free(relation: Relation): Promise<void> {
    for (const { at } of this.#catalog.forget(relation)) {
      if (at.kind === 'parquet') await rm(at.path, { force: true })
      else await this.#session.run(`DROP TABLE IF EXISTS ${quoteName(at.table)}`)
    }
  }

  async #run(relation: Relation, columns: readonly Column[], target: StoreTarget, options: StatementOptions): Promise<StoredRelation> {
    if (relation.kind === 'scan' && relation.badRows === 'reject')
      return this.#spillIfLarge(await this.#splitScan(relation, options), target, options)
    if (relation.kind === 'cast' && relation.badRows === 'reject')
      return this.#spillIfLarge(await this.#splitCast(relation, options), target, options)
    if (target.kind === 'parquet') return this.#writeParquet(relation, columns, target, options)
    const table = this.#newTable()
    const rows = await this.#createTable(relation, table, options)
    return this.#spillIfLarge({ kind: 'stored', at: { kind: 'memory', table }, columns, rows }, target, options)
  }

  async #createTable(relation: Relation, table: string, options: StatementOptions): Promise<number> {
    try {
      return await this.#explaining(relation, options, () =>
        moveRows(relation, this.#session, this.#catalog, options, (select) => `CREATE TABLE ${quoteName(table)} AS ${select}`),
      )
    } catch (error) {
      // The statement can have ended well, and been thrown away for what became known in the end: a cancel, half a stream.
      await this.#session.run(`DROP TABLE IF EXISTS ${quoteName(table)}`)
      throw error
    }
  }

  async #splitScan(scan: ScanRelation, options: StatementOptions): Promise<StoredRelation> {
    const { rows, rejects } = await this.#explaining(scan, options, () =>
      splitScan(this.#session, this.#catalog.resolved(scan), this.#newTable(), options.signal),
    )
    this.#catalog.keepRejects(scan, await this.ingest(REJECT_COLUMNS, rejects, IN_MEMORY, options))
    return rows
  }

  async #splitCast(cast: CastRelation, options: StatementOptions): Promise<StoredRelation> {
    const columns = this.#catalog.boundColumns(cast.input)
    const { rows, rejects } = await this.#explaining(cast, options, () =>
      runSelect(cast.input, this.#catalog, options, (select, signal) =>
        splitCast(this.#session, cast, columns, `(${select})`, [this.#newTable(), this.#newTable()], signal),
      ),
    )
    this.#catalog.keepRejects(cast, rejects)
    return rows
  }

  async #writeParquet(
    relation: Relation,
    columns: readonly Column[],
    { path, place = rename, inAnyOrder = false }: StoreTarget,
    options: StatementOptions,
  ): Promise<StoredRelation> {
    // An interrupted COPY leaves part of a file: it gets its name when it is whole.
    const partial = join(dirname(path), `.${basename(path)}.partial`)
    await mkdir(dirname(path), { recursive: true })
    const statement = (select: string) =>
      `COPY (SELECT ${encodeColumns(columns)} FROM (${select})) TO ${quoteText(partial)} (FORMAT parquet, COMPRESSION snappy${inAnyOrder ? IN_ANY_ORDER : fileOrder(relation)})`
    try {
      const rows = await this.#explaining(relation, options, () => moveRows(relation, this.#session, this.#catalog, options, statement))
      await place(partial, path)
      return { kind: 'stored', at: { kind: 'parquet', path }, columns, rows }
    } catch (error) {
      await rm(partial, { force: true })
      throw error
    }
  }

  /** The estimate was too low: rows that turned out to be too many for memory, or that were to go to a file, move there. */
  async #spillIfLarge(stored: StoredRelation, target: StoreTarget, options: StatementOptions): Promise<StoredRelation> {
    if (target.kind === 'memory' && stored.rows <= target.maxRows) return stored
    const moved = await this.#writeParquet(stored, stored.columns, target, options)
    await this.free(stored)
    return moved
  }

  #explaining<T>(relation: Relation, options: StatementOptions, work: () => Promise<T>): Promise<T> {
    return explaining(work, relation, this.#session, this.#catalog, options)
  }

  #newTable(): string {
    this.#tables++
    return `stored_${this.#tables}`
  }
}
