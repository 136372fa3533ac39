import { isJsonList, isObject, type Json, type JsonObject } from '../../core/json.js'
import { encodingsOf } from './encodings.js'

/** What stands in the place of a secret. */
export const MASK = '***'

/** Shorter values would be found in half of all words. */
export const SHORTEST_SECRET = 4

/** Takes secrets out of whatever is printed, published or written down. */
export class Masker {
  readonly #secrets = new Set<string>()
  readonly #forms = new Set<string>()
  #pattern: RegExp | undefined

  /** Whether there is nothing to mask. */
  get isEmpty(): boolean {
    return this.#pattern === undefined
  }

  /** From now on this value and its usual encodings are masked. */
  add(secret: string): void {
    if (secret.length < SHORTEST_SECRET || this.#secrets.has(secret)) return
    this.#secrets.add(secret)
    for (const form of encodingsOf(secret)) if (form.length >= SHORTEST_SECRET) this.#forms.add(form)
    // Those that hold others first, so that nothing of them is left over. Percent-encodings and hex come in both cases.
    const longest = [...this.#forms].sort((a, b) => b.length - a.length)
    this.#pattern = new RegExp(longest.map(toPattern).join('|'), 'g')
  }

  /** The text with every secret masked. */
  mask(text: string): string {
    return this.#pattern === undefined ? text : text.replace(this.#pattern, MASK)
  }

  /** Whether a secret stands in the text. */
  finds(text: string): boolean {
    return this.mask(text) !== text
  }

  /** A value with the secrets in all its texts and keys masked. */
  maskJson(value: Json): Json {
    if (this.#pattern === undefined) return value
    if (typeof value === 'string') return this.mask(value)
    if (isJsonList(value)) return value.map((element) => this.maskJson(element))
    return isObject(value) ? this.maskObject(value) : value
  }

  /** The same for an object. */
  maskObject(object: JsonObject): JsonObject {
    if (this.#pattern === undefined) return object
    return Object.fromEntries(Object.entries(object).map(([key, element]) => [this.mask(key), this.maskJson(element)]))
  }
}

function toPattern(form: string): string {
  const isHex = /^(?:[0-9a-f]{2}){4,}$/.test(form)
  return form.replace(isHex ? /[a-f]/g : /%[0-9A-F]{2}|[^\w]/g, (part) => {
    if (isHex || part.length === 3)
      return [...part].map((char) => (/[a-z]/i.test(char) ? `[${char.toLowerCase()}${char.toUpperCase()}]` : char)).join('')
    return `\\u${part.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}
