import type { FlowValue } from '../../core/flow.js'
import type { Json } from '../../core/json.js'

/** What a value of a test file says as a text: a scalar as it is written, a list or a map as JSON, for a type that may have JSON in it or not. */
export function writtenText(value: FlowValue, type: string): string | null {
  if (value.kind !== 'scalar') return type.includes('JSON') ? writeJson(value) : JSON.stringify(writtenValue(value))
  return value.value === null ? null : scalarText(value)
}

/** The same as a value of JSON: numbers and truth values are texts, so that the type of a column reads them as they are written. */
export function writtenValue(value: FlowValue): Json {
  if (value.kind === 'list') return value.items.map(writtenValue)
  if (value.kind === 'map') return Object.fromEntries(value.entries.map((entry) => [entry.key, writtenValue(entry.value)]))
  if (value.value === null) return null
  return typeof value.value === 'number' ? engineNumber(scalarText(value)) : scalarText(value)
}

/** JSON with the digits of its numbers as they are written. */
function writeJson(value: FlowValue): string {
  if (value.kind === 'list') return `[${value.items.map(writeJson).join(',')}]`
  if (value.kind === 'map') return `{${value.entries.map((entry) => `${JSON.stringify(entry.key)}:${writeJson(entry.value)}`).join(',')}}`
  const { plain } = value
  return typeof value.value === 'number' && plain !== undefined && JSON_NUMBER.test(plain) ? plain : JSON.stringify(value.value)
}

const JSON_NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?(e[+-]?\d+)?$/i

function scalarText(value: Extract<FlowValue, { kind: 'scalar' }>): string {
  return typeof value.value === 'string' ? value.value : (value.plain ?? String(value.value))
}

/** A number as the engine reads it: YAML writes those that are none, or have no end, with a dot in front. */
export function engineNumber(text: string): string {
  return text.replace(/^([+-]?)\.(inf|nan)$/i, '$1$2')
}
