import type { Drawing } from '../drawing.js'
import { STATUS_MARKS } from '../status-style.js'
import { SMALL_SIZE, textWidth } from './measure.js'
import { classOf } from './theme.js'
import { writeShape } from './write-node.js'

/** The line below a picture. */
export interface Legend {
  readonly text: string
  /** In pixels. */
  readonly width: number
}

/** What shapes, colours and lines mean: only those that the picture has. */
export function writeLegend({ nodes, connections, run }: Drawing): Legend {
  const types = (['source', 'mod', 'sink', 'solo'] as const).filter((type) => nodes.some(({ node }) => node.type === type))
  const statuses = run === undefined ? [] : [...new Set(nodes.flatMap(({ progress }) => (progress === undefined ? [] : [progress.status])))]
  const ways = [
    ...(connections.some(({ data, isInner }) => data !== undefined && isInner) ? [['data', 'rows']] : []),
    ...(connections.some(({ data, isInner }) => data !== undefined && !isInner) ? [['boundary data', 'boundary']] : []),
    ...(['normal', 'iterate', 'start', 'error', 'done'] as const)
      .filter((type) => connections.some(({ data, control }) => data === undefined && control?.type === type))
      .map((type) => [`control ${type}`, type === 'normal' ? 'control' : type]),
  ]
  let x = 0
  const parts: string[] = []
  const add = (kind: string, mark: string, text: string) => {
    parts.push(`<g class="${kind}" transform="translate(${x} 0)">${mark}<text class="small" x="32" y="4">${text}</text></g>`)
    x += 32 + Math.ceil(textWidth(text, SMALL_SIZE)) + 16
  }
  for (const type of types)
    add(
      run === undefined ? type : '',
      writeShape(type, { x: 1, y: -8, width: 25, height: 16 }).replace(
        '/>',
        run === undefined ? '/>' : ' style="fill: none; stroke: #818b98"/>',
      ),
      type,
    )
  for (const status of statuses)
    add(classOf(status), writeShape('mod', { x: 1, y: -8, width: 25, height: 16 }), `${STATUS_MARKS[status]} ${status}`)
  for (const [kind = '', text = ''] of ways)
    add(kind, `<path class="way" d="M0 0H26" marker-end="url(#tip-${kind.split(' ').at(-1)})"/>`, text)
  return { text: parts.join(''), width: x }
}
