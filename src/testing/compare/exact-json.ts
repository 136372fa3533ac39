import { isObject } from '../../core/json.js'
import { exactNumber } from './exact-number.js'

/** A value of JSON whose numbers keep all of their digits. */
export type ExactJson = null | boolean | string | ExactNumber | readonly ExactJson[] | ReadonlyMap<string, ExactJson>

/** A number as it is written: `1.50`; also the NaN and Infinity that the engine writes. */
export class ExactNumber {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** Strings, so that what looks like a number inside of them stays, and numbers. */
const TOKENS = /"((?:[^"\\]|\\.)*)"|-?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?|Infinity)|NaN/gi

/** Reads a JSON text; undefined when it is none. */
export function parseExactJson(text: string): ExactJson | undefined {
  // With a letter in front, a number can stand in the place of a string.
  const marked = text.replace(TOKENS, (token: string, inside: string | undefined) =>
    inside === undefined ? `"n${token}"` : `"s${inside}"`,
  )
  try {
    return unmark(JSON.parse(marked))
  } catch {
    return undefined // Its message would say nothing of the text as it was.
  }
}

function unmark(value: unknown): ExactJson {
  if (typeof value === 'string') return value.startsWith('n') ? new ExactNumber(value.slice(1)) : value.slice(1)
  if (Array.isArray(value)) return value.map(unmark)
  if (isObject(value)) return new Map(Object.entries(value).map(([key, each]) => [key.slice(1), unmark(each)]))
  return typeof value === 'boolean' ? value : null
}

/** What JSON texts that mean the same value have alike: keys are sorted, numbers written in one way. What is no JSON stays as it is. */
export function keyOfJson(text: string): string {
  const value = parseExactJson(text)
  return value === undefined ? text : writeSorted(value)
}

function writeSorted(value: ExactJson): string {
  if (value instanceof ExactNumber) return exactNumber(value.text) ?? value.text
  if (value instanceof Map) {
    const entries = [...value].sort(([a], [b]) => (a < b ? -1 : 1))
    return `{${entries.map(([key, each]) => `${JSON.stringify(key)}:${writeSorted(each)}`).join(',')}}`
  }
  return Array.isArray(value) ? `[${value.map(writeSorted).join(',')}]` : JSON.stringify(value)
}
