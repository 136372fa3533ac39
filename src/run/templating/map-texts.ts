import { isJsonList, isJsonObject, type Json } from '../../core/json.js'

/** A value with each of its texts replaced; keys stay. */
export function mapTexts(value: Json, map: (text: string) => Json): Json {
  if (typeof value === 'string') return map(value)
  if (isJsonList(value)) return value.map((element) => mapTexts(element, map))
  if (isJsonObject(value)) return Object.fromEntries(Object.entries(value).map(([key, element]) => [key, mapTexts(element, map)]))
  return value
}

/** Text that is no template, as one has to be written that stands for it. */
export function escapeBraces(text: string): string {
  return text.replaceAll('{{', '\\{{')
}
