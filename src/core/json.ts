/** A value that JSON can hold. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }
/** A JSON object. */
export type JsonObject = { readonly [key: string]: Json }

/** Whether a JSON value is an object. */
export function isJsonObject(value: Json | undefined): value is JsonObject {
  return isObject(value)
}

/** Whether a JSON value is a list. */
export function isJsonList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}

/** Whether a value is an object with keys: neither null nor a list. */
export function isObject(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A field of an object; what every object has under such a name (`constructor`) is none. */
export function fieldOf<T>(object: { readonly [name: string]: T }, name: string): T | undefined {
  return name in Object.prototype && !Object.hasOwn(object, name) ? undefined : object[name]
}

/** The value of a text; undefined when it is no JSON. The parser's own message would quote the text, and there may be secrets in it. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/**
 * What the parser of JSON says of a text, and where in it, in UTF-16 units; undefined where it names no place. Versions of Node.js differ in what stands
 * behind the reason.
 */
export function readJsonFault({ message }: SyntaxError): { readonly reason: string; readonly offset: number | undefined } {
  const [place, offset] = / in JSON at position (\d+)(?: \(line \d+ column \d+\))?$/.exec(message) ?? []
  return {
    reason: place === undefined ? message : message.slice(0, -place.length),
    offset: offset === undefined ? undefined : Number(offset),
  }
}
