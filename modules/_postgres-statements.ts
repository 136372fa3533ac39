/** Splits a text of SQL into its statements. */

/** What a statement is made of, as far as a semicolon may stand in it: texts, names, dollar quotes, comments, words. */
const TOKEN =
  /[eE]'(?:[^'\\]|''|\\.)*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|\$([\p{L}_][\p{L}\p{N}_]*)?\$[\s\S]*?\$\1\$|--[^\n]*|[\p{L}_][\p{L}\p{N}_$]*|;|\/\*/gsu
const COMMENT = /\/\*|\*\//g

/** A statement, and its keywords and names without quotes, in lower case. */
export interface Statement {
  readonly text: string
  readonly words: readonly string[]
}

/** The statements of a text, without the semicolons between them. Those with nothing but blanks and comments are left out. */
export function splitStatements(text: string): Statement[] {
  const statements: Statement[] = []
  let [start, isEmpty] = [0, true]
  let words: string[] = []
  // Semicolons stand inside of a function's body too, where this is more than 0.
  let depth = 0
  const end = (at: number) => {
    if (!isEmpty) statements.push({ text: text.slice(start, at).trim(), words })
    ;[start, isEmpty, words, depth] = [at + 1, true, [], 0]
  }
  TOKEN.lastIndex = 0
  for (let match = TOKEN.exec(text), from = 0; ; match = TOKEN.exec(text)) {
    if (text.slice(from, match?.index).trim() !== '') isEmpty = false
    if (match === null) break
    const [token] = match
    from = TOKEN.lastIndex
    if (token === '/*') from = TOKEN.lastIndex = endOfComment(text, match.index)
    else if (token === ';') {
      if (depth === 0) end(match.index)
    } else if (!token.startsWith('--')) {
      isEmpty = false
      if (/^[\p{L}_]/u.test(token) && !token.includes("'")) {
        words.push(token.toLowerCase())
        depth = Math.max(0, depth + depthOf(words, depth))
      }
    }
  }
  end(text.length)
  return statements
}

/** `CREATE FUNCTION … BEGIN ATOMIC … END`: only there does a body stand without quotes. */
function depthOf(words: readonly string[], depth: number): number {
  const word = words.at(-1)
  const isRoutine = words[0] === 'create' && words.slice(1, 4).some((each) => each === 'function' || each === 'procedure')
  if (!isRoutine) return 0
  if (word === 'begin' || (word === 'case' && depth > 0)) return 1
  return word === 'end' && depth > 0 ? -1 : 0
}

/** Comments nest. */
function endOfComment(text: string, start: number): number {
  let depth = 0
  COMMENT.lastIndex = start
  for (let match = COMMENT.exec(text); match !== null; match = COMMENT.exec(text)) {
    depth += match[0] === '/*' ? 1 : -1
    if (depth === 0) return COMMENT.lastIndex
  }
  return text.length
}

/** The words that such a statement begins with, and those after ROLLBACK that only go back to a savepoint. */
const ENDING = /^(begin|start transaction|commit|end|abort|prepare transaction|rollback(?!( work| transaction)? to\b))\b/

/** Whether a statement begins or ends a transaction. */
export function endsTransaction({ words }: Statement): boolean {
  return ENDING.test(words.slice(0, 3).join(' '))
}
