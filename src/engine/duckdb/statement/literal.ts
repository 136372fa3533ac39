import type { SqlValue } from '../../../sdk/relation.js'
import { textOfTimestamp } from './value-text.js'

/** A name, quoted so that it can hold any character. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** A text literal. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

/** A typed literal of a value: it cannot break out of its place whatever it holds. */
export function literal(value: SqlValue): string {
  if (value === null) return 'NULL'
  switch (typeof value) {
    case 'string':
      return quoteText(value)
    case 'boolean':
      return value ? 'TRUE' : 'FALSE'
    case 'bigint':
      return integerLiteral(value)
    case 'number':
      return numberLiteral(value)
    default:
      return compositeLiteral(value)
  }
}

function integerLiteral(value: bigint): string {
  const fits = value >= -(2n ** 63n) && value < 2n ** 63n
  return fits ? `CAST(${quoteText(String(value))} AS BIGINT)` : `CAST(${quoteText(String(value))} AS HUGEINT)`
}

function numberLiteral(value: number): string {
  if (Number.isSafeInteger(value) && !Object.is(value, -0)) return value < 0 ? `(${value})` : String(value)
  return `CAST('${Object.is(value, -0) ? '-0.0' : value}' AS DOUBLE)`
}

function compositeLiteral(value: Exclude<SqlValue, null | string | boolean | bigint | number>): string {
  if (value instanceof Date) return `CAST(${quoteText(textOfTimestamp(value))} AS TIMESTAMP)`
  if (isList(value)) return `[${value.map(literal).join(', ')}]`
  const fields = Object.entries(value).map(([key, field]) => `${quoteText(key)}: ${literal(field)}`)
  return fields.length === 0 ? 'NULL' : `{${fields.join(', ')}}`
}

function isList(value: SqlValue): value is readonly SqlValue[] {
  return Array.isArray(value)
}
