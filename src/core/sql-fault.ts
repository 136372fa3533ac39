import { SqlLexer } from './sql-lexer.js'

/** The opening bracket by the closing one. */
const OPENING: ReadonlyMap<string, string> = new Map([
  [')', '('],
  [']', '['],
  ['}', '{'],
])

/**
 * What keeps an SQL text from standing in brackets in another one, in words, or undefined. An expression is one value besides: no
 * list, no statement with an end. What is in the brackets is left to the engine.
 */
export function findSqlFault(text: string, isExpression: boolean): string | undefined {
  const open: string[] = []
  let fault: string | undefined
  const lexer = new SqlLexer((character) => {
    if (character === '(' || character === '[' || character === '{') open.push(character)
    else if (OPENING.has(character)) {
      if (open.pop() !== OPENING.get(character)) fault ??= `a "${character}" closes nothing`
    } else if (!isExpression) return
    else if (character === ';') fault ??= 'a ";" ends a statement, and one expression is expected'
    else if (character === ',' && open.length === 0) fault ??= 'a "," makes a list, and one expression is expected'
  })
  lexer.read(text)
  if (fault !== undefined) return fault
  if (lexer.place !== 'code' && lexer.place !== 'line comment') return OPENED[lexer.place]
  return open.length === 0 ? undefined : `a "${open[open.length - 1]}" is not closed`
}

const OPENED = {
  string: 'a text opens with a quote and is not closed',
  escaped: 'a text opens with a quote and is not closed',
  name: 'a quoted name is not closed',
  dollar: 'a text opens with dollar signs and is not closed',
  comment: 'a comment is not closed',
} as const
