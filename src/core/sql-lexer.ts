/*
 * Where in an SQL text the next character stands:
 *
 *   code -> string        '          string -> code      ' (a doubled one leaves it and enters it again)
 *   code -> escaped       E' e'      escaped -> code     ' (not after a backslash)
 *   code -> name          "          name -> code        "
 *   code -> dollar        $tag$      dollar -> code      the same $tag$
 *   code -> line comment  --         line comment -> code  end of the line
 *   code -> comment       /*         comment -> code     its end; comments nest
 */

/** A place in an SQL text that asks for its own way of writing a value. */
export type SqlPlace = 'code' | 'string' | 'escaped' | 'name' | 'dollar' | 'line comment' | 'comment'

const DOLLAR_TAG = /\$(?:[A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*)?\$/y
const NAME_CHARACTER = /[A-Za-z0-9_$\u0080-\uffff]/

/** Reads an SQL text piece by piece and knows where it stands behind each. */
export class SqlLexer {
  place: SqlPlace = 'code'
  /** The last character of code; it decides whether an E or a $ begins something. */
  #before = ''
  #tag = ''
  #depth = 0
  /** Characters that were read in earlier pieces. */
  #passed = 0
  readonly #onCode: (character: string, at: number) => void

  /** `onCode` gets each character of code, and the first one of each text and quoted name, with its place in all that was read. */
  constructor(onCode: (character: string, at: number) => void = () => {}) {
    this.#onCode = onCode
  }

  /** Reads on. Pieces may not split a token of two characters. */
  read(text: string): void {
    for (let at = 0; at < text.length; ) at += this.#step(text, at)
    this.#passed += text.length
  }

  /** A value was put here: what follows is no part of the name before it. */
  skipValue(): void {
    this.#before = ''
  }

  #step(text: string, at: number): number {
    const two = text.slice(at, at + 2)
    switch (this.place) {
      case 'code':
        return this.#stepInCode(text, at, two)
      case 'string':
        return this.#closeOn("'", text, at)
      case 'name':
        return this.#closeOn('"', text, at)
      case 'escaped':
        return text[at] === '\\' ? 2 : this.#closeOn("'", text, at)
      case 'dollar':
        if (!text.startsWith(this.#tag, at)) return 1
        this.place = 'code'
        return this.#tag.length
      case 'line comment':
        if (text[at] === '\n' || text[at] === '\r') this.place = 'code'
        return 1
      case 'comment':
        if (two === '/*') this.#depth++
        else if (two === '*/') this.#depth--
        else return 1
        if (this.#depth === 0) this.place = 'code'
        return 2
    }
  }

  #stepInCode(text: string, at: number, two: string): number {
    const before = this.#before
    const character = text[at] ?? ''
    this.#before = character
    if (two === '--') return this.#enter('line comment', 2)
    if (two === '/*') {
      this.#depth = 1
      return this.#enter('comment', 2)
    }
    this.#onCode(character, this.#passed + at)
    if (two.toLowerCase() === "e'" && !NAME_CHARACTER.test(before)) return this.#enter('escaped', 2)
    if (character === "'") return this.#enter('string', 1)
    if (character === '"') return this.#enter('name', 1)
    if (character !== '$' || NAME_CHARACTER.test(before)) return 1
    DOLLAR_TAG.lastIndex = at
    const tag = DOLLAR_TAG.exec(text)?.[0]
    if (tag === undefined) return 1
    this.#tag = tag
    return this.#enter('dollar', tag.length)
  }

  #enter(place: SqlPlace, length: number): number {
    this.place = place
    this.#before = ''
    return length
  }

  #closeOn(quote: string, text: string, at: number): number {
    if (text[at] !== quote) return 1
    // A doubled quote stays inside. At the end of a piece it cannot be seen, and closing and opening again is the same.
    if (text[at + 1] === quote) return 2
    this.place = 'code'
    return 1
  }
}
