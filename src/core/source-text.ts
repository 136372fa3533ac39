import type { Place } from './errors.js'

/** A piece of a text, in UTF-16 units. */
export interface TextSpan {
  readonly offset: number
  readonly length: number
}

/** A text file that places refer to. */
export interface SourceText {
  /** Path as the user gave it. */
  readonly file: string
  readonly text: string
  /** Offset of the first character of each line. */
  readonly lineStarts: readonly number[]
}

/** Makes a text ready for places. */
export function openSource(file: string, text: string): SourceText {
  const lineStarts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lineStarts.push(at + 1)
  return { file, text, lineStarts }
}

/** Line and column of a span; its length ends with its first line. */
export function placeOf(source: SourceText, span: TextSpan): Place {
  const { lineStarts, text } = source
  let low = 0
  let high = lineStarts.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((lineStarts[middle] ?? 0) <= span.offset) low = middle
    else high = middle - 1
  }
  const start = lineStarts[low] ?? 0
  const lineEnd = (lineStarts[low + 1] ?? text.length + 1) - 1
  return {
    file: source.file,
    line: low + 1,
    column: span.offset - start + 1,
    length: Math.max(1, Math.min(span.length, lineEnd - span.offset)),
  }
}
