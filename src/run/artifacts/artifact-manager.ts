import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Emit } from '../../core/events.js'
import { type FramePath, formatFrame } from '../../core/frame.js'
import { formatBytes } from '../../core/quantity.js'
import type { Engine, StatementOptions } from '../../engine/engine.js'
import type { DataArtifact } from '../../sdk/artifact.js'
import type { Relation, StoredRelation } from '../../sdk/relation.js'
import { LazyArtifact } from './lazy-artifact.js'
import { type Consumer, type Owners, planSharing, sharedBelow } from './sharing.js'

/** When rows that have to be held are held in memory, and when on disk. */
export interface StoragePolicy {
  /** More rows than this go to disk. */
  readonly maxRows: number
  /** Bytes of the process above which all rows go to disk. */
  readonly maxProcessBytes: number
  /** Absolute; for rows that go to disk. */
  readonly spillDir: string
}

/** What the rows of one attempt of a sub flow are held with. */
export interface ArtifactManagerDeps {
  readonly engine: Engine
  readonly policy: StoragePolicy
  readonly emit: Emit
  readonly frame: FramePath
  /** A prefix for files in the spill folder that no other attempt has. */
  readonly prefix: string
  readonly statement: StatementOptions
  /** Gives the file of rows that cross a boundary its name. */
  readonly placeBoundary: (written: string, path: string) => Promise<void>
}

/**
 * Holds the rows of one attempt of a sub flow. Relations stay lazy, so that neighbouring queries become one statement; one that
 * several statements read is stored when the first of them needs it, and freed when the last one has ended.
 */
export class ArtifactManager {
  readonly #deps: ArtifactManagerDeps
  readonly #storing = new Map<Relation, Promise<StoredRelation>>()
  /** What has been stored and not been freed. */
  readonly #held = new Set<Relation>()
  /** Files that rows which cross a boundary are written to, by relation. */
  readonly #boundaryPaths = new Map<Relation, string>()
  #shared: Owners = new Map()
  #waiting = new Map<Relation, Set<Consumer | Relation>>()
  #files = 0

  constructor(deps: ArtifactManagerDeps) {
    this.#deps = deps
  }

