import { mkdir, open, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { RecordBatch } from 'apache-arrow'
import { PypeError } from '../../core/errors.js'
import type { Row } from '../../sdk/artifact.js'
import type { CopyFormat, CopyResult } from '../../sdk/context.js'
import type { Column, Expression, Relation, StoredRelation } from '../../sdk/relation.js'
import type { Engine, EngineOptions, StatementOptions, StoreTarget, TypedValue } from '../engine.js'
import { compile, queryText } from './compile.js'
import { copyClause, sizeOnDisk } from './copy.js'
import { describe } from './describe.js'
import { explainFailure } from './explain-failure.js'
import { ingestTexts, type RowSource, selectTyped } from './ingest.js'
import { quoteName, quoteText } from './literal.js'
import { encodeColumns } from './parquet-types.js'
import { exactColumns, exactValue, readBatches, readRows } from './read-stored.js'
import { RelationCatalog } from './relation-catalog.js'
import { REJECT_COLUMNS } from './scan/resolved-scan.js'
import { Session } from './session.js'
import { splitCast, splitScan } from './split-rejects.js'

/** Bytes that a row of a text file has on average: a guess before it has been read. */
const BYTES_PER_ROW = 50

const IN_MEMORY: StoreTarget = { kind: 'memory', path: '', maxRows: Number.POSITIVE_INFINITY, durable: false }

/** Opens DuckDB in memory. */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  await mkdir(options.spillDir, { recursive: true })
  return new DuckDbEngine(options, await Session.open(options))
}

class DuckDbEngine implements Engine {
  readonly name = 'duckdb'
  readonly dialect = 'duckdb'
  readonly version: string
  readonly #session: Session
  readonly #catalog: RelationCatalog
  #tables = 0

  constructor(options: EngineOptions, session: Session) {
    this.#session = session
    this.version = session.version
    this.#catalog = new RelationCatalog({ session, cwd: options.cwd, scratchDir: options.spillDir, warn: options.onWarning ?? (() => {}) })
  }

  columns(relation: Relation, options: StatementOptions): Promise<readonly Column[]> {
    return this.#catalog.columns(relation, options)
  }

