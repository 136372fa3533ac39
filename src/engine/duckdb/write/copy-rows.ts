import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { CopyFormat, CopyResult } from '../../../sdk/context.js'
import type { Relation } from '../../../sdk/relation.js'
import type { StatementOptions } from '../../engine.js'
import { explaining } from '../failure/explain-failure.js'
import type { RelationCatalog } from '../relation-catalog.js'
import type { Session } from '../session.js'
import { quoteText } from '../statement/literal.js'
import { moveRows } from '../statement/move-rows.js'
import { fileOrder } from '../statement/row-order.js'
import { copyClause, sizeOnDisk } from './copy.js'
import { encodeFile } from './encode-text.js'
import { checkPartitions, toPartitionError } from './partition-values.js'

/** Writes the rows of a relation to a file, or to a folder of partitions. Throws what the statement's failure means for the author of the flow. */
export async function copyRows(
  relation: Relation,
  path: string,
  format: CopyFormat,
  session: Session,
  catalog: RelationCatalog,
  options: StatementOptions,
): Promise<CopyResult> {
  const clause = copyClause(format, await catalog.columns(relation, options))
  // In the folder for what does not fit: whatever a killed run leaves there, goes.
  const written = clause.encoding === undefined ? path : join(catalog.scratchDir, `${randomUUID()}.csv`)
  const toStatement = (select: string) =>
    `COPY (SELECT ${clause.columns} FROM (${select})) TO ${quoteText(written)} (${clause.options}${fileOrder(relation)})`
  const run = () => moveRows(relation, session, catalog, options, toStatement)
  try {
    const rows = await explaining(run, relation, session, catalog, options, true).catch((error: unknown) => {
      throw toPartitionError(error)
    })
    if (clause.encoding !== undefined) await encodeFile(written, path, clause.encoding, options.signal)
    if (clause.isPartitioned) await checkPartitions(path, rows, session, options.signal)
    return { rows, bytes: await sizeOnDisk(path) }
  } finally {
    if (written !== path) await rm(written, { force: true })
  }
}
