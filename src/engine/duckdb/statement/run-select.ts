import type { Relation } from '../../../sdk/relation.js'
import type { StatementOptions } from '../../engine.js'
import type { RelationCatalog } from '../relation-catalog.js'
import { hasFooters } from '../row-counts/footer-rows.js'
import { readStreams } from '../stream/read-streams.js'
import { type CountingStatement, compile, compileCounting } from './compile.js'

/**
 * Gives `work` the SELECT of a relation, to be run once in a statement with the signal; meanwhile the rows of its streams are sent.
 */
export function runSelect<T>(
  relation: Relation,
  catalog: RelationCatalog,
  options: StatementOptions,
  work: (select: string, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  return readStreams(catalog.streamsOf(relation), catalog.scratchDir, options, async (paths, signal) =>
    work(compile(relation, catalog, options.names, paths), signal),
  )
}

/** The same with the rows counted of those relations that are asked for and whose files do not tell them. */
export function runCountingSelect<T>(
  relation: Relation,
  catalog: RelationCatalog,
  options: StatementOptions,
  work: (statement: CountingStatement, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const asked = options.watch?.isCounted
  const isCounted = asked && ((relation: Relation) => asked(relation) && !hasFooters(relation))
  return readStreams(catalog.streamsOf(relation), catalog.scratchDir, options, async (paths, signal) =>
    work(compileCounting(relation, catalog, options.names, paths, isCounted), signal),
  )
}
