import type { Column, Relation } from '../../../sdk/relation.js'
import { rawSql, sql } from '../../../sdk/sql.js'
import { quoteName } from '../statement/literal.js'
import { kindOfType } from './value-kind.js'

/** Characters, or bytes, that are kept of a long value. */
const KEPT = 200
const CUT = '…'

/**
 * The same rows in as much memory as a profile needs: of a long value its beginning and a digest, by which it is told apart from others
 * and keeps its place in their order. Values of nested types become texts.
 */
export function shortenRows(relation: Relation, columns: readonly Column[]): Relation {
  const shortened = columns.flatMap(({ name, type }) => {
    const short = shorten(quoteName(name), type)
    return short === undefined ? [] : [`${short} AS ${quoteName(name)}`]
  })
  return shortened.length === 0 ? sql`SELECT * FROM ${relation}` : sql`SELECT * REPLACE (${rawSql(shortened.join(', '))}) FROM ${relation}`
}

/** A value that {@link shortenRows} has been at, as the text that is shown. */
export function shownText(short: string, type: string): string {
  if (type === 'BLOB') return showCut(`octet_length(${short})`, `concat(CAST(${short}[1:${KEPT}] AS VARCHAR), '${CUT}')`, short)
  return isText(type) ? showCut(`length(${short})`, `left(${short}, ${KEPT + CUT.length})`, short) : `CAST(${short} AS VARCHAR)`
}

function shorten(column: string, type: string): string | undefined {
  if (type === 'BLOB') return cut(column, `octet_length(${column})`, `${column}[1:${KEPT}] || encode(md5(${column}))`)
  if (!isText(type)) return undefined
  const text = type === 'VARCHAR' ? column : `CAST(${column} AS VARCHAR)`
  return cut(text, `length(${text})`, `concat(left(${text}, ${KEPT}), '${CUT}', md5(${text}))`)
}

function cut(value: string, length: string, short: string): string {
  return `CASE WHEN ${length} > ${KEPT} THEN ${short} ELSE ${value} END`
}

function showCut(length: string, cut: string, short: string): string {
  return `CASE WHEN ${length} > ${KEPT} THEN ${cut} ELSE CAST(${short} AS VARCHAR) END`
}

/** Types whose values are texts, or are profiled as such. */
function isText(type: string): boolean {
  return type === 'VARCHAR' || type === 'JSON' || kindOfType(type) === 'nested'
}
