import { PypeError } from '../../../core/errors.js'
import { fieldOf, isObject } from '../../../core/json.js'
import type { Expression } from '../../../sdk/relation.js'
import { QueryError } from '../../sql-place.js'
import type { Session } from '../session.js'
import { queryPieces } from '../statement/compile.js'
import { quoteText } from '../statement/literal.js'
import { placeInQuery } from './place-in-query.js'

const BEFORE = 'SELECT ('

/** What the engine's parser says of an expression, which it does not bind; undefined for one that it can read. */
export async function findSyntaxFault({ parts }: Expression, session: Session): Promise<PypeError | undefined> {
  const pieces = queryPieces({ parts }, () => {
    throw new PypeError('INTERNAL', 'An expression cannot read rows.')
  })
  const result = await session.run(`SELECT json_serialize_sql(${quoteText(`${BEFORE}${pieces.join('')}\n)`)})`)
  const parsed: unknown = JSON.parse(String((await result.getRows())[0]?.[0]))
  if (!isObject(parsed) || fieldOf(parsed, 'error') !== true || fieldOf(parsed, 'error_type') !== 'parser') return undefined
  const error = new PypeError('SQL_INVALID', String(parsed.error_message), { hint: 'mend the SQL text of this node' })
  const place = placeInQuery(parts, pieces, Number(parsed.position) - BEFORE.length)
  return place === undefined ? error : new QueryError(error, place)
}
