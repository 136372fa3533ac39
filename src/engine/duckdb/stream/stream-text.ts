import { PypeError } from '../../../core/errors.js'
import type { Relation, StreamRelation } from '../../../sdk/relation.js'
import { quoteName, quoteText } from '../statement/literal.js'

/** Bytes that a row of a stream may have; the engine reads it in buffers of this size, and holds some of them at once. */
export const MAX_ROW_BYTES = 8_000_000

/** The pipes from which a statement reads the streams below its relation. */
export type StreamPaths = ReadonlyMap<Relation, string>

/** A SELECT that reads a stream's rows from its pipe. */
export function selectStream(stream: StreamRelation, paths: StreamPaths): string {
  const path = paths.get(stream)
  if (path === undefined) throw new PypeError('INTERNAL', 'A statement over a stream was compiled without a pipe.')
  const { columns, wire } = stream
  const fields = columns.map((column, i) => ({ column, field: wire[i] ?? { name: column.name } }))
  const types = fields.map(
    ({ column, field }) => `${quoteText(field.name)}: ${quoteText(field.expression === undefined ? column.type : 'VARCHAR')}`,
  )
  const options = [
    'auto_detect = false',
    'header = false',
    "delim = ','",
    `quote = '"'`,
    `escape = '"'`,
    // Only LF ends a row: the first CR LF in a text would else be taken for the end of all rows.
    "new_line = '\\n'",
    // NULL is nothing at all, the empty text two quotes.
    "nullstr = ''",
    'allow_quoted_nulls = false',
    `max_line_size = ${MAX_ROW_BYTES}`,
    `buffer_size = ${MAX_ROW_BYTES}`,
    "compression = 'none'",
    `columns = {${types.join(', ')}}`,
  ]
  const items = fields.map(({ column, field }) => {
    const value = field.expression === undefined ? quoteName(field.name) : `CAST(${field.expression} AS ${column.type})`
    return `${value} AS ${quoteName(column.name)}`
  })
  return `SELECT ${items.join(', ')} FROM read_csv(${quoteText(path)}, ${options.join(', ')})`
}
