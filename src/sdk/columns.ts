import { PypeError } from '../core/errors.js'
import { listShort } from '../core/list-short.js'
import { suggestNearest } from '../core/suggest.js'
import type { Column, Expression } from './relation.js'

/**
 * The name of a column as `columns` has it, found as SQL finds it: without regard to case, unless one is written just so. Throws
 * SQL_INVALID when there is none; `where` says in which rows it was looked for (`the left input`). A config of type `column` has its name
 * as an expression.
 */
export function findColumn(columns: readonly Pick<Column, 'name'>[], column: string | Expression, where = 'the input'): string {
  const name = typeof column === 'string' ? column : nameIn(column)
  const names = columns.map((column) => column.name)
  const found = names.includes(name) ? name : names.find((known) => known.toLowerCase() === name.toLowerCase())
  if (found !== undefined) return found
  throw new PypeError('SQL_INVALID', `There is no column "${name}" in ${where}.`, {
    hint: suggestNearest(name, names, `the columns are ${listShort(names)}`),
  })
}

function nameIn({ parts }: Expression): string {
  const [part, ...others] = parts
  if (part?.kind === 'name' && others.length === 0) return part.name
  throw new TypeError('only a name can be looked for among columns, not an expression')
}
