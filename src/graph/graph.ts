import type { Drawing } from './drawing.js'
import type { TextStyle } from './text.js'

/** The formats of a drawing, and what draws each: loaded when it is asked for. */
const FORMATS = {
  text: async (drawing: Drawing, style: TextStyle) => (await import('./text.js')).renderText(drawing, style),
  mermaid: async (drawing: Drawing) => (await import('./mermaid.js')).renderMermaid(drawing),
  dot: async (drawing: Drawing) => (await import('./dot.js')).renderDot(drawing),
  svg: async (drawing: Drawing) => (await import('./svg/svg.js')).renderSvg(drawing),
  html: async (drawing: Drawing) => (await import('./html.js')).renderHtml(drawing),
} as const

/** A format of a drawing. */
export type GraphFormat = keyof typeof FORMATS

/** Their names, in the order of the help. */
export const GRAPH_FORMATS = Object.keys(FORMATS) as readonly GraphFormat[]

/** Draws a flow. `style` is for the format `text`. */
export function renderGraph(drawing: Drawing, format: GraphFormat, style: TextStyle): Promise<string> {
  return FORMATS[format](drawing, style)
}
