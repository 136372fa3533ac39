import { PypeError } from '../../../core/errors.js'

/** A type of the engine, taken apart. `text` is the whole type as the engine writes it. */
export type ColumnType =
  | { readonly kind: 'plain'; readonly text: string }
  | { readonly kind: 'list'; readonly text: string; readonly of: ColumnType }
  | { readonly kind: 'array'; readonly text: string; readonly of: ColumnType; readonly size: number }
  /** The name of a field is undefined in a struct without names. */
  | { readonly kind: 'struct'; readonly text: string; readonly fields: readonly TypedField[] }
  | { readonly kind: 'map'; readonly text: string; readonly key: ColumnType; readonly value: ColumnType }
  | { readonly kind: 'union'; readonly text: string; readonly members: readonly TypedField[] }

/** A field of a struct or a member of a union. */
export interface TypedField {
  readonly name: string | undefined
  readonly type: ColumnType
}

const QUOTED_NAME = /"(?:[^"]|"")*"/y
/** The engine quotes every name that is not written so, and writes its own types in capitals. */
const BARE_NAME = /[a-z_][a-z0-9_]*/y
const TYPE_NAME = /(?:TIMESTAMP|TIME) WITH TIME ZONE|[A-Za-z_]\w*|"(?:[^"]|"")*"/y
/** Numbers, and texts in quotes: `(10,2)`, `('a', 'b''c')`. */
const PARAMETERS = /\((?:'(?:[^']|'')*'|[^')])*\)/y
const SUFFIX = /\[(\d*)\]/y

/** Takes a type apart as DESCRIBE and typeof write it. */
export function parseColumnType(text: string): ColumnType {
  const reader = new TypeReader(text)
  const type = reader.type()
  reader.end()
  return type
}

class TypeReader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  type(): ColumnType {
    const start = this.#at
    let type = this.#base(start)
    for (let suffix = this.#match(SUFFIX); suffix !== undefined; suffix = this.#match(SUFFIX)) {
      const size = suffix.slice(1, -1)
      const text = this.#text.slice(start, this.#at)
      type = size === '' ? { kind: 'list', text, of: type } : { kind: 'array', text, of: type, size: Number(size) }
    }
    return type
  }

  end(): void {
    if (this.#at < this.#text.length) this.#fail()
  }

  #base(start: number): ColumnType {
    const name = this.#match(TYPE_NAME) ?? this.#fail()
    const isNested = this.#text[this.#at] === '('
    if (isNested && name === 'STRUCT') return { kind: 'struct', fields: this.#fields(), text: this.#text.slice(start, this.#at) }
    if (isNested && name === 'UNION') return { kind: 'union', members: this.#fields(), text: this.#text.slice(start, this.#at) }
    if (isNested && name === 'MAP') {
      const [key, value] = this.#list(() => this.type())
      if (key === undefined || value === undefined) this.#fail()
      return { kind: 'map', key, value, text: this.#text.slice(start, this.#at) }
    }
    this.#match(PARAMETERS)
    return { kind: 'plain', text: this.#text.slice(start, this.#at) }
  }

  #fields(): TypedField[] {
    return this.#list(() => ({ name: this.#fieldName(), type: this.type() }))
  }

  #fieldName(): string | undefined {
    const start = this.#at
    const name = this.#match(QUOTED_NAME) ?? this.#match(BARE_NAME)
    if (name !== undefined && this.#take(' ')) return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name
    // A type by itself.
    this.#at = start
    return undefined
  }

  #list<T>(item: () => T): T[] {
    const items: T[] = []
    if (!this.#take('(')) this.#fail()
    do items.push(item())
    while (this.#take(', '))
    if (!this.#take(')')) this.#fail()
    return items
  }

  #take(text: string): boolean {
    const isThere = this.#text.startsWith(text, this.#at)
    if (isThere) this.#at += text.length
    return isThere
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at
    const [found] = pattern.exec(this.#text) ?? []
    this.#at += found?.length ?? 0
    return found
  }

  #fail(): never {
    throw new PypeError('INTERNAL', `The type ${this.#text} cannot be taken apart at character ${this.#at + 1}.`)
  }
}
