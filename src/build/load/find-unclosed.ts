import { type Document, isScalar, visit, type YAMLParseError } from 'yaml'
import type { TextSpan } from '../../core/source-text.js'

/** Where the quote or bracket opens that a fault of the parser misses the end of, often lines before it; undefined for other faults. */
export function findUnclosed(fault: YAMLParseError, document: Document.Parsed, text: string): TextSpan | undefined {
  const [, quote] = /^Missing closing (["'])quote/.exec(fault.message) ?? []
  const [, bracket] = /end with a ([\]}])/.exec(fault.message) ?? []
  const closing = quote ?? bracket
  if (closing === undefined) return undefined
  const opening = closing === ']' ? '[' : closing === '}' ? '{' : closing
  let offset: number | undefined
  visit(document, {
    Node: (_, node) => {
      const [start, end] = node.range ?? []
      if (start === undefined || end === undefined || isScalar(node) !== (quote !== undefined)) return
      const isClosed = end - start > 1 && text[end - 1] === closing
      // The innermost one, which comes last.
      if (text[start] === opening && !isClosed) offset = start
    },
  })
  return offset === undefined ? undefined : { offset, length: 1 }
}
