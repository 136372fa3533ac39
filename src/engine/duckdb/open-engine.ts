import { mkdir, open, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { RecordBatch } from 'apache-arrow'
import { PypeError, nearest } from '../../core/errors.js'
import type { Row } from '../../sdk/artifact.js'
import type { CopyFormat, CopyResult } from '../../sdk/context.js'
import { type CastRelation, type Column, type Expression, inputsOf, type Relation, type ScanRelation, type StoredRelation } from '../../sdk/relation.js'
import type { Engine, EngineOptions, RelationNames, StatementOptions, StoreTarget, TypedValue } from '../engine.js'
import { compile, emptyRelation, type KnownRelations, queryText } from './compile.js'
import { copyClause, sizeOnDisk } from './copy.js'
import { ingestTexts, type RowSource, selectTyped } from './ingest.js'
import { selectInline } from './inline.js'
import { literal, quoteName, quoteText } from './literal.js'
import { encodeColumns } from './parquet-types.js'
import { exactColumns, exactValue, readBatches, readRows } from './read-stored.js'
import { REJECT_COLUMNS, type ResolvedScan, type ScanEnvironment } from './scan/resolved-scan.js'
import { resolveScan } from './scan/resolve-scan.js'
import { Session } from './session.js'
import { CAST_REJECT_COLUMNS, splitCast, splitScan } from './split-rejects.js'

/** Rows per byte of a text file, for a guess before it has been read. */
const BYTES_PER_ROW = 50

/** Opens DuckDB in memory. */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  await mkdir(options.spillDir, { recursive: true })
  return new DuckDbEngine(options, await Session.open(options))
}

class DuckDbEngine implements Engine, KnownRelations {
  readonly name = 'duckdb'
  readonly dialect = 'duckdb'
  readonly version: string
  readonly #session: Session
  readonly #environment: ScanEnvironment
  readonly #scans = new WeakMap<ScanRelation, Promise<ResolvedScan>>()
  readonly #resolved = new WeakMap<ScanRelation, ResolvedScan>()
  readonly #columns = new WeakMap<Relation, Promise<readonly Column[]>>()
  readonly #bound = new WeakMap<Relation, readonly Column[]>()
  readonly #stored = new WeakMap<Relation, { readonly relation: StoredRelation; readonly generation: number }>()
  /** The bad rows of the relations that were stored without them. */
  readonly #rejects = new WeakMap<Relation, StoredRelation>()
  #tables = 0

  constructor(options: EngineOptions, session: Session) {
    this.#session = session
    this.version = session.version
    this.#environment = { session, cwd: options.cwd, scratchDir: options.spillDir, warn: options.onWarning ?? (() => {}) }
  }

  // KnownRelations, for the compiler

  stored(relation: Relation): StoredRelation | undefined {
    const rejects = relation.kind === 'rejects' ? this.#rejects.get(relation.of) : undefined
    const found = this.#stored.get(rejects ?? relation)
    if (found === undefined && relation.kind === 'stored') return relation
    if (found === undefined) return undefined
    if (found.relation.at.kind === 'memory' && found.generation !== this.#session.generation) {
      throw new PypeError('ENGINE_LOST', 'Rows in memory were lost when the data engine had to be reopened.', { hint: 'run it again' })
    }
    return found.relation
  }

  resolved(scan: ScanRelation): ResolvedScan {
    const found = this.#resolved.get(scan)
    if (found === undefined) throw new PypeError('INTERNAL', 'A scan was compiled before its files were looked at.')
    return found
  }

  boundColumns(relation: Relation): readonly Column[] {
    const found = this.#bound.get(relation) ?? (relation.kind === 'stored' ? relation.columns : undefined)
    if (found === undefined) throw new PypeError('INTERNAL', 'A relation was compiled before it was bound.')
    return found
  }

  // Engine

