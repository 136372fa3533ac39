import type { Column } from '../../../sdk/relation.js'
import { quoteText } from '../statement/literal.js'
import { ISO_FORMAT } from './number-text.js'
import { lenientCast, misfit, strictCast } from './strict-cast.js'
import { isNested, lenientNested, nestedMisfit, strictNested } from './strict-nested.js'

/*
 * SQL for the fields of a record: of the column `json` that the engine's reader yields.
 */

/** The text of a field. */
export function fieldText(name: string): string {
  return `json_extract_string(json, ${pointer(name)})`
}

/** A field in the type of its column. Fails where the record is no object or the field's value does not fit. */
export function fieldValue({ name, type }: Column): string {
  if (isJson(type)) return `json_extract(json, ${pointer(name)})`
  return isNested(type) ? strictNested(fieldJson(name), type) : strictCast(fieldText(name), type, ISO_FORMAT)
}

/** The same with NULL where the value does not fit. */
export function fieldValueOrNull(column: Column): string {
  const { name, type } = column
  if (isJson(type)) return fieldValue(column)
  return isNested(type) ? lenientNested(fieldJson(name), type) : lenientCast(fieldText(name), type, ISO_FORMAT)
}

/** True where a value that is not NULL does not fit its column. */
export function fieldMisfit({ name, type }: Column): string {
  if (isJson(type)) return 'FALSE'
  return isNested(type) ? nestedMisfit(fieldJson(name), type) : misfit(fieldText(name), type, ISO_FORMAT)
}

/** A field as JSON; JSON's null is NULL. */
export function fieldJson(name: string): string {
  return `nullif(json_extract(json, ${pointer(name)}), 'null')`
}

/** A field by JSON pointer, whatever characters its name has. */
function pointer(name: string): string {
  return quoteText(`/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`)
}

function isJson(type: string): boolean {
  return /^JSON$/i.test(type)
}
