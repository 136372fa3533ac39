/** The check of a value that a column of PostgreSQL may not hold as it is, and its failure. */
import { PypeError } from 'pypeline/sdk'
import { quoteName, quoteText } from './_postgres-names.js'
import type { TableColumn } from './_postgres-table.js'

/** How a value gets to the server. */
export interface Fit {
  /** SQL of the engine: true for a value that is not NULL and that the column holds; false or NULL for others. */
  readonly fits: string
  /** SQL of what is sent in place of the value. */
  readonly value?: string
}

/** What of a column decides about it. */
export type FitTarget = Pick<TableColumn, 'name' | 'typeId' | 'typeName' | 'element' | 'modifier'>

/** The value of a column with its check: the statement fails with a text for {@link readMisfit} at one that does not fit. */
export function checked(name: string, to: FitTarget, { fits }: Fit, value: string, row: string): string {
  const column = quoteName(name)
  const begin = `${MISFIT}Column ${column}: `
  const end = ` does not fit the type ${to.typeName} of the table. The row is: `
  const shown = `left(CAST(to_json(CAST(${column} AS VARCHAR)) AS VARCHAR), ${SHOWN})`
  const whole = `left(CAST(to_json(${quoteName(row)}) AS VARCHAR), ${SHOWN})`
  const fail = `error(concat(${quoteText(begin)}, ${shown}, ${quoteText(end)}, ${whole}))`
  return `CASE WHEN ${column} IS NULL OR (${fits}) THEN ${value} ELSE ${fail} END`
}

const MISFIT = 'does not fit a column of PostgreSQL: '
/** Characters of a value or a row in a message. */
const SHOWN = 200

/** BAD_ROW in place of the failure of {@link checked}; other errors as they are. */
export function readMisfit(error: unknown): unknown {
  const start = error instanceof PypeError ? error.message.indexOf(MISFIT) : -1
  if (!(error instanceof PypeError) || start < 0) return error
  return new PypeError('BAD_ROW', error.message.slice(start + MISFIT.length), {
    hint: 'nothing is rounded or cut off: convert such values before with derive_mod (round, trim, strptime), keep them away with filter_mod, or change the type of the column',
    cause: error,
  })
}
