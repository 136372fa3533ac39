import { randomUUID } from 'node:crypto'
import { mkdir, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Readable } from 'node:stream'
import type { DuckDBValue } from '@duckdb/node-api'
import type { RecordBatch } from 'apache-arrow'
import { PypeError } from '../../core/errors.js'
import type { Row } from '../../sdk/artifact.js'
import type { Continuation, CopyFormat, CopyResult } from '../../sdk/context.js'
import { type Column, type Expression, inputsFirst, type Relation, type ScanRelation, type StoredRelation } from '../../sdk/relation.js'
import type { Engine, EngineOptions, SampleSize, StatementOptions, StoreTarget, TypedValue } from '../engine.js'
import type { RelationLineage } from '../lineage.js'
import type { RowsProfile } from '../rows-profile.js'
import { explaining } from './failure/explain-failure.js'
import { findLineage, listAggregates } from './lineage/lineage.js'
import { profileRows } from './profile/profile.js'
import { shortenRows } from './profile/shorten.js'
import { RelationCatalog } from './relation-catalog.js'
import { Session } from './session.js'
import { type CountingStatement, compile, queryText } from './statement/compile.js'
import { quoteName, quoteText } from './statement/literal.js'
import { moveRows, runWatched } from './statement/move-rows.js'
import { firstRows, sampleRows } from './statement/pick-rows.js'
import { fileOrder, sendingOrder } from './statement/row-order.js'
import { runCountingSelect, runSelect } from './statement/run-select.js'
import type { RowSource } from './store/ingest.js'
import { exactColumns, exactValue, readBatches, readRows } from './store/read-stored.js'
import { RowStore } from './store/row-store.js'
import { sendRows } from './stream/send.js'
import { findSyntaxFault } from './syntax/syntax-fault.js'
import { findUnlikeTypes } from './syntax/unlike-types.js'
import { continueFile } from './write/append.js'
import { copyClause, sizeOnDisk } from './write/copy.js'
import { encodeFile } from './write/encode-text.js'
import { checkPartitions, toPartitionError } from './write/partition-values.js'

/** Bytes that a row of a text file has on average: a guess before it has been read. */
const BYTES_PER_ROW = 50

/** Opens DuckDB in memory. */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  await mkdir(options.spillDir, { recursive: true })
  return new DuckDbEngine(options, await Session.open(options))
}

class DuckDbEngine implements Engine {
  readonly name = 'duckdb'
  readonly dialect = 'duckdb'
  readonly version: string
  readonly #options: EngineOptions
  readonly #session: Session
  readonly #catalog: RelationCatalog
  readonly #rows: RowStore
  #aggregates: Promise<ReadonlySet<string>> | undefined

  constructor(options: EngineOptions, session: Session) {
    this.#options = options
    this.#session = session
    this.version = session.version
    const warn = once(options.onWarning ?? (() => {}))
    this.#catalog = new RelationCatalog({ session, cwd: options.cwd, scratchDir: options.spillDir, warn, readAtMost: options.readAtMost })
    this.#rows = new RowStore(session, this.#catalog)
  }

  columns(relation: Relation, options: StatementOptions): Promise<readonly Column[]> {
    return this.#catalog.columns(relation, options)
  }

  assume(scan: ScanRelation, columns: readonly Column[]): void {
    this.#catalog.assume(scan, columns)
  }

