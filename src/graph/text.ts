import type { ModuleType } from '../core/dag.js'
import { groupBy } from '../core/group-by.js'
import { makePrintable } from '../core/make-printable.js'
import { cutText, padText } from '../core/text-width.js'
import { describeCounts, describeFlow, describeLoop, describePorts, describeRun, describeSubFlow, describeValve } from './describe.js'
import type { Drawing, DrawnConnection, DrawnNode, DrawnPart, DrawnSubFlow } from './drawing.js'
import { STATUS_COLORS, STATUS_MARKS } from './status-style.js'
import { findStrands, type Knot, type Strand } from './strands.js'

/** How a drawing is written to a terminal. */
export interface TextStyle {
  /** Columns; what is longer is cut. */
  readonly width: number
  readonly paint: (color: 'green' | 'red' | 'magenta' | 'bold' | 'dim', text: string) => string
}

const TYPE_MARKS: { readonly [type in ModuleType]: string } = { source: '▷', mod: '○', sink: '■', solo: '◆' }
const TYPE_COLORS = { source: 'bold', mod: 'dim', sink: 'green', solo: 'magenta' } as const

/** What stands in a line, before it is cut and coloured. */
interface Line {
  /** Lines of the drawing, and the mark of the node. */
  readonly tree: string
  readonly node?: DrawnNode
  /** Behind the tree, or at the end of the line of a node. */
  readonly text?: string
}

/**
 * The flow as lines of text: its sub flows in the order of the walk, each as a tree of its nodes, with the valves that leave them. Only marks are
 * coloured: few colours can be read as text on a light and on a dark background.
 */
export function renderText(drawing: Drawing, style: TextStyle): string {
  const lines = new TextDrawing(drawing).write()
  const ids = lines.map(({ tree, node }) => (node === undefined ? 0 : tree.length + node.node.id.length))
  const idWidth = Math.min(Math.max(0, ...ids), 44)
  const modules = Math.max(0, ...drawing.nodes.map(({ node }) => node.module.length))
  const head = [style.paint('bold', describeFlow(drawing)), ...(drawing.run === undefined ? [] : [describeRun(drawing.run)]), '']
  const body = lines.map((line) => writeLine(line, { ...style, idWidth, modules }))
  return `${[...head, ...body, '', style.paint('dim', cutText(LEGEND, style.width))].join('\n')}\n`
}

const LEGEND = '▷ source  ○ mod  ■ sink  ◆ solo   → control  ⇒ control and rows: a boundary'

function writeLine({ tree, node, text = '' }: Line, style: TextStyle & { readonly idWidth: number; readonly modules: number }): string {
  const { width, paint, idWidth, modules } = style
  // Conditions and errors come from a file, and may have line ends and more in them.
  const told = makePrintable(text)
  if (node === undefined) return `${paint('dim', tree)}${cutText(told, width - tree.length)}`.trimEnd()
  const { id, type, module } = node.node
  const status = node.progress?.status
  const name = padText(cutText(id, Math.max(8, width - tree.length)), idWidth - tree.length)
  const tail = [module.padEnd(modules), writeProgress(node), told].filter((part) => part !== '').join('  ')
  const rest = cutText(tail, Math.max(0, width - Math.max(idWidth, tree.length + name.length) - 2)).trimEnd()
  const mark = paint(status === undefined ? TYPE_COLORS[type] : STATUS_COLORS[status], TYPE_MARKS[type])
  const shown = status === undefined ? paint('dim', rest) : rest.replace(STATUS_MARKS[status], (own) => paint(STATUS_COLORS[status], own))
  return `${paint('dim', tree.slice(0, -2))}${mark} ${name}${rest === '' ? '' : `  ${shown}`}`.trimEnd()
}

function writeProgress({ progress }: DrawnNode): string {
  if (progress === undefined) return ''
  const counts = describeCounts(progress)
  return `${STATUS_MARKS[progress.status]} ${progress.status}${counts === '' ? '' : `, ${counts}`}`
}

class TextDrawing {
  readonly #drawing: Drawing
  readonly #inner: ReadonlyMap<string, readonly DrawnConnection[]>
  readonly #leaving: ReadonlyMap<string, readonly DrawnConnection[]>
  readonly #lines: Line[] = []