  async estimateRows(relation: Relation, options: StatementOptions): Promise<number> {
    await this.columns(relation, options)
    let bytes = 0
    for (const scan of this.#catalog.scansOf(relation)) {
      if (scan.format !== 'parquet') bytes += this.#catalog.resolved(scan).files.reduce((sum, file) => sum + file.size, 0)
    }
    if (bytes > 0) return Math.ceil(bytes / BYTES_PER_ROW)
    const result = await this.#session.run(`EXPLAIN (FORMAT json) ${compile(relation, this.#catalog, options.names)}`, options.signal)
    const plan = String((await result.getRows())[0]?.[1] ?? '')
    return Number(/"Estimated Cardinality":\s*"~?(\d+)/.exec(plan)?.[1] ?? 0)
  }

  async store(relation: Relation, target: StoreTarget, options: StatementOptions): Promise<StoredRelation> {
    const columns = await this.columns(relation, options)
    if (relation.kind === 'scan' && relation.badRows === 'reject') {
      const { rows, rejects } = await this.#guard(relation, options, () =>
        splitScan(this.#session, this.#catalog.resolved(relation), this.#newTable(), options.signal),
      )
      this.#catalog.keepRejects(relation, await this.ingest(REJECT_COLUMNS, rejects, IN_MEMORY, options))
      return this.#catalog.keep(relation, await this.#spillIfLarge(rows, target, options))
    }
    if (relation.kind === 'cast' && relation.badRows === 'reject') {
      const from = `(${compile(relation.input, this.#catalog, options.names)})`
      const split = await this.#guard(relation, options, () =>
        splitCast(
          this.#session,
          relation,
          this.#catalog.boundColumns(relation.input),
          from,
          [this.#newTable(), this.#newTable()],
          options.signal,
        ),
      )
      this.#catalog.keepRejects(relation, split.rejects)
      return this.#catalog.keep(relation, await this.#spillIfLarge(split.rows, target, options))
    }
    const select = compile(relation, this.#catalog, options.names)
    if (target.kind === 'parquet') return this.#catalog.keep(relation, await this.#writeParquet(relation, select, columns, target, options))
    const table = this.#newTable()
    const result = await this.#guard(relation, options, () =>
      this.#session.run(`CREATE TABLE ${quoteName(table)} AS ${select}`, options.signal),
    )
    const rows: StoredRelation = {
      kind: 'stored',
      at: { kind: 'memory', table },
      columns,
      rows: Number((await result.getRows())[0]?.[0] ?? 0),
    }
    return this.#catalog.keep(relation, await this.#spillIfLarge(rows, target, options))
  }

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
      const result = await this.#session.run(`CREATE TABLE ${quoteName(table)} AS ${selectTyped(texts, typed)}`, options.signal)
      const rows = Number((await result.getRows())[0]?.[0] ?? 0)
      return await this.#spillIfLarge(
        {
          kind: 'stored',
          at: { kind: 'memory', table },
          columns: await describe(this.#session, `SELECT * FROM ${quoteName(table)}`),
          rows,
        },
        target,
        options,
      )
    } finally {
      await this.#session.run(`DROP TABLE IF EXISTS ${quoteName(texts)}`)
    }
  }

  open(path: string, columns: readonly Column[], rows: number): StoredRelation {
    return { kind: 'stored', at: { kind: 'parquet', path }, columns, rows }
  }

  async free(relation: Relation): Promise<void> {
    for (const { at } of this.#catalog.forget(relation)) {
      if (at.kind === 'parquet') await rm(at.path, { force: true })
      else await this.#session.run(`DROP TABLE IF EXISTS ${quoteName(at.table)}`)
    }
  }

  async copy(relation: Relation, path: string, format: CopyFormat, options: StatementOptions): Promise<CopyResult> {
    const clause = copyClause(format, await this.columns(relation, options))
    const statement = `COPY (SELECT ${clause.columns} FROM (${compile(relation, this.#catalog, options.names)})) TO ${quoteText(path)} (${clause.options})`
    const result = await this.#guard(relation, options, () => this.#session.run(statement, options.signal), true)
    await clause.finish?.(path)
    return { rows: Number((await result.getRows())[0]?.[0] ?? 0), bytes: await sizeOnDisk(path) }
  }

  async head(relation: Relation, limit: number, options: StatementOptions): Promise<readonly Row[]> {
    const columns = await this.columns(relation, options)
    const statement = `SELECT ${exactColumns(columns)} FROM (${compile(relation, this.#catalog, options.names)}) LIMIT ${limit}`
    const result = await this.#guard(relation, options, () => this.#session.run(statement, options.signal))
    const rows = await result.getRows()
    return rows.map((values) => Object.fromEntries(columns.map((column, i) => [column.name, exactValue(values[i] ?? null)])))
  }

  async firstRow(relation: Relation, options: StatementOptions): Promise<{ readonly [column: string]: TypedValue }> {
    const columns = await this.columns(relation, options)
    const items = columns.map((column) => `CAST(${quoteName(column.name)} AS VARCHAR)`)
    const statement = `SELECT ${items.join(', ')} FROM (${compile(relation, this.#catalog, options.names)}) LIMIT 1`
    const result = await this.#guard(relation, options, () => this.#session.run(statement, options.signal))
    const values = (await result.getRows())[0] ?? []
    return Object.fromEntries(
      columns.map((column, i) => [
        column.name,
        { type: column.type, text: values[i] === null || values[i] === undefined ? null : String(values[i]) },
      ]),
    )
  }

  batches(stored: StoredRelation, signal: AbortSignal): AsyncIterable<RecordBatch> {
    return readBatches(this.#session, stored, signal)
  }

  rows(stored: StoredRelation, signal: AbortSignal): AsyncIterable<Row> {
    return readRows(this.#session, stored, signal)
  }

  async condition({ parts }: Expression, signal: AbortSignal): Promise<boolean | null> {
    const text = queryText({ parts }, () => {
      throw new PypeError('SQL_INVALID', 'A condition cannot read rows.')
    })
    const result = await this.#session.run(`SELECT c, typeof(c) FROM (SELECT (${text}\n) AS c)`, signal)
    const [value, type] = (await result.getRows())[0] ?? []
    if (value === null || typeof value === 'boolean') return value
    throw new PypeError('SQL_INVALID', `The condition ${text.trim()} gives ${String(type)}, expected BOOLEAN.`, {
      hint: 'compare the value with something, for example "> 0"',
    })
  }

  async close(): Promise<void> {
    this.#session.close()
  }

  async #writeParquet(
    relation: Relation,
    select: string,
    columns: readonly Column[],
    { path, durable }: StoreTarget,
    options: StatementOptions,
  ): Promise<StoredRelation> {
    // An interrupted COPY leaves part of a file: it gets its name when it is whole.
    const partial = join(dirname(path), `.${basename(path)}.partial`)
    await mkdir(dirname(path), { recursive: true })
    const statement = `COPY (SELECT ${encodeColumns(columns)} FROM (${select})) TO ${quoteText(partial)} (FORMAT parquet, COMPRESSION snappy)`
    try {
      const result = await this.#guard(relation, options, () => this.#session.run(statement, options.signal))
      if (durable) await flush(partial)
      await rename(partial, path)
      if (durable) await flush(dirname(path))
      return this.open(path, columns, Number((await result.getRows())[0]?.[0] ?? 0))
    } catch (error) {
      await rm(partial, { force: true })
      throw error
    }
  }

  /** The estimate was too low: rows that turned out to be too many for memory, or that were to go to a file, move there. */
  async #spillIfLarge(stored: StoredRelation, target: StoreTarget, options: StatementOptions): Promise<StoredRelation> {
    if (target.kind === 'memory' && stored.rows <= target.maxRows) return stored
    const moved = await this.#writeParquet(stored, compile(stored, this.#catalog, options.names), stored.columns, target, options)
    await this.free(stored)
    return moved
  }

  #newTable(): string {
    this.#tables++
    return `stored_${this.#tables}`
  }

  /**
   * Runs a statement over a relation; when it fails, the error says which row or which node is to blame. That a file cannot be
   * written is not the fault of a node of the relation when the file `isForReader`.
   */
  async #guard<T>(relation: Relation, options: StatementOptions, run: () => Promise<T>, isForReader = false): Promise<T> {
    try {
      return await run()
    } catch (error) {
      if (!(error instanceof PypeError) || options.signal.aborted) throw error
      if (isForReader && (error.code === 'DISK_FULL' || error.code === 'FILE_UNWRITABLE')) throw error
      throw await explainFailure(error, relation, this.#session, this.#catalog, options)
    }
  }
}

async function flush(path: string): Promise<void> {
  const file = await open(path, 'r')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}