  async findUnlikeTypes(relations: readonly Relation[], options: StatementOptions): Promise<readonly (readonly PypeError[])[]> {
    await Promise.all(relations.map((relation) => this.columns(relation, options)))
    const queries = [...new Set(inputsFirst(relations).filter((part) => part.kind === 'query'))]
    const found = await findUnlikeTypes(queries, (input) => this.#catalog.boundColumns(input), this.#session)
    return relations.map((relation) => inputsFirst([relation]).flatMap((part) => (part.kind === 'query' ? (found.get(part) ?? []) : [])))
  }

  async lineage(relation: Relation, options: StatementOptions): Promise<RelationLineage> {
    await this.columns(relation, options)
    // Listing them takes as long as many queries.
    this.#aggregates ??= listAggregates(this.#session)
    return findLineage(relation, (part) => this.#catalog.boundColumns(part), await this.#aggregates, this.#session)
  }

  findSyntaxFault(expression: Expression): Promise<PypeError | undefined> {
    return findSyntaxFault(expression, this.#session)
  }

  first(relation: Relation, count: number): Relation {
    return firstRows(relation, count)
  }

  sample(relation: Relation, size: SampleSize): Relation {
    return sampleRows(relation, size)
  }

  async shorten(relation: Relation, options: StatementOptions): Promise<Relation> {
    return shortenRows(relation, await this.columns(relation, options))
  }

  profile(stored: StoredRelation, columns: readonly Column[], signal: AbortSignal): Promise<RowsProfile> {
    return profileRows(stored, columns, this.#session, signal)
  }

  async estimateRows(relation: Relation, options: StatementOptions): Promise<number> {
    await this.columns(relation, options)
    let bytes = 0
    for (const scan of this.#catalog.scansOf(relation)) {
      if (scan.format !== 'parquet') bytes += this.#catalog.resolved(scan).files.reduce((sum, file) => sum + file.size, 0)
    }
    if (bytes > 0) return Math.ceil(bytes / BYTES_PER_ROW)
    // What a sender will send nobody knows.
    if (this.#catalog.streamsOf(relation).length > 0) return 0
    const result = await this.#session.run(`EXPLAIN (FORMAT json) ${compile(relation, this.#catalog, options.names)}`, options.signal)
    const plan = String((await result.getRows())[0]?.[1] ?? '')
    return Number(/"Estimated Cardinality":\s*"~?(\d+)/.exec(plan)?.[1] ?? 0)
  }

  store(relation: Relation, target: StoreTarget, options: StatementOptions): Promise<StoredRelation> {
    return this.#rows.store(relation, target, options)
  }

  ingest(columns: readonly Column[] | null, source: RowSource, target: StoreTarget, options: StatementOptions): Promise<StoredRelation> {
    return this.#rows.ingest(columns, source, target, options)
  }

  open(path: string, columns: readonly Column[], rows: number): StoredRelation {
    return { kind: 'stored', at: { kind: 'parquet', path }, columns, rows }
  }

  free(relation: Relation): Promise<void> {
    return this.#rows.free(relation)
  }

  async copy(relation: Relation, path: string, format: CopyFormat, options: StatementOptions): Promise<CopyResult> {
    const clause = copyClause(format, await this.columns(relation, options))
    // In the folder for what does not fit: whatever a killed run leaves there, goes.
    const written = clause.encoding === undefined ? path : join(this.#options.spillDir, `${randomUUID()}.csv`)
    const writer = `${clause.options}${fileOrder(relation)}`
    const run = () =>
      moveRows(
        relation,
        this.#session,
        this.#catalog,
        options,
        (select) => `COPY (SELECT ${clause.columns} FROM (${select})) TO ${quoteText(written)} (${writer})`,
      )
    try {
      const rows = await explaining(run, relation, this.#session, this.#catalog, options, true).catch((error: unknown) => {
        throw toPartitionError(error)
      })
      if (clause.encoding !== undefined) await encodeFile(written, path, clause.encoding, options.signal)
      if (clause.isPartitioned) await checkPartitions(path, rows, this.#session, options.signal)
      return { rows, bytes: await sizeOnDisk(path) }
    } finally {
      if (written !== path) await rm(written, { force: true })
    }
  }

  async send<T>(
    relation: Relation,
    format: CopyFormat,
    consume: (bytes: Readable) => Promise<T>,
    options: StatementOptions,
  ): Promise<{ readonly result: T; readonly rows: number }> {
    const clause = copyClause(format, await this.columns(relation, options))
    if (format.format === 'parquet' || clause.encoding !== undefined)
      throw new PypeError('MODULE_FAILED', 'Rows can be sent as csv or json in UTF-8 with LF only.', {
        hint: 'for the author of the module: copy them to a file',
      })
    const writer = `${clause.options}${sendingOrder(relation)}, USE_TMP_FILE false`
    const copy = (select: CountingStatement, path: string, signal: AbortSignal) => {
      const toStatement = (text: string) => `COPY (SELECT ${clause.columns} FROM (${text})) TO ${quoteText(path)} (${writer})`
      const run = () => runWatched(relation, select, this.#session, this.#catalog, { ...options, signal }, toStatement)
      return explaining(run, relation, this.#session, this.#catalog, { ...options, signal }, true)
    }
    // Inside, so that a sender that fails wakes the statement also where that waits for `consume`.
    return runCountingSelect(relation, this.#catalog, options, (select, signal) =>
      sendRows({ folder: this.#options.spillDir, signal, run: (path, ended) => copy(select, path, ended), consume }),
    )
  }

  async continueFile(relation: Relation, target: string, format: CopyFormat, options: StatementOptions): Promise<Continuation> {
    return continueFile(await this.columns(relation, options), resolve(this.#options.cwd, target), format)
  }

  async head(relation: Relation, limit: number, options: StatementOptions): Promise<readonly Row[]> {
    const columns = await this.columns(relation, options)
    const rows = await this.#select(relation, options, (from) => `SELECT ${exactColumns(columns)} FROM ${from} LIMIT ${limit}`)
    return rows.map((values) => Object.fromEntries(columns.map((column, i) => [column.name, exactValue(values[i] ?? null)])))
  }

  async firstRow(relation: Relation, options: StatementOptions): Promise<{ readonly [column: string]: TypedValue }> {
    const columns = await this.columns(relation, options)
    const items = columns.map((column) => `CAST(${quoteName(column.name)} AS VARCHAR)`)
    const [values = []] = await this.#select(relation, options, (from) => `SELECT ${items.join(', ')} FROM ${from} LIMIT 1`)
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

  /** The rows of a SELECT over a relation: `toSelect` gets the relation as it stands in FROM. */
  async #select(
    relation: Relation,
    options: StatementOptions,
    toSelect: (from: string) => string,
  ): Promise<readonly (readonly DuckDBValue[])[]> {
    const run = () => runSelect(relation, this.#catalog, options, (select, signal) => this.#session.run(toSelect(`(${select})`), signal))
    return (await explaining(run, relation, this.#session, this.#catalog, options)).getRows()
  }
}

/** Several sources may read the same file, and each frame of a loop does so again: it is said only once what is wrong with it. */
function once(warn: (message: string) => void): (message: string) => void {
  const said = new Set<string>()
  return (message) => {
    if (said.has(message)) return
    said.add(message)
    warn(message)
  }
}
