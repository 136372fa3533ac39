import type { Drawing } from '../drawing.js'
import { arrangePage } from './arrange-page.js'
import { openGraphviz } from './graphviz.js'
import { writeSvg } from './write-svg.js'

/** The flow as a picture that shows in light and in dark. */
export async function renderSvg(drawing: Drawing): Promise<string> {
  const layOut = await openGraphviz()
  return writeSvg(drawing, arrangePage(drawing, layOut))
}
