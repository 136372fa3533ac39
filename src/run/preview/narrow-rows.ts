import { PypeError } from '../../core/errors.js'
import { listShort } from '../../core/list-short.js'
import { findSqlFault } from '../../core/sql-fault.js'
import { suggestNearest } from '../../core/suggest.js'
import type { Engine, SampleSize, StatementOptions } from '../../engine/engine.js'
import type { Expression, Relation } from '../../sdk/relation.js'
import { sql } from '../../sdk/sql.js'
import { renderSql } from '../templating/render.js'

/** Which rows of a port are looked at: those for which `where` holds, of them a sample, and of that the first ones. */
export interface Narrowing {
  /** An SQL condition over the columns of the port. */
  readonly where?: string | undefined
  readonly sample?: SampleSize | undefined
  readonly limit?: number | undefined
  /** For a profile, long values are shortened: after the condition, and before rows to sample are gathered. */
  readonly forProfile?: boolean
}

/** In the place of the name of a node, so that an error in the condition is known to be in it. */
const WHERE = '--where'

/** An error in the condition, and not in the flow: it has no place there. */
export class WhereError extends PypeError {
  constructor(error: PypeError, hint: string | undefined) {
    super('WHERE_INVALID', `--where: ${error.message}`, { hint, cause: error })
  }
}

/** Narrows the rows of a port. Throws {@link WhereError} for a condition that is none. */
export async function narrowRows(
  rows: Relation,
  { where, sample, limit, forProfile = false }: Narrowing,
  engine: Engine,
  statement: StatementOptions & { readonly names: Map<Relation, string> },
): Promise<Relation> {
  let narrowed = rows
  if (where !== undefined) {
    narrowed = sql`SELECT * FROM ${rows} WHERE (${readWhere(where)})`
    statement.names.set(narrowed, WHERE)
    const columns = await engine.columns(rows, statement)
    await engine.columns(narrowed, statement).catch((error: unknown) => {
      throw explainWhere(
        error,
        columns.map(({ name }) => name),
      )
    })
  }
  if (forProfile) narrowed = await engine.shorten(narrowed, statement)
  if (sample !== undefined) narrowed = engine.sample(narrowed, sample)
  return limit === undefined ? narrowed : engine.first(narrowed, limit)
}

/** The error, told as one of the condition where it is. */
export function explainWhere(error: unknown, columns: readonly string[] = []): unknown {
  return error instanceof PypeError && error.node === WHERE ? new WhereError(error, hintFor(error, columns)) : error
}

/** The hints of the engine are for nodes. */
function hintFor({ code, message, hint }: PypeError, columns: readonly string[]): string | undefined {
  const missing = /^There is no column "(.*)"\.$/.exec(message)?.[1]
  if (missing !== undefined) return suggestNearest(missing, columns, `the columns are ${listShort(columns)}`)
  if (code === 'SQL_FAILED') return 'mend the condition; TRY_CAST gives NULL for a value that cannot be converted'
  return hint?.replace(/,? or with .*$/, '')
}

function readWhere(where: string): Expression {
  try {
    if (where.trim() === '') throw new PypeError('USAGE', 'there is no condition.', { hint: 'e.g. --where "amount > 100"' })
    // A comment that ends the text must not take the bracket with it.
    const expression = renderSql(`${where}\n`, (ref) => {
      throw new PypeError('USAGE', `a template (${ref.scope}) cannot stand here.`, { hint: 'write the value itself' })
    })
    // Its own brackets could end those around it, and a statement could follow: the engine would carry that out, whatever comes behind.
    const fault = findSqlFault(where, true)
    if (fault !== undefined) throw new PypeError('USAGE', `${fault}.`, { hint: 'write one condition, e.g. --where "amount > 100"' })
    return expression
  } catch (error) {
    throw error instanceof PypeError ? new WhereError(error, error.hint) : error
  }
}
