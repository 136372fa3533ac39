import { PypeError } from '../../../core/errors.js'
import type { Relation } from '../../../sdk/relation.js'
import type { StatementOptions } from '../../engine.js'
import type { RelationCatalog } from '../relation-catalog.js'
import type { ResolvedScan } from '../scan/resolved-scan.js'
import type { Session } from '../session.js'
import { runSelect } from '../statement/run-select.js'
import { findBadValue } from './bad-value.js'
import { blame } from './blame.js'

/** Codes that a bad row in a text file may hide behind. */
const MAYBE_BAD_ROW: ReadonlySet<string> = new Set(['SQL_FAILED', 'ENGINE_LOST', 'BAD_ROW'])
/** Codes that a damaged columnar file, or a value in it that does not fit, may hide behind. */
const MAYBE_CORRUPT: ReadonlySet<string> = new Set(['FILE_CORRUPT', 'ENGINE_LOST', 'SQL_FAILED'])

/**
 * Does what runs a statement over `relation`; when it fails, the error says which row or which node is to blame. That a file
 * cannot be written is not the fault of a node of the relation when the file `isForReader`.
 */
export async function explaining<T>(
  work: () => Promise<T>,
  relation: Relation,
  session: Session,
  catalog: RelationCatalog,
  options: StatementOptions,
  isForReader = false,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof PypeError) || options.signal.aborted) throw error
    // Whose fault it is, is known: that of a sender.
    if (error.node !== undefined) throw error
    if (isForReader && (error.code === 'DISK_FULL' || error.code === 'FILE_UNWRITABLE')) throw error
    throw await explainFailure(error, relation, session, catalog, options)
  }
}

/**
 * The cause of a failed statement over `relation`. A statement is fused from several nodes, so the engine's own message
 * says neither whose part of it failed nor which row of a file: that is found out now.
 */
async function explainFailure(
  error: PypeError,
  relation: Relation,
  session: Session,
  catalog: RelationCatalog,
  options: StatementOptions,
): Promise<PypeError> {
  for (const scan of catalog.scansOf(relation)) {
    if (!(scan.format === 'parquet' ? MAYBE_CORRUPT : MAYBE_BAD_ROW).has(error.code)) continue
    const resolved = catalog.resolved(scan)
    const found = await failureOf(() => resolved.diagnose(options.signal))
    if (found !== undefined) return blame(withOwnPaths(found, resolved), scan, options.names)
  }
  const candidates = catalog.namedRelations(relation, options.names)
  if (error.code === 'SQL_FAILED' && candidates.length > 1) {
    for (const candidate of candidates) {
      const found = await failureOf(() =>
        runSelect(candidate, catalog, options, (select, signal) => session.run(`SELECT max(hash(r)) FROM (${select}) AS r`, signal)),
      )
      if (found !== undefined) return blame(await asBadRow(found, candidate, session, catalog, options), candidate, options.names)
    }
  }
  const last = candidates.at(-1) ?? relation
  return blame(await asBadRow(error, last, session, catalog, options), last, options.names)
}

/** Nothing but a value that does not fit its declared type can fail in these. */
async function asBadRow(
  error: unknown,
  relation: Relation,
  session: Session,
  catalog: RelationCatalog,
  options: StatementOptions,
): Promise<unknown> {
  if (!(error instanceof PypeError) || error.code !== 'SQL_FAILED' || (relation.kind !== 'cast' && relation.kind !== 'inline')) return error
  const found = await findBadValue(relation, session, catalog, options)
  return found ?? error
}

async function failureOf(work: () => Promise<unknown>): Promise<unknown> {
  try {
    await work()
    return undefined
  } catch (error) {
    return error
  }
}

/** Messages name the user's files, not the copies that the engine read. */
function withOwnPaths(error: unknown, { copies }: ResolvedScan): unknown {
  if (!(error instanceof PypeError)) return error
  let message = error.message
  for (const [copy, path] of copies) message = message.replaceAll(copy, path)
  return message === error.message ? error : new PypeError(error.code, message, error)
}
