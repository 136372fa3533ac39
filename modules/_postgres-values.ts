/** The engine's values as texts that PostgreSQL reads. */
import type { Column } from 'pypeline/sdk'
import { hasFields, readListType } from './_postgres-engine-types.js'
import { quoteName } from './_postgres-names.js'
import type { TableColumn } from './_postgres-table.js'
import { TYPE_ID } from './_postgres-type-ids.js'

const JSON_TYPES: ReadonlySet<number> = new Set([TYPE_ID.json, TYPE_ID.jsonb])

/** SQL of the engine for the value of a column in a form that the target takes. Most are written as the engine writes them. */
export function toValue({ name, type }: Column, { typeId, element }: Pick<TableColumn, 'typeId' | 'element'>): string {
  const value = quoteName(name)
  const list = readListType(type)
  if ((list !== undefined || hasFields(type)) && JSON_TYPES.has(typeId)) return `to_json(${value})`
  if (list !== undefined && element !== undefined) return toArray(value, list.of, list.depth)
  if (type === 'BLOB') return `'\\x' || hex(${value})`
  return value
}

/** A list as the text of an array: `{"1",NULL}`. Elements stand in quotes, whatever they hold. */
function toArray(list: string, type: string, depth: number): string {
  const element = `e${depth}`
  const text = depth > 1 ? toArray(element, type, depth - 1) : toElement(element, type)
  const elements = `list_transform(${list}, lambda ${element}: CASE WHEN ${element} IS NULL THEN 'NULL' ELSE ${text} END)`
  return `'{' || array_to_string(${elements}, ',') || '}'`
}

function toElement(element: string, type: string): string {
  if (type === 'BLOB') return `'"\\\\x' || hex(${element}) || '"'`
  const text = hasFields(type) ? `to_json(${element})::VARCHAR` : `${element}::VARCHAR`
  return `'"' || replace(replace(${text}, '\\', '\\\\'), '"', '\\"') || '"'`
}
