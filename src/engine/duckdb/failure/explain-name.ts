import { listShort } from '../../../core/list-short.js'
import { suggestNearest } from '../../../core/suggest.js'
import type { EngineFailure } from './engine-failure.js'
import type { Explained } from './explained.js'

/** A type, a column, a function or a table that there is not. */
export function explainUnknownName(message: string, failure: EngineFailure): Explained | undefined {
  const type = /^Type with name (\S+) does not exist/.exec(message)?.[1]
  if (type !== undefined) {
    const hint = suggestNearest(type, TYPES.map(withoutParameters), `types are: ${TYPES.join(', ')}`)
    return { code: 'SQL_INVALID', message: `There is no type ${type}.`, hint }
  }
  if (failure.error_subtype === 'COLUMN_NOT_FOUND' && failure.name !== undefined) {
    const hint = suggestCandidate(failure) ?? 'check the SQL text of this node'
    return { code: 'SQL_INVALID', message: `There is no column "${failure.name}".`, hint }
  }
  const [, kind, name = ''] =
    /^(Scalar Function|Table Function|Aggregate Function|Function|Table) with name (\S+) does not exist!/.exec(message) ?? []
  if (kind === undefined) return undefined
  if (kind === 'Table') {
    const hint = 'the tables of a query are the inputs of its node, called like their ports'
    return { code: 'SQL_INVALID', message: `There is no table "${name}".`, hint }
  }
  // So the engine calls an operator behind its operand.
  const operator = /^(.+)__postfix$/.exec(name)?.[1]
  if (operator !== undefined) {
    return { code: 'SQL_INVALID', message: `Something is missing behind ${operator}.`, hint: 'mend the SQL text of this node' }
  }
  const hint = suggestNearest(name, [...USUAL_FUNCTIONS, ...listCandidates(failure)], 'the functions are those of DuckDB')
  return { code: 'SQL_INVALID', message: `There is no function "${name}".`, hint }
}

/** Functions that many flows use: the engine proposes some that few do, such as `fsum` for `smu`. */
const USUAL_FUNCTIONS = [
  ...['count', 'sum', 'avg', 'min', 'max', 'median', 'first', 'last', 'string_agg', 'list', 'coalesce', 'round', 'floor', 'ceil', 'abs'],
  ...['lower', 'upper', 'trim', 'length', 'replace', 'substring', 'concat', 'split_part', 'regexp_matches', 'regexp_replace'],
  ...['date_trunc', 'date_part', 'strptime', 'strftime', 'year', 'month', 'day', 'row_number', 'lag', 'lead'],
]

/** The types that a user may mean by a name that the engine does not know. */
const TYPES = [
  ...['VARCHAR', 'INTEGER', 'BIGINT', 'DOUBLE', 'DECIMAL(18,2)', 'BOOLEAN', 'DATE', 'TIMESTAMP', 'TIMESTAMPTZ', 'TIME', 'JSON', 'UUID'],
  ...['TINYINT', 'SMALLINT', 'HUGEINT', 'UTINYINT', 'USMALLINT', 'UINTEGER', 'UBIGINT', 'UHUGEINT', 'FLOAT', 'INTERVAL', 'BLOB', 'BIT'],
]

function withoutParameters(type: string): string {
  return type.replace(/\(.*/, '')
}

/** The name that the engine proposes in the place of one that it does not know. */
export function suggestCandidate(failure: EngineFailure): string | undefined {
  const { name } = failure
  const list = listCandidates(failure)
  if (list.length === 0 || name === undefined) return undefined
  return suggestNearest(name, list, `known are: ${listShort(list)}`)
}

function listCandidates({ candidates }: EngineFailure): string[] {
  return candidates?.split(',').map((candidate) => candidate.trim().split('.').at(-1) ?? '') ?? []
}
