/** SQL that stands in a flow, as PostgreSQL reads it. */
import type { Expression, SqlValue } from 'pypeline/sdk'
import { toPostgresType } from './_postgres-engine-types.js'
import { quoteName, quoteText } from './_postgres-names.js'

/** A global comes as ` CAST(value AS TYPE) ` with a type of the engine. */
const CAST_BEGIN = ' CAST('
const CAST_END = /^ AS (.+)\) $/s

/** The text of an SQL config: values of templates become literals of PostgreSQL. */
export function toPostgresSql({ parts }: Expression): string {
  let text = ''
  parts.forEach((part, i) => {
    if (part.kind === 'value') text += toLiteral(part.value)
    else if (part.kind === 'name') text += quoteName(part.name)
    else if (part.kind === 'text') text += translateCast(part.text, parts[i - 1]?.kind === 'value' && isCast(parts[i - 2]))
  })
  return text
}

function isCast(part: Expression['parts'][number] | undefined): boolean {
  return part?.kind === 'text' && part.text === CAST_BEGIN
}

function translateCast(text: string, isAfterValue: boolean): string {
  const [, type] = (isAfterValue && CAST_END.exec(text)) || []
  if (type === undefined) return text
  // What is NULL has no type in the engine; here a text fits everywhere.
  return ` AS ${type === '"NULL"' ? 'text' : toPostgresType(type)}) `
}

/** A value as a literal; it cannot break out of its place whatever it holds. */
export function toLiteral(value: SqlValue): string {
  if (value === null) return 'NULL'
  if (typeof value === 'boolean') return value ? 'TRUE' : 'FALSE'
  if (isList(value)) return `ARRAY[${value.map(toLiteral).join(', ')}]`
  const text = toParameter(value) ?? ''
  if (typeof value === 'string') return quoteText(text)
  if (value instanceof Date) return `CAST(${quoteText(text)} AS timestamp)`
  if (typeof value === 'object') return `CAST(${quoteText(text)} AS json)`
  return Number.isFinite(Number(text)) ? `(${text})` : `CAST(${quoteText(text)} AS double precision)`
}

/** A value as the text of a parameter; null for NULL. */
export function toParameter(value: SqlValue): string | null {
  if (value === null) return null
  if (value instanceof Date) return value.toISOString().replace('T', ' ').replace('Z', '')
  if (typeof value !== 'object') return String(value)
  if (isList(value)) return `{${value.map((element) => toElement(element)).join(',')}}`
  return JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? String(inner) : inner))
}

function toElement(value: SqlValue): string {
  const text = toParameter(value)
  if (text === null) return 'NULL'
  return isList(value) ? text : `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}

function isList(value: SqlValue): value is readonly SqlValue[] {
  return Array.isArray(value)
}