  /** Looks anew at which relations several statements read. Statements that have ended are left out. */
  async plan(consumers: readonly Consumer[]): Promise<void> {
    this.#shared = planSharing(consumers, (relation) => this.#held.has(relation))
    this.#waiting = new Map([...this.#shared].map(([relation, owners]) => [relation, new Set(owners)]))
    for (const relation of [...this.#held]) {
      if (!this.#waiting.has(relation)) await this.#free(relation)
    }
  }

  /** Says where the rows of a relation go that crosses a boundary: when it is stored, it is stored there. */
  setBoundaryPath(relation: Relation, path: string): void {
    this.#boundaryPaths.set(relation, path)
  }

  /** Stores what a statement over `relation` shares with others; call it before the statement. */
  async prepare(relation: Relation): Promise<void> {
    for (const shared of sharedBelow(relation, this.#shared)) await this.store(shared)
  }

  /** Takes over the freeing of rows that code put out. */
  async own(relation: Relation): Promise<void> {
    if (relation.kind !== 'stored' || this.#held.has(relation)) return
    this.#storing.set(relation, Promise.resolve(relation))
    this.#held.add(relation)
    await this.#reportSpill(relation, relation, this.#tooMany(relation))
  }

  /** Where the rows of a relation go that crosses a boundary. */
  boundaryPathOf(relation: Relation): string | undefined {
    return this.#boundaryPaths.get(relation)
  }

  /** Whether a relation is stored, or will be because several statements read it. */
  isShared(relation: Relation): boolean {
    return this.#shared.has(relation) || this.#storing.has(relation) || this.#boundaryPaths.has(relation)
  }

  /** Runs a relation once and holds its rows. */
  store(relation: Relation): Promise<StoredRelation> {
    const known = this.#storing.get(relation)
    if (known !== undefined) return known
    const storing = this.#store(relation)
    this.#storing.set(relation, storing)
    return storing
  }

  /** A handle on the rows of a relation for the code of a module. */
  artifact(name: string, relation: Relation, columns: DataArtifact['columns']): DataArtifact {
    const store = async () => {
      await this.prepare(relation)
      return this.store(relation)
    }
    return new LazyArtifact({ name, relation, columns, engine: this.#deps.engine, signal: this.#deps.statement.signal, store })
  }

  /** Handles on the rows at the input ports of a node with code. */
  async artifacts(inputs: { readonly [port: string]: Relation }): Promise<{ readonly [port: string]: DataArtifact }> {
    const { engine, statement } = this.#deps
    const handles: Record<string, DataArtifact> = {}
    for (const [port, relation] of Object.entries(inputs)) {
      handles[port] = this.artifact(statement.names.get(relation) ?? port, relation, await engine.columns(relation, statement))
    }
    return handles
  }

  /** To be called when a statement has ended: frees what nothing else will read. */
  async release(owner: Consumer | Relation): Promise<void> {
    for (const [relation, owners] of this.#waiting) {
      if (!owners.delete(owner) || owners.size > 0) continue
      this.#waiting.delete(relation)
      await this.#free(relation)
    }
  }

  /** Rows of a relation that has been stored. */
  async rowsOf(relation: Relation): Promise<number | null> {
    return (await this.#storing.get(relation))?.rows ?? null
  }

  /** Frees everything that is still held, also after a failure. Rows that crossed a boundary stay. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#storing.values())
    for (const relation of [...this.#held]) await this.#free(relation)
  }

  async #store(relation: Relation): Promise<StoredRelation> {
    const { engine, policy, statement } = this.#deps
    if (relation.kind === 'stored') return relation
    const boundary = this.#boundaryPaths.get(relation)
    const inputs = sharedBelow(relation, this.#shared).filter((input) => input !== relation)
    for (const input of inputs) await this.store(input)
    const reason = boundary === undefined ? await this.#reasonForDisk(relation) : undefined
    const path = boundary ?? join(policy.spillDir, `${this.#deps.prefix}-${this.#files++}.parquet`)
    const kind = boundary === undefined && reason === undefined ? 'memory' : 'parquet'
    const place = boundary === undefined ? {} : { place: this.#deps.placeBoundary }
    const stored = await engine.store(relation, { kind, path, maxRows: policy.maxRows, ...place }, statement)
    this.#held.add(relation)
    if (boundary === undefined) await this.#reportSpill(relation, stored, reason ?? this.#tooMany(stored))
    await this.release(relation)
    return stored
  }

  async #reasonForDisk(relation: Relation): Promise<string | undefined> {
    const { engine, policy, statement } = this.#deps
    const bytes = process.memoryUsage.rss()
    if (bytes > policy.maxProcessBytes) return `the process has ${formatBytes(bytes)}, more than ${formatBytes(policy.maxProcessBytes)}`
    const rows = await engine.estimateRows(relation, statement)
    return rows > policy.maxRows ? `about ${rows} rows are more than ${policy.maxRows}` : undefined
  }

  #tooMany({ rows }: StoredRelation): string {
    return `${rows} rows are more than ${this.#deps.policy.maxRows}`
  }

  async #reportSpill(relation: Relation, stored: StoredRelation, reason: string): Promise<void> {
    if (stored.at.kind !== 'parquet') return
    const { path } = stored.at
    const { emit, frame, statement } = this.#deps
    const name = statement.names.get(relation) ?? ''
    const [node = '', port = ''] = name.replace(`#${formatFrame(frame)}`, '').split('.')
    emit({ type: 'artifact.spilled', node, port, frame, path, rows: stored.rows, bytes: (await stat(path)).size, reason })
  }

  async #free(relation: Relation): Promise<void> {
    this.#held.delete(relation)
    if (this.#boundaryPaths.has(relation)) return
    await this.#deps.engine.free(relation)
  }
}
