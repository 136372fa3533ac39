import { describeCounts, describePorts, describeValve, shorten } from '../describe.js'
import type { DrawnConnection, DrawnNode } from '../drawing.js'
import { STATUS_MARKS } from '../status-style.js'

/** Width and height, in pixels. */
export interface Size {
  readonly width: number
  readonly height: number
}

/** Most characters of the id of a node; the whole is in its tooltip. */
const LONGEST_ID = 36
/** Characters of a line of a label, and lines of it. */
const LABEL_WIDTH = 30
const LABEL_LINES = 3

export const ID_SIZE = 13
export const SMALL_SIZE = 11
export const LABEL_LINE = 13

/** The texts in a node, the first one bold. */
export function nodeLines({ node, progress }: DrawnNode): readonly string[] {
  const id = shorten(node.id, LONGEST_ID)
  if (progress === undefined) return [id, node.module]
  const counts = describeCounts(progress)
  return [`${STATUS_MARKS[progress.status]} ${id}`, node.module, counts === '' ? progress.status : counts]
}

/** Wide enough for its lines, in whichever font they will be shown. */
export function measureNode(node: DrawnNode): Size {
  const [id = '', ...small] = nodeLines(node)
  const width = Math.max(textWidth(id, ID_SIZE) * 1.06, ...small.map((line) => textWidth(line, SMALL_SIZE)))
  return { width: Math.max(84, Math.ceil(width) + 34), height: 24 + small.length * 15 }
}

/** The lines beside a connection: its ports where they are unusual, and its valve. */
export function connectionLines(connection: DrawnConnection): readonly string[] {
  const { control } = connection
  const ports = describePorts(connection)
  return [...(ports === '' ? [] : [ports]), ...(control === undefined ? [] : wrap(describeValve(control)))]
}

export function measureLines(lines: readonly string[]): Size {
  return { width: Math.ceil(Math.max(...lines.map((line) => textWidth(line, SMALL_SIZE)))) + 8, height: lines.length * LABEL_LINE + 4 }
}

/** An estimate that is rather too large: what shows the picture chooses the font. */
export function textWidth(text: string, size: number): number {
  let ems = 0
  for (const char of text)
    ems += char > '\u2e80' ? 1.05 : NARROW.has(char) ? 0.36 : WIDE.has(char) ? 0.9 : char >= 'A' && char <= 'Z' ? 0.7 : 0.6
  return ems * size
}

const NARROW = new Set("iljtfrI.,:;|!'()[]{} ")
const WIDE = new Set('mwMW@%')

/** Breaks a text at blanks, or anywhere where it has none for long. */
function wrap(text: string): readonly string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= LABEL_WIDTH) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(...(word.match(new RegExp(`.{1,${LABEL_WIDTH}}`, 'gu')) ?? ['']))
  }
  return lines.length <= LABEL_LINES ? lines : [...lines.slice(0, LABEL_LINES - 1), `${lines[LABEL_LINES - 1]} …`]
}
