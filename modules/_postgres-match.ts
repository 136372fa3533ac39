/** Which columns of rows go into which columns of a table of PostgreSQL. */
import { type Column, PypeError } from 'pypeline/sdk'
import type { Table, TableColumn } from './_postgres-table.js'

/** A column of the rows and the one of the table that it goes into. */
export interface Match {
  readonly from: Column
  readonly to: TableColumn
}

/**
 * Matches by name; case counts only where a table has names that differ by nothing else. Throws SCHEMA_MISMATCH for a column that the
 * table lacks, for one that it computes, and for one that it needs and the rows lack.
 */
export function matchColumns(columns: readonly Column[], table: Table): Match[] {
  const unknown = columns.filter(({ name }) => findTarget(name, table) === undefined)
  if (unknown.length > 0) {
    throw mismatch(
      `${table.quoted} has no column ${namesOf(unknown)}; it has ${namesOf(table.columns)}`,
      'drop or rename columns with select_mod',
    )
  }
  const matches = columns.flatMap((from) => {
    const to = findTarget(from.name, table)
    return to === undefined ? [] : [{ from, to }]
  })
  const generated = matches.filter(({ to }) => to.isGenerated)
  if (generated.length > 0) {
    throw mismatch(`${table.quoted} computes ${namesOf(generated.map(({ to }) => to))} itself`, 'drop such columns with select_mod')
  }
  const missing = table.columns.filter((column) => column.isRequired && !matches.some(({ to }) => to === column))
  if (missing.length > 0) {
    throw mismatch(
      `The rows have no column ${namesOf(missing)}, which ${table.quoted} needs: it may not be NULL and has no default`,
      'add it with derive_mod, or give the column a default',
    )
  }
  return matches
}

function findTarget(name: string, { columns }: Table): TableColumn | undefined {
  const exact = columns.find((column) => column.name === name)
  if (exact !== undefined) return exact
  const near = columns.filter((column) => column.name.toLowerCase() === name.toLowerCase())
  return near.length === 1 ? near[0] : undefined
}

function namesOf(columns: readonly { readonly name: string }[]): string {
  return columns.map(({ name }) => name).join(', ')
}

function mismatch(message: string, hint: string): PypeError {
  return new PypeError('SCHEMA_MISMATCH', `${message}.`, { hint })
}
