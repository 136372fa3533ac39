import type { ModuleType } from '../../core/dag.js'
import type { DrawnNode } from '../drawing.js'
import { escapeXml } from './escape-xml.js'
import type { Rect } from './graphviz.js'
import { nodeLines } from './measure.js'
import { classOf } from './theme.js'
import { at, round } from './write-path.js'

/** A node with its lines of text. */
export function writeNode(drawn: DrawnNode, rect: Rect): string {
  const { node, progress } = drawn
  const [id = '', ...small] = nodeLines(drawn)
  const middle = rect.x + rect.width / 2
  const error = progress?.error === undefined ? '' : `\n${progress.error.code} ${progress.error.message}`
  const tip = `${node.id}: ${node.module} (${node.type})${progress === undefined ? '' : `\n${small[1] ?? ''}`}${error}`
  const status = progress === undefined ? '' : ` ${classOf(progress.status)}`
  return [
    `<g class="node ${node.type}${status}" data-node="${node.id}"><title>${escapeXml(tip)}</title>`,
    writeShape(node.type, rect),
    `<text class="id middle" x="${round(middle)}" y="${round(rect.y + 19)}">${escapeXml(id)}</text>`,
    ...small.map(
      (line, i) => `<text class="small middle" x="${round(middle)}" y="${round(rect.y + 34 + i * 15)}">${escapeXml(line)}</text>`,
    ),
    '</g>',
  ].join('')
}

/** A source is round where rows begin, a sink where they end, a mod is a box, and a solo has six corners. */
export function writeShape(type: ModuleType, { x, y, width, height }: Rect): string {
  if (type === 'mod')
    return `<rect class="shape" x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" rx="4"/>`
  const right = x + width
  const bottom = y + height
  const radius = height / 2
  // In the legend a solo is small: its corners shrink with it, or it would be a diamond.
  const cut = Math.min(11, width / 5)
  const outline = {
    source: `M${at(x + radius, y)}H${round(right)}V${round(bottom)}H${round(x + radius)}A${round(radius)} ${round(radius)} 0 0 1 ${at(x + radius, y)}Z`,
    sink: `M${at(x, y)}H${round(right - radius)}A${round(radius)} ${round(radius)} 0 0 1 ${at(right - radius, bottom)}H${round(x)}Z`,
    solo: `M${at(x + cut, y)}H${round(right - cut)}L${at(right, y + radius)}L${at(right - cut, bottom)}H${round(x + cut)}L${at(x, y + radius)}Z`,
  }[type]
  return `<path class="shape" d="${outline}"/>`
}
