import { styleText } from 'node:util'

/** A colour or a weight of a text on a terminal. */
export type Color = Parameters<typeof styleText>[0] & string

/**
 * Colours what goes to a stream when it is a terminal that shows colours, or when FORCE_COLOR asks for it (not with 0); NO_COLOR has the last word, unless it is empty.
 * Anything else stays as it is.
 */
export function openPaint(stream: { readonly isTTY?: boolean } | undefined): (color: Color, text: string) => string {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env
  const isForced = FORCE_COLOR !== undefined && !['0', 'false'].includes(FORCE_COLOR)
  const isShown = stream?.isTTY === true && TERM !== 'dumb' && FORCE_COLOR === undefined
  const isColored = !NO_COLOR && stream !== undefined && (isForced || isShown)
  return (color, text) => (isColored ? styleText(color, text, { validateStream: false }) : text)
}
