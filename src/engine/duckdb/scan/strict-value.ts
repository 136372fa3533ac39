import { ISO_FORMAT } from './number-text.js'
import { misfit, strictCast } from './strict-cast.js'
import { isNested, nestedMisfit, strictNested } from './strict-nested.js'

/** The strict conversion of an SQL text expression to any type: the text of a nested one is JSON. */
export function strictValue(text: string, type: string): string {
  return isNested(type) ? strictNested(`CAST(${text} AS JSON)`, type) : strictCast(text, type, ISO_FORMAT)
}

/** True where {@link strictValue} fails, as an SQL condition. */
export function valueMisfit(text: string, type: string): string {
  if (!isNested(type)) return misfit(text, type, ISO_FORMAT)
  return `(${text} IS NOT NULL AND TRY_CAST(${text} AS JSON) IS NULL OR ${nestedMisfit(`TRY_CAST(${text} AS JSON)`, type)})`
}
