/*
 * Where in a text for `sh` the next character stands. Contexts nest:
 *
 *   code                -> single '…', double "…", comment # to the end of the line, and all of the next line
 *   code, double, body  -> expansion ${…}, substitution $(…), arithmetic $((…)), backticks `…`
 *   code                -> body of a here-document, behind the line with <<WORD, up to a line that is WORD
 *   substitution, backticks hold code
 *
 * A value is put into the text as a reference to a variable, so no mistake in here can make code of it: at worst it is
 * split into words. Where dash and bash read a text differently, what follows is in doubt, and takes no template.
 */

/** Where a template stands in a command. */
export type ShellPlace =
  /** Outside of quotes. */
  | { readonly kind: 'code' }
  /** In double quotes, or in a here-document. */
  | { readonly kind: 'quoted' }
  | { readonly kind: 'comment' }
  /** Where no reference to a variable can stand, or where it is not sure to stay one word. */
  | { readonly kind: 'refused'; readonly where: string; readonly hint: string }

interface CodeContext {
  readonly kind: 'top' | 'substitution' | 'backticks'
  /** Parentheses that are open inside of it. */
  depth: number
  /** The word so far; null when quotes or expansions are a part of it. */
  word: string | null
  /** Inside of [[ … ]]. */
  inTest: boolean
}

interface HereDocument {
  readonly kind: 'here-document'
  readonly delimiter: string
  /** Of a quoted delimiter: the body is taken as it is. */
  readonly literal: boolean
  readonly stripsTabs: boolean
  atLineStart: boolean
}

type Context =
  | CodeContext
  | HereDocument
  | { readonly kind: 'single' | 'double' | 'comment' }
  | { readonly kind: 'expansion'; readonly quoted: boolean }
  | { readonly kind: 'arithmetic'; depth: number }

type Refusal = Extract<ShellPlace, { kind: 'refused' }>

