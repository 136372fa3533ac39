import { CONNECTION_NAME, ConnectionSyntaxError, quotePiece, textAt, trimmedSpan } from './connection-syntax.js'
import type { TextSpan } from './source-text.js'

/** A data connection: rows go from one port to another. */
export interface DataSpec {
  readonly from: string
  readonly fromPort: string
  readonly to: string
  readonly toPort: string
}

/** A data connection with the places of its parts in the text that was read. */
export interface ParsedData {
  readonly spec: DataSpec
  readonly spans: { readonly from: TextSpan; readonly fromPort: TextSpan; readonly to: TextSpan; readonly toPort: TextSpan }
}

const DATA_HINT = 'write it as "from.port - to.port", for example "load.data - keep.input"'

/** Reads `from.port - to.port`. Blanks may stand around every part. Throws {@link ConnectionSyntaxError}. */
export function parseData(text: string): ParsedData {
  const dash = text.indexOf('-')
  if (dash < 0) {
    throw new ConnectionSyntaxError(
      'A data connection needs a - between its two ends.',
      trimmedSpan(text, 0, text.length),
      text.includes('(') ? 'a connection with a valve belongs under `control`' : DATA_HINT,
    )
  }
  if (text[dash + 1] === '>')
    throw new ConnectionSyntaxError(
      'A data connection is written with - between its two ends, and not with ->.',
      { offset: dash, length: 2 },
      DATA_HINT,
    )
  const [from, fromPort] = parseEnd(text, 0, dash)
  const [to, toPort] = parseEnd(text, dash + 1, text.length)
  const spec = { from: textAt(text, from), fromPort: textAt(text, fromPort), to: textAt(text, to), toPort: textAt(text, toPort) }
  return { spec, spans: { from, fromPort, to, toPort } }
}

/** The text of a data connection; {@link parseData} reads it back. */
export function printData(spec: DataSpec): string {
  return `${spec.from}.${spec.fromPort} - ${spec.to}.${spec.toPort}`
}

function parseEnd(text: string, start: number, end: number): readonly [TextSpan, TextSpan] {
  const dot = text.indexOf('.', start)
  const whole = trimmedSpan(text, start, end)
  if (dot < 0 || dot >= end) {
    throw new ConnectionSyntaxError(`"node.port" is expected, found ${quotePiece(textAt(text, whole))}.`, whole, DATA_HINT)
  }
  const node = trimmedSpan(text, start, dot)
  const port = trimmedSpan(text, dot + 1, end)
  for (const [span, what] of [
    [node, 'the id of a node'],
    [port, 'the name of a port'],
  ] as const) {
    if (!CONNECTION_NAME.test(textAt(text, span)))
      throw new ConnectionSyntaxError(`Expected ${what}, found ${quotePiece(textAt(text, span))}.`, span, DATA_HINT)
  }
  return [node, port]
}
