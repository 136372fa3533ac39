import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { PypeError } from '../../../core/errors.js'
import type { Column } from '../../../sdk/relation.js'
import type { Session } from '../session.js'
import { quoteName, quoteText } from '../statement/literal.js'

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

/**
 * Throws NAME_CLASH when the files of a folder of partitions hold other rows than were written: two values gave the same path, and
 * one file has replaced the other. That is seen in the ends of the files.
 */
export async function checkPartitions(folder: string, rows: number, session: Session, signal: AbortSignal): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => quoteText(join(entry.parentPath, entry.name)))
  const found =
    files.length === 0 ? 0 : await session.count(`SELECT sum(num_rows) FROM parquet_file_metadata([${files.join(', ')}])`, signal)
  if (found === rows) return
  throw new PypeError('NAME_CLASH', `Of ${rows} rows only ${found} are in the files: several partitions have the same path.`, {
    hint: 'give partition_by values that stay different as names of folders; some disks take upper and lower case for the same',
  })
}
