import type { Relation } from '../../sdk/relation.js'
import type { StatementOptions } from '../engine.js'
import { compile } from './compile.js'
import type { RelationCatalog } from './relation-catalog.js'
import { readStreams } from './stream/read-streams.js'

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
