import { PypeError } from '../core/errors.js'
import { listShort } from '../core/list-short.js'
import { suggestNearest } from '../core/suggest.js'
import type { Column } from './relation.js'

/**
 * The name of a column as `columns` has it, found as SQL finds it: without regard to case, unless one is written just so. Throws
 * SQL_INVALID when there is none; `where` says in which rows it was looked for (`the left input`).
 */
export function findColumn(columns: readonly Pick<Column, 'name'>[], name: string, where = 'the input'): string {
  const names = columns.map((column) => column.name)
  const found = names.includes(name) ? name : names.find((known) => known.toLowerCase() === name.toLowerCase())
  if (found !== undefined) return found
  throw new PypeError('SQL_INVALID', `There is no column "${name}" in ${where}.`, {
    hint: suggestNearest(name, names, `the columns are ${listShort(names)}`),
  })
}