  columns(relation: Relation, options: StatementOptions): Promise<readonly Column[]> {
    const known = this.#columns.get(relation)
    if (known !== undefined) return known
    const bound = this.#bind(relation, options).then(
      (columns) => {
        this.#bound.set(relation, columns)
        return columns
      },
      (error: unknown) => {
        this.#columns.delete(relation)
        throw blame(error, relation, options.names)
      },
    )
    this.#columns.set(relation, bound)
    return bound
  }

  async estimateRows(relation: Relation, options: StatementOptions): Promise<number> {
    await this.columns(relation, options)
    let bytes = 0
    for (const scan of this.#scansOf(relation)) {
      if (scan.format !== 'parquet') bytes += this.resolved(scan).files.reduce((sum, file) => sum + file.size, 0)
    }
    if (bytes > 0) return Math.ceil(bytes / BYTES_PER_ROW)
    const result = await this.#session.run(`EXPLAIN (FORMAT json) ${compile(relation, this, options.names)}`, options.signal)
    const plan = String((await result.getRows())[0]?.[1] ?? '')
    return Number(/"Estimated Cardinality":\s*"~?(\d+)/.exec(plan)?.[1] ?? 0)
  }

  async store(relation: Relation, target: StoreTarget, options: StatementOptions): Promise<StoredRelation> {
    const columns = await this.columns(relation, options)
    if (relation.kind === 'scan' && relation.badRows === 'reject') {
      const { rows, rejects } = await this.#guard(relation, options, () => splitScan(this.#session, this.resolved(relation), this.#newTable(), options.signal))
      this.#keepRejects(relation, await this.ingest(REJECT_COLUMNS, rejects, inMemory, options))
      return this.#keep(relation, await this.#spillIfLarge(rows, target, options))
    }
    if (relation.kind === 'cast' && relation.badRows === 'reject') {
      const from = `(${compile(relation.input, this, options.names)})`
      const split = await this.#guard(relation, options, () => splitCast(this.#session, relation, this.boundColumns(relation.input), from, [this.#newTable(), this.#newTable()], options.signal))
      this.#keepRejects(relation, split.rejects)
      return this.#keep(relation, await this.#spillIfLarge(split.rows, target, options))
    }
    const select = compile(relation, this, options.names)
    if (target.kind === 'parquet') return this.#keep(relation, await this.#writeParquet(relation, select, columns, target, options))
    const table = this.#newTable()
    const result = await this.#guard(relation, options, () => this.#session.run(`CREATE TABLE ${quoteName(table)} AS ${select}`, options.signal))
    const rows: StoredRelation = { kind: 'stored', at: { kind: 'memory', table }, columns, rows: Number((await result.getRows())[0]?.[0] ?? 0) }
    return this.#keep(relation, await this.#spillIfLarge(rows, target, options))
  }

  async ingest(columns: readonly Column[] | null, source: RowSource, target: StoreTarget, options: StatementOptions): Promise<StoredRelation> {
    const texts = this.#newTable()
    try {
      const typed = await ingestTexts(this.#session, texts, columns, source, options.signal)
      const table = this.#newTable()
      const result = await this.#session.run(`CREATE TABLE ${quoteName(table)} AS ${selectTyped(texts, typed)}`, options.signal)
      const rows = Number((await result.getRows())[0]?.[0] ?? 0)
      return await this.#spillIfLarge({ kind: 'stored', at: { kind: 'memory', table }, columns: await this.#describe(`SELECT * FROM ${quoteName(table)}`), rows }, target, options)
    } finally {
      await this.#session.run(`DROP TABLE IF EXISTS ${quoteName(texts)}`)
    }
  }

  open(path: string, columns: readonly Column[], rows: number): StoredRelation {
    return { kind: 'stored', at: { kind: 'parquet', path }, columns, rows }
  }

  async free(relation: Relation): Promise<void> {
    const found = this.#stored.get(relation)
    const stored = relation.kind === 'stored' ? relation : found?.relation
    this.#stored.delete(relation)
    if (stored === undefined) return
    if (stored.at.kind === 'parquet') await rm(stored.at.path, { force: true })
    else if (found === undefined || found.generation === this.#session.generation) await this.#session.run(`DROP TABLE IF EXISTS ${quoteName(stored.at.table)}`)
  }

  async copy(relation: Relation, path: string, format: CopyFormat, options: StatementOptions): Promise<CopyResult> {
    const clause = copyClause(format, await this.columns(relation, options))
    const statement = `COPY (SELECT ${clause.columns} FROM (${compile(relation, this, options.names)})) TO ${quoteText(path)} (${clause.options})`
    const result = await this.#guard(relation, options, () => this.#session.run(statement, options.signal))
    await clause.finish?.(path)
    return { rows: Number((await result.getRows())[0]?.[0] ?? 0), bytes: await sizeOnDisk(path) }
  }

  async head(relation: Relation, limit: number, options: StatementOptions): Promise<readonly Row[]> {
    const columns = await this.columns(relation, options)
    const statement = `SELECT ${exactColumns(columns)} FROM (${compile(relation, this, options.names)}) LIMIT ${limit}`
    const result = await this.#guard(relation, options, () => this.#session.run(statement, options.signal))
    const rows = await result.getRows()
    return rows.map((values) => Object.fromEntries(columns.map((column, i) => [column.name, exactValue(values[i] ?? null)])))
  }

  async firstRow(relation: Relation, options: StatementOptions): Promise<{ readonly [column: string]: TypedValue }> {
    const columns = await this.columns(relation, options)
    const items = columns.map((column) => `CAST(${quoteName(column.name)} AS VARCHAR)`)
    const statement = `SELECT ${items.join(', ')} FROM (${compile(relation, this, options.names)}) LIMIT 1`
    const result = await this.#guard(relation, options, () => this.#session.run(statement, options.signal))
    const values = (await result.getRows())[0] ?? []
    return Object.fromEntries(columns.map((column, i) => [column.name, { type: column.type, text: values[i] === null || values[i] === undefined ? null : String(values[i]) }]))
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
    throw new PypeError('SQL_INVALID', `The condition ${text.trim()} gives ${String(type)}, expected BOOLEAN.`, { hint: 'compare the value with something, for example "> 0"' })
  }

  literal(value: Parameters<typeof literal>[0]): string {
    return literal(value)
  }

  async close(): Promise<void> {
    this.#session.close()
  }

  // What the methods above share

  async #bind(relation: Relation, options: StatementOptions): Promise<readonly Column[]> {
    const inputs = await Promise.all(inputsOf(relation).map((input) => this.columns(input, options)))
    switch (relation.kind) {
      case 'stored':
        return relation.columns
      case 'scan':
        return (await this.#resolve(relation)).columns
      case 'inline':
        return this.#describe(selectInline(relation))
      case 'files':
        await this.#resolve(relation.of)
        return [{ name: 'path', type: 'VARCHAR' }, { name: 'size', type: 'BIGINT' }]
      case 'rejects':
        return relation.of.kind === 'scan' ? REJECT_COLUMNS : [...(await this.columns(relation.of.input, options)), ...CAST_REJECT_COLUMNS]
      case 'cast':
        return this.#bindCast(relation, inputs[0] ?? [])
      case 'query':
        return this.#describe(queryText(relation, (input) => emptyRelation(this.boundColumns(input))))
    }
  }

  async #bindCast({ types }: CastRelation, columns: readonly Column[]): Promise<readonly Column[]> {
    for (const { name } of types) {
      if (columns.some((column) => column.name === name)) continue
      const near = nearest(name, columns.map((column) => column.name))
      throw new PypeError('SQL_INVALID', `There is no column "${name}".`, { hint: near === undefined ? `the columns are ${columns.map((column) => column.name).join(', ')}` : `did you mean "${near}"?` })
    }
    const described = await this.#describe(`SELECT ${types.map(({ name, type }) => `CAST(NULL AS ${type}) AS ${quoteName(name)}`).join(', ')}`)
    return columns.map((column) => described.find((other) => other.name === column.name) ?? column)
  }

  async #describe(select: string): Promise<readonly Column[]> {
    const result = await this.#session.run(`DESCRIBE ${select}`)
    return (await result.getRows()).map((row) => ({ name: String(row[0]), type: row[1] === '"NULL"' ? 'NULL' : String(row[1]) }))
  }

  #resolve(scan: ScanRelation): Promise<ResolvedScan> {
    const known = this.#scans.get(scan)
    if (known !== undefined) return known
    const resolving = resolveScan(scan, this.#environment).then((resolved) => {
      this.#resolved.set(scan, resolved)
      return resolved
    })
    this.#scans.set(scan, resolving)
    resolving.catch(() => this.#scans.delete(scan))
    return resolving
  }

  async #writeParquet(relation: Relation, select: string, columns: readonly Column[], { path, durable }: StoreTarget, options: StatementOptions): Promise<StoredRelation> {
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
    const moved = await this.#writeParquet(stored, compile(stored, this, options.names), stored.columns, target, options)
    await this.free(stored)
    return moved
  }

  #keep(relation: Relation, stored: StoredRelation): StoredRelation {
    this.#stored.set(relation, { relation: stored, generation: this.#session.generation })
    return stored
  }

  #keepRejects(relation: ScanRelation | CastRelation, rejects: StoredRelation): void {
    this.#rejects.set(relation, this.#keep(rejects, rejects))
  }

  #newTable(): string {
    this.#tables++
    return `stored_${this.#tables}`
  }

  #scansOf(relation: Relation): ScanRelation[] {
    const found: ScanRelation[] = []
    const seen = new Set<Relation>()
    const stack: Relation[] = [relation]
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      if (seen.has(next) || this.#stored.has(next)) continue
      seen.add(next)
      if (next.kind === 'scan') found.push(next)
      stack.push(...inputsOf(next))
    }
    return found
  }

  /** Runs a statement over a relation; when it fails, finds out which row or which node is to blame. */
  async #guard<T>(relation: Relation, options: StatementOptions, run: () => Promise<T>): Promise<T> {
    try {
      return await run()
    } catch (error) {
      if (!(error instanceof PypeError) || options.signal.aborted) throw error
      for (const scan of this.#scansOf(relation)) await this.#diagnose(scan, error, options)
      throw error.node === undefined ? await this.#locate(error, relation, options) : error
    }
  }

  async #diagnose(scan: ScanRelation, error: PypeError, options: StatementOptions): Promise<void> {
    const resolved = this.resolved(scan)
    if (!['SQL_FAILED', 'ENGINE_LOST', 'BAD_ROW'].includes(error.code)) return
    try {
      await resolved.diagnose(options.signal)
    } catch (found) {
      throw blame(withOwnPaths(found, resolved), scan, options.names)
    }
  }

  /** The first relation, inputs first, that fails on its own. */
  async #locate(error: PypeError, relation: Relation, options: StatementOptions): Promise<PypeError> {
    const named = this.#namedRelations(relation, options.names)
    if (named.length < 2 || error.code !== 'SQL_FAILED') return blame(error, named.at(-1) ?? relation, options.names)
    for (const candidate of named) {
      try {
        await this.#session.run(`SELECT max(hash(t)) FROM (${compile(candidate, this, options.names)}) AS t`, options.signal)
      } catch (found) {
        return blame(found, candidate, options.names)
      }
    }
    return blame(error, relation, options.names)
  }

  #namedRelations(root: Relation, names: RelationNames): Relation[] {
    const order: Relation[] = []
    const seen = new Set<Relation>()
    const stack: { relation: Relation; done: boolean }[] = [{ relation: root, done: false }]
    for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
      if (top.done) {
        if (names.has(top.relation)) order.push(top.relation)
        continue
      }
      if (seen.has(top.relation) || this.#stored.has(top.relation)) continue
      seen.add(top.relation)
      stack.push({ relation: top.relation, done: true }, ...inputsOf(top.relation).map((input) => ({ relation: input, done: false })))
    }
    return order
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

const inMemory: StoreTarget = { kind: 'memory', path: '', maxRows: Number.POSITIVE_INFINITY, durable: false }

/** The error with the node whose port the relation is. */
function blame(error: unknown, relation: Relation, names: RelationNames): PypeError {
  const known = error instanceof PypeError ? error : new PypeError('INTERNAL', String(error), { cause: error })
  const name = names.get(relation)
  return name === undefined ? known : known.with({ node: name.replace(/\.[^.#]*(?=$|#)/, '') })
}

/** Messages name the user's files, not the copies that the engine read. */
function withOwnPaths(error: unknown, { copies }: ResolvedScan): unknown {
  if (!(error instanceof PypeError)) return error
  let message = error.message
  for (const [copy, path] of copies) message = message.replaceAll(copy, path)
  return message === error.message ? error : new PypeError(error.code, message, { hint: error.hint, at: error.at, node: error.node, cause: error.cause })
}
