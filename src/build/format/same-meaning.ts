import { isDeepStrictEqual } from 'node:util'
import { Lexer } from 'yaml'
import type { FlowValue } from '../../core/flow.js'

/** Whether two flow files say the same, in whichever order their keys stand. */
export function meansSame(a: FlowValue, b: FlowValue): boolean {
  return isDeepStrictEqual(strip(a), strip(b))
}

/** The comments of a YAML text, sorted: those of a file whose keys were put into another order are the same. */
export function listComments(text: string): readonly string[] {
  const comments: string[] = []
  for (const token of new Lexer().lex(text)) if (token.startsWith('#')) comments.push(token.trimEnd())
  return comments.sort()
}

/** A value without places. What is plain stays told apart: a config that takes text has it as it is written. */
function strip(value: FlowValue): unknown {
  if (value.kind === 'list') return value.items.map(strip)
  if (value.kind === 'map') return new Map(value.entries.map(({ key, value: inner }) => [key, strip(inner)]))
  return [value.value, value.plain]
}
