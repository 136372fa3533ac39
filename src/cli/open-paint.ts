import { styleText } from 'node:util'

/** A colour or a weight of a text on a terminal. */
export type Color = Parameters<typeof styleText>[0] & string

/** Colours what goes to a stream when it is a terminal that shows colours and NO_COLOR is not set; anything else stays as it is. */
export function openPaint(stream: { readonly isTTY?: boolean } | undefined): (color: Color, text: string) => string {
  const isColored = stream?.isTTY === true && !process.env.NO_COLOR && process.env.TERM !== 'dumb'
  return (color, text) => (isColored ? styleText(color, text, { validateStream: false }) : text)
}