const HERE_DOCUMENT = /<<(-?)[ \t]*((?:'[^'\n]*'|"[^"\n]*"|\\[^\n]|[^\s'"\\;&|()<>`$])*)/y
const PARAMETER = /[A-Za-z0-9_@*#?$!-]/
const BY_VARIABLE = 'assign it to a variable on a line of its own (value={{…}}), and use "$value" here'

/** Reads a command piece by piece, and knows where it stands behind each. */
export class ShellLexer {
  readonly #stack: Context[] = [openCode('top')]
  readonly #pending: HereDocument[] = []
  /** Set for good where shells differ. */
  #doubt: Refusal | undefined
  /** For what stands directly behind the last piece: the piece ended within a token. */
  #unfinished: Refusal | undefined

  /** Reads on. A piece ends where a template stands or where the text ends. */
  read(text: string): void {
    this.#unfinished = undefined
    for (let at = 0; at < text.length; ) at += this.#step(text, at)
  }

  /** A value stands here: what follows belongs to the same word. */
  skipValue(): void {
    const top = this.#top
    if (isCode(top)) top.word = null
    if (top.kind === 'here-document') top.atLineStart = false
  }

  /** What a template at this point is. */
  get place(): ShellPlace {
    const refused = this.#doubt ?? this.#unfinished ?? this.#refusal()
    if (refused !== undefined) return refused
    const { kind } = this.#top
    if (kind === 'comment') return { kind }
    return { kind: kind === 'double' || kind === 'here-document' ? 'quoted' : 'code' }
  }

  /** The kind of quotes that are open; undefined when none are, or when shells differ on it. */
  get openQuotes(): 'single' | 'double' | undefined {
    if (this.#doubt !== undefined) return undefined
    return this.#stack.some(({ kind }) => kind === 'single') ? 'single' : this.#has('double') ? 'double' : undefined
  }

  get #top(): Context {
    return this.#stack.at(-1) ?? openCode('top')
  }

  #has(kind: Context['kind']): boolean {
    return this.#stack.some((context) => context.kind === kind)
  }

  #refusal(): Refusal | undefined {
    const top = this.#top
    if (top.kind === 'single')
      return refuse('inside single quotes, where a shell replaces nothing', 'use double quotes, or none: the value is one word either way')
    if (this.#has('expansion')) return refuse('inside ${…}', BY_VARIABLE)
    if (this.#has('arithmetic'))
      return refuse(
        'inside arithmetic, where a shell may run what a value holds',
        'assign it to a variable, check that it is a number, and use the variable',
      )
    const code = this.#stack.filter(isCode)
    if (code.some(({ inTest }) => inTest)) return refuse('inside [[ … ]], where a shell may run what a value holds', 'use [ … ]')
    if (isCode(top) && top.word !== null && /^[A-Za-z_][A-Za-z0-9_]*\[[^\]]*$/.test(top.word))
      return refuse('inside the brackets behind a name, where a shell may run what a value holds', BY_VARIABLE)
    const documentAt = this.#stack.findIndex(({ kind }) => kind === 'here-document')
    const document = this.#stack[documentAt]
    if (document?.kind === 'here-document') {
      if (document.literal)
        return refuse(
          `in a here-document with quotes around ${document.delimiter}, where a shell replaces nothing`,
          `write <<${document.delimiter} without quotes`,
        )
      if (documentAt < this.#stack.length - 1) return refuse('in a command inside of a here-document', BY_VARIABLE)
    }
    const ticks = this.#stack.findIndex(({ kind }) => kind === 'backticks')
    if (this.#stack.slice(0, Math.max(0, ticks)).some((outer) => !isCode(outer))) return refuse('in backticks inside of quotes', 'use $(…)')
    return undefined
  }

  #step(text: string, at: number): number {
    const top = this.#top
    const character = text[at] ?? ''
    if (top.kind === 'here-document' && top.atLineStart) return this.#stepLineStart(text, at, top)
    this.#noteDoubts(character, top)
    switch (top.kind) {
      case 'single':
        if (character === "'") this.#stack.pop()
        return 1
      case 'comment':
        // The end of the line is for the code around.
        if (character === '\n') this.#stack.pop()
        return character === '\n' ? 0 : 1
      case 'double':
        if (character === '"') this.#stack.pop()
        return character === '"' ? 1 : this.#stepExpanding(text, at, true)
      case 'here-document':
        if (character === '\n') top.atLineStart = true
        if (character === '\\' && text[at + 1] === '\n')
          this.#doubtAt('behind a here-document with a joined line', 'write the line in one piece')
        return top.literal ? 1 : this.#stepExpanding(text, at, true)
      case 'expansion':
        return this.#stepInExpansion(text, at, top.quoted)
      case 'arithmetic':
        return this.#stepInArithmetic(text, at, top)
      default:
        return this.#stepInCode(text, at, top)
    }
  }

  /** Notes characters that mean different things to different shells in some contexts. */
  #noteDoubts(character: string, top: Context): void {
    if (this.#has('backticks') && (character === '\\' || (character === '`' && top.kind !== 'backticks')))
      this.#doubtAt('behind backticks with a backslash or with quoted backticks in them', 'use $(…)')
    if (character === '\n' && top.kind !== 'here-document' && this.#has('here-document'))
      this.#doubtAt('behind a here-document that holds a command of several lines', BY_VARIABLE)
  }

  #stepLineStart(text: string, at: number, document: HereDocument): number {
    document.atLineStart = false
    const end = text.indexOf('\n', at)
    const line = end < 0 ? undefined : text.slice(at, end)
    if (line === undefined || (document.stripsTabs ? line.replace(/^\t+/, '') : line) !== document.delimiter) return 0
    this.#stack.pop()
    this.#enterPending()
    return end + 1 - at
  }

  #stepInCode(text: string, at: number, code: CodeContext): number {
    const character = text[at] ?? ''
    const next = text[at + 1]
    switch (character) {
      case "'":
      case '"':
        code.word = null
        return this.#push({ kind: character === "'" ? 'single' : 'double' }, 1)
      case '\\':
        if (next === '\n' && code.word === '') this.#noteJoin(text[at - 1])
        if (next !== '\n') code.word = null
        return 2
      case '#':
        return code.word === '' ? this.#push({ kind: 'comment' }, 1) : this.#addToWord(code, character)
      case '$':
      case '`':
        if (character === '`' && code.kind === 'backticks') return this.#close(1)
        if (next === "'") this.#doubtAt("behind $'…', which not every shell knows", 'use printf, or plain quotes')
        code.word = null
        return this.#stepExpanding(text, at, false)
      case '\n':
        this.#endWord(code)
        this.#enterPending()
        return 1
      case '(':
        if (next === '(')
          this.#doubtAt('behind ((, which is arithmetic to some shells', 'put a blank between the parentheses, or use [ … ]')
        this.#endWord(code)
        code.depth++
        return 1
      case ')':
        this.#endWord(code)
        if (code.kind === 'substitution' && code.depth === 0) return this.#close(1)
        code.depth = Math.max(0, code.depth - 1)
        return 1
      case '<':
        this.#endWord(code)
        return this.#stepAtLess(text, at)
      case ' ':
      case '\t':
      case ';':
      case '&':
      case '|':
      case '>':
        this.#endWord(code)
        return 1
      default:
        return this.#addToWord(code, character)
    }
  }

  #addToWord(code: CodeContext, character: string): number {
    if (code.word !== null) code.word += character
    return 1
  }

  /** An operator may not be joined across a line: shells put it together, and this lexer does not. */
  #noteJoin(before: string | undefined): void {
    if (before === '<') this.#doubtAt('behind an operator that is split over two lines', 'write it in one piece')
  }

  #endWord(code: CodeContext): void {
    const { word } = code
    code.word = ''
    if (word === '[[') code.inTest = true
    else if (word === ']]') code.inTest = false
    // The parenthesis behind a pattern would be taken for the end of the substitution.
    else if (word === 'case' && code.kind !== 'top') this.#doubtAt('behind a case inside of $(…)', BY_VARIABLE)
  }

  #stepAtLess(text: string, at: number): number {
    if (text.startsWith('<<<', at)) return 3
    if (text[at + 1] !== '<') return 1
    HERE_DOCUMENT.lastIndex = at
    const [whole = '<<', dash = '', raw = ''] = HERE_DOCUMENT.exec(text) ?? []
    const after = text[at + whole.length]
    if (after === undefined) this.#unfinished = refuse('in the end mark of a here-document', 'write a fixed word behind <<')
    else if (raw === '' || after === '$' || after === '`' || after === "'" || after === '"')
      this.#doubtAt('behind a here-document whose end mark is not a plain word', 'write a fixed word behind <<')
    const literal = /['"\\]/.test(raw)
    const delimiter = raw.replace(/['"\\]/g, '')
    this.#pending.push({ kind: 'here-document', delimiter, literal, stripsTabs: dash !== '', atLineStart: true })
    return whole.length
  }

  #enterPending(): void {
    const document = this.#pending.shift()
    if (document !== undefined) this.#stack.push(document)
  }

  /** A character where `$`, a backtick and a backslash mean something; `quoted`: in double quotes or a here-document. */
  #stepExpanding(text: string, at: number, quoted: boolean): number {
    const character = text[at]
    if (character === '\\') return 2
    if (character === '`') return this.#pushCommand('backticks', 1)
    if (character !== '$') return 1
    const next = text[at + 1]
    if (next === undefined) this.#unfinished = refuse('directly behind a $', 'leave the $ out, or write \\$')
    else if (text.startsWith('$((', at)) return this.#push({ kind: 'arithmetic', depth: 0 }, 3)
    else if (next === '(') return this.#pushCommand('substitution', 2)
    else if (next === '{') return this.#push({ kind: 'expansion', quoted }, 2)
    else if (next === '[') this.#doubtAt('behind $[, which is arithmetic to some shells', 'write \\$[')
    else if (next === '\\' && text[at + 2] === '\n') this.#doubtAt('behind a $ at the end of a joined line', 'write it in one piece')
    else if (PARAMETER.test(next)) return 2
    return 1
  }

  #stepInExpansion(text: string, at: number, quoted: boolean): number {
    const character = text[at]
    if (character === '}') return this.#close(1)
    if (character === "'" || character === '"') {
      if (!quoted) return this.#push({ kind: character === "'" ? 'single' : 'double' }, 1)
      this.#doubtAt('behind ${…} with quotes in it, inside of double quotes', BY_VARIABLE)
    }
    return this.#stepExpanding(text, at, quoted)
  }

  #stepInArithmetic(text: string, at: number, arithmetic: { depth: number }): number {
    const character = text[at] ?? ''
    if (/['"#\n]/.test(character))
      this.#doubtAt('behind $(( with quotes, a # or several lines in it', 'put a blank between the parentheses of a command')
    if (character === '(') arithmetic.depth++
    if (character !== ')') return this.#stepExpanding(text, at, true)
    if (arithmetic.depth > 0) arithmetic.depth--
    else if (text[at + 1] === ')') return this.#close(2)
    else this.#doubtAt('behind $(( that ends with a single )', 'put a blank between the parentheses of a command')
    return 1
  }

  #pushCommand(kind: 'substitution' | 'backticks', length: number): number {
    if (this.#pending.length > 0) this.#doubtAt('behind a command between << and its line', BY_VARIABLE)
    return this.#push(openCode(kind), length)
  }

  #push(context: Context, length: number): number {
    this.#stack.push(context)
    return length
  }

  #close(length: number): number {
    const closed = this.#stack.pop()
    if (closed !== undefined && isCode(closed) && this.#pending.length > 0)
      this.#doubtAt('behind a here-document that begins inside of $(…)', BY_VARIABLE)
    return length
  }

  #doubtAt(where: string, hint: string): void {
    this.#doubt ??= refuse(where, hint)
  }
}

function openCode(kind: CodeContext['kind']): CodeContext {
  return { kind, depth: 0, word: '', inTest: false }
}

function isCode(context: Context): context is CodeContext {
  return context.kind === 'top' || context.kind === 'substitution' || context.kind === 'backticks'
}

function refuse(where: string, hint: string): Refusal {
  return { kind: 'refused', where, hint }
}