  constructor(drawing: Drawing) {
    const subFlowOf = new Map(drawing.nodes.map(({ node }) => [node.id, node.sub_flow]))
    const isInner = ({ data, isInner }: DrawnConnection) => isInner && data !== undefined
    this.#drawing = drawing
    this.#inner = groupBy(drawing.connections.filter(isInner), ({ from }) => subFlowOf.get(from) ?? '')
    this.#leaving = groupBy(
      drawing.connections.filter((connection) => !connection.isInner),
      ({ from }) => from,
    )
  }

  write(): readonly Line[] {
    this.#writeParts(this.#drawing.parts, '')
    return this.#lines
  }

  #writeParts(parts: readonly DrawnPart[], prefix: string): void {
    parts.forEach((part, i) => {
      const before = parts[i - 1]
      if (before !== undefined && !(this.#isShort(before) && this.#isShort(part))) this.#lines.push({ tree: prefix.trimEnd() })
      if (part.kind === 'sub flow') {
        this.#writeSubFlow(part, prefix)
        return
      }
      this.#lines.push({ tree: `${prefix}╭ `, text: describeLoop(part) })
      this.#writeParts(part.parts, `${prefix}│ `)
      this.#lines.push({ tree: `${prefix}╰` })
    })
  }

  /** One node from which nothing leads on needs no empty line around it. */
  #isShort(part: DrawnPart): boolean {
    return part.kind === 'sub flow' && part.nodes.length === 1 && part.nodes.every(({ node }) => !this.#leaving.has(node.id))
  }

  #writeSubFlow(subFlow: DrawnSubFlow, prefix: string): void {
    const { nodes, progress } = subFlow
    const kinds = Object.values(progress?.passes ?? {}).filter((count) => count > 0).length
    if (progress !== undefined && (kinds > 1 || (kinds === 1 && nodes.length > 1)))
      this.#lines.push({ tree: prefix, text: describeSubFlow(progress) })
    for (const strand of findStrands(subFlow, this.#inner.get(subFlow.name) ?? [])) this.#writeStrand(strand, prefix, prefix)
  }

  /** `first` stands before the first line, `prefix` before all others. */
  #writeStrand({ knots }: Strand, first: string, prefix: string): void {
    const isBranch = first !== prefix
    knots.forEach((knot, i) => {
      const isLast = i === knots.length - 1
      const corner = knots.length === 1 ? (isBranch ? '─ ' : '') : i === 0 ? (isBranch ? '┬ ' : '┌ ') : isLast ? '└ ' : '├ '
      const lead = `${i === 0 ? first : prefix}${corner}`
      const rest = isLast ? `${prefix}  ` : `${prefix}│ `
      this.#writeKnot(knot, lead, rest)
    })
  }

  #writeKnot(knot: Knot, lead: string, rest: string): void {
    if (knot.kind === 'reference') {
      this.#lines.push({ tree: lead, text: `⇢ ${knot.id}${knot.ports === '' ? '' : `  ← ${knot.ports}`}` })
      return
    }
    const { drawn, ports, branches } = knot
    this.#lines.push({ tree: `${lead}${TYPE_MARKS[drawn.node.type]} `, node: drawn, text: ports === '' ? '' : `← ${ports}` })
    const error = drawn.progress?.error
    if (error !== undefined) this.#lines.push({ tree: `${rest}  `, text: `${error.code} ${error.message.split('\n', 1)[0]}` })
    const leaving = (this.#leaving.get(drawn.node.id) ?? []).toSorted((a, b) => (a.control?.order ?? 0) - (b.control?.order ?? 0))
    for (const connection of leaving) this.#lines.push({ tree: `${rest}  `, text: describeLeaving(connection) })
    for (const branch of branches) this.#writeStrand(branch, `${rest.slice(0, -2)}├─`, rest)
  }
}

function describeLeaving(connection: DrawnConnection): string {
  const { to, data, control, verdict } = connection
  const ports = describePorts(connection)
  const valve = control === undefined ? '' : describeValve(control)
  const arrow = data === undefined ? '→' : '⇒'
  const settled = verdict === undefined || verdict === 'taken' ? '' : ` (${verdict})`
  return `${arrow} ${to}  ${[ports, valve].filter((part) => part !== '').join(' ')}${settled}`
}
