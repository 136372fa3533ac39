import { mkdir } from 'node:fs/promises'
import { resolve } from 'node:path'
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
import { estimateRows } from './scan/estimate-rows.js'
import { Session } from './session.js'
import { queryText } from './statement/compile.js'
import { quoteName } from './statement/literal.js'
import { firstRows, sampleRows } from './statement/pick-rows.js'
import { runSelect } from './statement/run-select.js'
import type { RowSource } from './store/ingest.js'
import { exactColumns, exactValue, readBatches, readRows } from './store/read-stored.js'
import { RowStore } from './store/row-store.js'
import { sendCopy } from './stream/send-copy.js'
import { findSyntaxFault } from './syntax/syntax-fault.js'
import { findUnlikeTypes } from './unlike-types/unlike-types.js'
import { continueFile } from './write/append.js'
import { copyRows } from './write/copy-rows.js'

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

  estimateRows(relation: Relation, options: StatementOptions): Promise<number> {
    return estimateRows(relation, this.#session, this.#catalog, options)
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

  copy(relation: Relation, path: string, format: CopyFormat, options: StatementOptions): Promise<CopyResult> {
    return copyRows(relation, path, format, this.#session, this.#catalog, options)
  }

  send<T>(
    relation: Relation,
    format: CopyFormat,
    consume: (bytes: Readable) => Promise<T>,
    options: StatementOptions,
  ): Promise<{ readonly result: T; readonly rows: number }> {
    return sendCopy(relation, format, consume, this.#session, this.#catalog, options)
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
