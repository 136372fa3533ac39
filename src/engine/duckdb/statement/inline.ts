import { PypeError } from '../../../core/errors.js'
import { fieldOf } from '../../../core/json.js'
import { listShort } from '../../../core/list-short.js'
import type { Column, InlineRelation, SqlValue } from '../../../sdk/relation.js'
import type { CountRows } from '../row-counts/counter-text.js'
import { strictValue } from '../scan/strict-value.js'
import { quoteName, quoteText } from './literal.js'
import { textOfValue, typeOfValue } from './value-text.js'

/** A SELECT of the rows of an inline relation. A column that a row lacks is NULL there. `count` puts a counter below what converts the values. */
export function selectInline(relation: InlineRelation, count?: CountRows): string {
  const columns = declaredColumns(relation)
  // What an inferred type was inferred from fits it.
  const convert = (text: string, type: string) => (relation.columns === null ? `CAST(${text} AS ${type})` : strictValue(text, type))
  const items = columns.map(({ name, type }) => `${convert(quoteName(name), type)} AS ${quoteName(name)}`)
  // Plain texts that are converted once per column: thousands of typed literals would take the binder seconds.
  const texts = selectTexts(relation)
  const names = columns.map(({ name }) => name)
  return `SELECT ${items.join(', ')} FROM (${count === undefined ? texts : count(texts, names)})`
}

/** The columns with their types, as declared or inferred. */
export function declaredColumns({ rows, columns }: InlineRelation): readonly Column[] {
  const typed = columns ?? inferColumns(rows)
  checkNames(rows, columns)
  if (typed.length > 0) return typed
  throw new PypeError('CONFIG_INVALID', 'There are no rows, so there are no columns either.', { hint: 'give columns with their types' })
}

/** The same rows with all values as texts. */
export function selectTexts(relation: InlineRelation): string {
  const columns = declaredColumns(relation)
  const values = relation.rows.map((row) => `(${columns.map((column) => cellText(fieldOf(row, column.name) ?? null)).join(', ')})`)
  const none = `(${columns.map(() => 'NULL').join(', ')})`
  const items = columns.map(({ name }, i) => `CAST(c${i} AS VARCHAR) AS ${quoteName(name)}`)
  const from = `(VALUES ${values.length === 0 ? none : values.join(', ')}) AS t(${columns.map((_, i) => `c${i}`).join(', ')})`
  return `SELECT ${items.join(', ')} FROM ${from}${values.length === 0 ? ' WHERE FALSE' : ''}`
}

function checkNames(rows: InlineRelation['rows'], columns: readonly Column[] | null): void {
  if (columns === null) return
  for (const row of rows) {
    const unknown = Object.keys(row).find((name) => !columns.some((column) => column.name === name))
    if (unknown === undefined) continue
    throw new PypeError(
      'SCHEMA_MISMATCH',
      `A row has the column "${unknown}"; declared are ${listShort(columns.map((column) => column.name))}.`,
      { hint: 'add it to columns or take it out of the row' },
    )
  }
}

function cellText(value: SqlValue): string {
  return value === null ? 'NULL' : quoteText(textOfValue(value))
}

function inferColumns(rows: InlineRelation['rows']): Column[] {
  const types = new Map<string, string>()
  for (const row of rows) {
    for (const [name, value] of Object.entries(row)) {
      const type = value === null ? 'NULL' : typeOfValue(value)
      const known = types.get(name)
      types.set(name, known === undefined ? type : unite(name, known, type))
    }
  }
  return [...types].map(([name, type]) => ({ name, type: type === 'NULL' ? 'VARCHAR' : type }))
}

function unite(name: string, a: string, b: string): string {
  if (a === b || b === 'NULL') return a
  if (a === 'NULL') return b
  if ((a === 'BIGINT' && b === 'DOUBLE') || (a === 'DOUBLE' && b === 'BIGINT')) return 'DOUBLE'
  throw new PypeError('CONFIG_INVALID', `The values of the column "${name}" have different types: ${a} and ${b}.`, {
    hint: 'give columns with their types',
  })
}
