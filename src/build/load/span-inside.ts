import type { SourceText, TextSpan } from '../../core/source-text.js'

/** Where a piece of a scalar's text stands in the file: to the character for plain and simply quoted ones, else as near as it can be found. */
export function spanInside(source: SourceText, scalar: TextSpan, value: string, piece: TextSpan): TextSpan {
  const raw = source.text.slice(scalar.offset, scalar.offset + scalar.length)
  const quote = raw.startsWith('"') || raw.startsWith("'") ? 1 : 0
  if (raw.slice(quote, quote + value.length) === value) return { offset: scalar.offset + quote + piece.offset, length: piece.length }
  const text = value.slice(piece.offset, piece.offset + piece.length)
  const earlier = text === '' ? 0 : value.slice(0, piece.offset).split(text).length - 1
  let found = text === '' ? -1 : raw.indexOf(text)
  for (let i = 0; i < earlier && found >= 0; i++) found = raw.indexOf(text, found + 1)
  return found < 0 ? scalar : { offset: scalar.offset + found, length: text.length }
}
