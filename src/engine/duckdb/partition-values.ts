import { PypeError } from '../../core/errors.js'
import type { Column } from '../../sdk/relation.js'
import { quoteName, quoteText } from './literal.js'

/** Begins the text of an error about a value that cannot name a folder. */
const UNNAMEABLE = 'cannot name a partition: '

/** What a folder is called for rows without a value, and what else is read as no value, in lower case. */
const READ_AS_NULL = "'null', '__hive_default_partition__'"

/**
 * A text column that makes folders called name=value. It fails where a text would come back as NULL: its file could even take the
 * name of that of the rows that have none, and replace it.
 */
export function partitionText({ name }: Column): string {
  const column = quoteName(name)
  const message = `concat(${quoteText(`${UNNAMEABLE}Column "${name}": the text '`)}, ${column}, ${quoteText("' would be read as NULL.")})`
  return `CASE WHEN lower(${column}) IN (${READ_AS_NULL}) THEN error(${message}) ELSE ${column} END AS ${column}`
}

/** The error of {@link partitionText} with its code; any other one as it is. */
export function toPartitionError(error: unknown): unknown {
  if (!(error instanceof PypeError)) return error
  const at = error.message.indexOf(UNNAMEABLE)
  if (at < 0) return error
  return new PypeError('BAD_ROW', `${error.message.slice(at + UNNAMEABLE.length)}`, {
    cause: error,
    hint: 'leave out partition_by for this column, or change the text with derive_mod before',
  })
}
