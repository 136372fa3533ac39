import { PypeError } from '../../core/errors.js'
import type { Column } from '../../sdk/relation.js'
import { quoteName } from './literal.js'

/** Types that Parquet files of the engine would change: HUGEINT becomes DOUBLE, intervals lose microseconds, and so on. They travel as text. */
const CHANGED = /\b(U?HUGEINT|INTERVAL|TIME WITH TIME ZONE|TIMETZ|BIT|BIGNUM|VARINT)\b|ENUM\((?:'(?:[^']|'')*'(?:,\s*)?)*\)/g

/** A column's type in a file that is read back by the engine only. */
export function storedType({ name, type }: Column): string {
  if (/\bUNION\(|\bVARIANT\b/.test(type)) {
    throw new PypeError('SQL_INVALID', `Column "${name}" has the type ${type}, which cannot be stored.`, {
      hint: 'convert it with select_mod types or leave it out',
    })
  }
  return type.replace(CHANGED, 'VARCHAR')
}

/** The columns as they are written to a file that {@link restoreColumns} reads back unchanged. */
export function encodeColumns(columns: readonly Column[]): string {
  return columns.map((column) => castIfChanged(column, storedType(column))).join(', ')
}

/** The columns of such a file with their own types. */
export function restoreColumns(columns: readonly Column[]): string {
  return columns
    .map((column) =>
      isPlain(column.type) ? quoteName(column.name) : `CAST(${quoteName(column.name)} AS ${column.type}) AS ${quoteName(column.name)}`,
    )
    .join(', ')
}

/** The columns as a Parquet file for others: integers of 128 bits become exact decimals, what has no type there becomes text. */
export function exportColumns(columns: readonly Column[]): string {
  return columns
    .map((column) => castIfChanged(column, column.type.replace(/\bU?HUGEINT\b/g, 'DECIMAL(38,0)').replace(CHANGED, 'VARCHAR')))
    .join(', ')
}

function castIfChanged(column: Column, type: string): string {
  const name = quoteName(column.name)
  return type === column.type ? name : `CAST(${name} AS ${type}) AS ${name}`
}

/** Read back from Parquet just as written. */
function isPlain(type: string): boolean {
  return /^(U?(TINYINT|SMALLINT|INTEGER|BIGINT)|BOOLEAN|DOUBLE|FLOAT|VARCHAR|DATE|TIME|TIMESTAMP|TIMESTAMP WITH TIME ZONE|BLOB|UUID|DECIMAL\(\d+,\d+\))$/.test(
    type,
  )
}
