import { PypeError } from '../../core/errors.js'
import { listShort } from '../../core/list-short.js'
import { suggestNearest } from '../../core/suggest.js'
import {
  type CastRelation,
  type Column,
  inputsFirst,
  inputsOf,
  type QueryRelation,
  type Relation,
  type ScanRelation,
  type StoredRelation,
  type StreamRelation,
} from '../../sdk/relation.js'
import type { RelationNames, StatementOptions } from '../engine.js'
import { QueryError } from '../sql-place.js'
import { blame } from './failure/blame.js'
import { positionOf } from './failure/to-pype-error.js'
import { resolveScan } from './scan/resolve-scan.js'
import { REJECT_COLUMNS, type ResolvedScan, type ScanEnvironment } from './scan/resolved-scan.js'
import type { Session } from './session.js'
import { emptyRelation, type KnownRelations, queryPieces } from './statement/compile.js'
import { DESCRIBE, describe } from './statement/describe.js'
import { declaredColumns } from './statement/inline.js'
import { quoteName } from './statement/literal.js'
import { CAST_REJECT_COLUMNS } from './statement/split-rejects.js'
import { placeInQuery } from './syntax/place-in-query.js'

interface Kept {
  readonly relation: StoredRelation
  /** The database that a table in memory is in. */
  readonly generation: number
}

/** What an engine knows of relations: their columns, the files behind scans, and the rows that stand in for them. */
export class RelationCatalog implements KnownRelations {
  readonly #session: Session
  readonly #environment: Omit<ScanEnvironment, 'signal'>
  readonly #columns = new WeakMap<Relation, Promise<readonly Column[]>>()
  readonly #bound = new WeakMap<Relation, readonly Column[]>()
  readonly #scans = new WeakMap<ScanRelation, Promise<ResolvedScan>>()
  readonly #resolved = new WeakMap<ScanRelation, ResolvedScan>()
  readonly #kept = new WeakMap<Relation, Kept>()
  /** The bad rows of the relations that were stored without them. */
  readonly #rejects = new WeakMap<Relation, StoredRelation>()

  /** A folder for what lasts as long as a statement. */
  get scratchDir(): string {
    return this.#environment.scratchDir
  }

  constructor(environment: Omit<ScanEnvironment, 'signal'>) {
    this.#session = environment.session
    this.#environment = environment
  }

