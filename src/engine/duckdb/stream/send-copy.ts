import type { Readable } from 'node:stream'
import { PypeError } from '../../../core/errors.js'
import type { CopyFormat } from '../../../sdk/context.js'
import type { Relation } from '../../../sdk/relation.js'
import type { StatementOptions } from '../../engine.js'
import { explaining } from '../failure/explain-failure.js'
import type { RelationCatalog } from '../relation-catalog.js'
import type { Session } from '../session.js'
import type { CountingStatement } from '../statement/compile.js'
import { quoteText } from '../statement/literal.js'
import { runWatched } from '../statement/move-rows.js'
import { sendingOrder } from '../statement/row-order.js'
import { runCountingSelect } from '../statement/run-select.js'
import { copyClause } from '../write/copy.js'
import { sendRows } from './send.js'

/** Hands the rows of a relation to `consume` as the bytes of a format. Throws MODULE_FAILED for a format that cannot be sent. */
export async function sendCopy<T>(
  relation: Relation,
  format: CopyFormat,
  consume: (bytes: Readable) => Promise<T>,
  session: Session,
  catalog: RelationCatalog,
  options: StatementOptions,
): Promise<{ readonly result: T; readonly rows: number }> {
  const clause = copyClause(format, await catalog.columns(relation, options))
  if (format.format === 'parquet' || clause.encoding !== undefined)
    throw new PypeError('MODULE_FAILED', 'Rows can be sent as csv or json in UTF-8 with LF only.', {
      hint: 'for the author of the module: copy them to a file',
    })
  const writer = `${clause.options}${sendingOrder(relation)}, USE_TMP_FILE false`
  const copy = (select: CountingStatement, path: string, signal: AbortSignal) => {
    const toStatement = (text: string) => `COPY (SELECT ${clause.columns} FROM (${text})) TO ${quoteText(path)} (${writer})`
    const run = () => runWatched(relation, select, session, catalog, { ...options, signal }, toStatement)
    return explaining(run, relation, session, catalog, { ...options, signal }, true)
  }
  // Inside, so that a sender that fails wakes the statement also where that waits for `consume`.
  return runCountingSelect(relation, catalog, options, (select, signal) =>
    sendRows({ folder: catalog.scratchDir, signal, run: (path, ended) => copy(select, path, ended), consume }),
  )
}
