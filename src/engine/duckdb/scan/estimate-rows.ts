import type { Relation } from '../../../sdk/relation.js'
import type { StatementOptions } from '../../engine.js'
import type { RelationCatalog } from '../relation-catalog.js'
import type { Session } from '../session.js'
import { compile } from '../statement/compile.js'

/** Bytes that a row of a text file has on average: a guess before it has been read. */
const BYTES_PER_ROW = 50

/** About how many rows a relation has, before it is read: by the size of its text files, else as the engine plans. 0: nobody knows. */
export async function estimateRows(
  relation: Relation,
  session: Session,
  catalog: RelationCatalog,
  options: StatementOptions,
): Promise<number> {
  await catalog.columns(relation, options)
  let bytes = 0
  for (const scan of catalog.scansOf(relation)) {
    if (scan.format !== 'parquet') bytes += catalog.resolved(scan).files.reduce((sum, file) => sum + file.size, 0)
  }
  if (bytes > 0) return Math.ceil(bytes / BYTES_PER_ROW)
  // What a sender will send nobody knows.
  if (catalog.streamsOf(relation).length > 0) return 0
  const result = await session.run(`EXPLAIN (FORMAT json) ${compile(relation, catalog, options.names)}`, options.signal)
  const plan = String((await result.getRows())[0]?.[1] ?? '')
  return Number(/"Estimated Cardinality":\s*"~?(\d+)/.exec(plan)?.[1] ?? 0)
}