  /** The columns of a relation. It is bound once, on its own: an error in it is found at the node that made it. */
  columns(relation: Relation, options: StatementOptions): Promise<readonly Column[]> {
    const known = this.#columns.get(relation)
    if (known !== undefined) return known
    const binding = this.#bindAndNote(relation, options)
    this.#columns.set(relation, binding)
    binding.catch(() => this.#columns.delete(relation))
    return binding
  }

  /** From now on a scan has these columns; its files are not looked at. */
  assume(scan: ScanRelation, columns: readonly Column[]): void {
    this.#columns.set(scan, Promise.resolve(columns))
    this.#bound.set(scan, columns)
  }

  stored(relation: Relation): StoredRelation | undefined {
    const rejects = relation.kind === 'rejects' ? this.#rejects.get(relation.of) : undefined
    const kept = this.#kept.get(rejects ?? relation)
    if (kept === undefined) return relation.kind === 'stored' ? relation : undefined
    if (kept.relation.at.kind === 'memory' && kept.generation !== this.#session.generation) {
      throw new PypeError('ENGINE_LOST', 'Rows in memory were lost when the data engine had to be reopened.', { hint: 'run it again' })
    }
    return kept.relation
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

  /** From now on the stored rows stand in for the relation. */
  keep(relation: Relation, stored: StoredRelation): StoredRelation {
    this.#kept.set(relation, { relation: stored, generation: this.#session.generation })
    return stored
  }

  keepRejects(relation: ScanRelation | CastRelation, rejects: StoredRelation): void {
    this.#rejects.set(relation, this.keep(rejects, rejects))
  }

  /** Forgets the rows that stand in for a relation and returns those that are still there. */
  forget(relation: Relation): StoredRelation[] {
    const rejects = this.#rejects.get(relation)
    const kept = this.#kept.get(relation) ?? (relation.kind === 'stored' ? { relation, generation: this.#session.generation } : undefined)
    this.#kept.delete(relation)
    this.#rejects.delete(relation)
    const found =
      kept !== undefined && (kept.relation.at.kind === 'parquet' || kept.generation === this.#session.generation) ? [kept.relation] : []
    return rejects === undefined ? found : [...found, ...this.forget(rejects)]
  }

  /** The scans that a statement over a relation reads. */
  scansOf(relation: Relation): ScanRelation[] {
    return this.#relationsOf(relation).filter((found) => found.kind === 'scan')
  }

  /** The streams that a statement over a relation reads. */
  streamsOf(relation: Relation): StreamRelation[] {
    return this.#relationsOf(relation).filter((found) => found.kind === 'stream')
  }

  /** A relation and all that a statement over it runs, inputs first: also the rows that are read as they are stored. */
  relationsIn(root: Relation): Relation[] {
    return inputsFirst([root], (relation) => (this.#isKept(relation) ? [] : inputsOf(relation)))
  }

  /** The relations that bear a name in a statement, inputs first. */
  namedRelations(root: Relation, names: RelationNames): Relation[] {
    return this.#relationsOf(root).filter((relation) => names.has(relation))
  }

  /** A relation and all that it stands on, inputs first, down to what is stored. */
  #relationsOf(root: Relation): Relation[] {
    if (this.#isKept(root)) return []
    return inputsFirst([root], (relation) => inputsOf(relation).filter((input) => !this.#isKept(input)))
  }

  #isKept(relation: Relation): boolean {
    return relation.kind === 'stored' || this.#kept.has(relation)
  }

  async #bindAndNote(relation: Relation, options: StatementOptions): Promise<readonly Column[]> {
    const inputs = await Promise.all(inputsOf(relation).map((input) => this.columns(input, options)))
    try {
      const columns = await this.#bind(relation, inputs, options.signal)
      this.#bound.set(relation, columns)
      return columns
    } catch (error) {
      throw blame(error, relation, options.names)
    }
  }

  async #bind(relation: Relation, inputs: readonly (readonly Column[])[], signal: AbortSignal): Promise<readonly Column[]> {
    switch (relation.kind) {
      case 'stored':
        return relation.columns
      case 'scan':
        return (await this.#resolve(relation, signal)).columns
      case 'stream':
        return this.#describeTypes(relation.columns)
      case 'inline':
        return relation.columns === null ? declaredColumns(relation) : this.#describeTypes(declaredColumns(relation))
      case 'files':
        await this.#resolve(relation.of, signal)
        return [
          { name: 'path', type: 'VARCHAR' },
          { name: 'size', type: 'BIGINT' },
        ]
      case 'rejects':
        return relation.of.kind === 'scan' ? REJECT_COLUMNS : [...this.boundColumns(relation.of.input), ...CAST_REJECT_COLUMNS]
      case 'cast':
        return this.#bindCast(relation, inputs[0] ?? [])
      case 'query':
        return this.#bindQuery(relation, signal)
    }
  }

  async #bindQuery(query: QueryRelation, signal: AbortSignal): Promise<readonly Column[]> {
    const pieces = queryPieces(query, (input) => emptyRelation(this.boundColumns(input)))
    try {
      return await describe(this.#session, pieces.join(''), signal)
    } catch (error) {
      const bytes = error instanceof PypeError ? positionOf(error) : undefined
      const place = bytes === undefined ? undefined : placeInQuery(query.parts, pieces, bytes - DESCRIBE.length)
      throw error instanceof PypeError && place !== undefined ? new QueryError(error, place) : error
    }
  }

  async #bindCast({ types }: CastRelation, columns: readonly Column[]): Promise<readonly Column[]> {
    const names = columns.map((column) => column.name)
    const missing = types.find(({ name }) => !names.includes(name))
    if (missing !== undefined) {
      throw new PypeError('SQL_INVALID', `There is no column "${missing.name}".`, {
        hint: suggestNearest(missing.name, names, `the columns are ${listShort(names)}`),
      })
    }
    const described = await this.#describeTypes(types)
    return columns.map((column) => described.find((other) => other.name === column.name) ?? column)
  }

  /** The columns with the engine's own names of their types. */
  #describeTypes(columns: readonly Column[]): Promise<readonly Column[]> {
    return describe(this.#session, `SELECT ${columns.map(({ name, type }) => `CAST(NULL AS ${type}) AS ${quoteName(name)}`).join(', ')}`)
  }

  #resolve(scan: ScanRelation, signal: AbortSignal): Promise<ResolvedScan> {
    const known = this.#scans.get(scan)
    if (known !== undefined) return known
    const resolving = resolveScan(scan, { ...this.#environment, signal }).then((resolved) => {
      this.#resolved.set(scan, resolved)
      return resolved
    })
    this.#scans.set(scan, resolving)
    resolving.catch(() => this.#scans.delete(scan))
    return resolving
  }
}
