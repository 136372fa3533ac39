import type { Drawing, DrawnConnection } from '../drawing.js'
import { arrangeBox } from './arrange-box.js'
import { gatherBoxes } from './gather-boxes.js'
import type { LayOut } from './graphviz.js'
import { type Page, PageLayout } from './page-layout.js'

/** What a screen shows at once, about. */
const SCREEN = { width: 1600, height: 1000 }

/** Lays out the sub flows, and then what goes on between them: in the direction that makes the smaller picture. */
export function arrangePage(drawing: Drawing, layOut: LayOut): Page {
  const inner = new Map<string, DrawnConnection[]>()
  const subFlowOf = new Map(drawing.nodes.map(({ node }) => [node.id, node.sub_flow]))
  for (const connection of drawing.connections.filter(({ isInner, data }) => isInner && data !== undefined)) {
    const name = subFlowOf.get(connection.from) ?? ''
    inner.set(name, [...(inner.get(name) ?? []), connection])
  }
  const single = drawing.subFlows.map((subFlow) => arrangeBox(subFlow, inner.get(subFlow.name) ?? [], layOut))
  const boxes = gatherBoxes(drawing, single)
  const pages = (['down', 'across'] as const).map((direction) => new PageLayout(drawing, boxes, direction).arrange(layOut))
  const sizeOf = ({ width, height }: Page) => Math.max(width / SCREEN.width, height / SCREEN.height)
  const [down, across] = pages
  if (down === undefined || across === undefined) throw new RangeError('there are two directions')
  return sizeOf(down) <= Math.max(1, sizeOf(across)) ? down : across
}
