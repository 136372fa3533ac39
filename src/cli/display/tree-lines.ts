import { formatCount, formatQuantity } from '../../core/quantity.js'
import type { ProgressStatus } from '../../core/run-progress.js'
import type { Drawing, DrawnLoop, DrawnPart, DrawnSubFlow } from '../../graph/drawing.js'
import type { RunView } from './run-view.js'

/** A line of the tree, before it is laid out. */
export interface TreeLine {
  readonly depth: number
  readonly status: ProgressStatus
  readonly name: string
  /** How much is done, from 0 to 1, where that is known. */
  readonly share?: number | undefined
  /** Behind the bar: `12 of 100`. */
  readonly text?: string | undefined
  readonly rows?: number | null | undefined
  readonly bytes?: number | null | undefined
  readonly seconds?: number | undefined
  /** Seconds that the rows took, for the rows per second. */
  readonly moving?: number | undefined
}

/** How much of a tree is shown, from all of it to a line for each loop. */
interface Detail {
  /** The nodes of which sub flows have lines of their own. */
  readonly nodes: 'all' | 'running' | 'none'
  /** Sub flows that are not running share a line. */
  readonly folds: boolean
  /** Loops have one line. */
  readonly loops: boolean
}

const DETAILS: readonly Detail[] = [
  { nodes: 'all', folds: false, loops: true },
  { nodes: 'running', folds: false, loops: true },
  { nodes: 'running', folds: true, loops: true },
  { nodes: 'none', folds: true, loops: true },
  { nodes: 'none', folds: true, loops: false },
]

/** The tree of a run in at most `most` lines: what has ended and what is not begun folds first, then nodes, then loops. */
export function writeTree(drawing: Drawing, view: RunView, most: number): readonly TreeLine[] {
  // What cannot fit need not be written.
  const possible = DETAILS.filter(({ folds }) => folds || drawing.subFlows.length <= most)
  let lines: readonly TreeLine[] = []
  for (const detail of possible) {
    lines = new TreeWriter(view, detail).write(drawing.parts)
    if (lines.length <= most) return lines
  }
  const kept = lines.filter(({ status }) => status === 'running' || status === 'failed').slice(0, Math.max(0, most - 1))
  return [...kept, { depth: 0, status: 'running', name: formatQuantity(lines.length - kept.length, 'more line') }]
}

class TreeWriter {
  readonly #view: RunView
  readonly #detail: Detail
  readonly #lines: TreeLine[] = []

  constructor(view: RunView, detail: Detail) {
    this.#view = view
    this.#detail = detail
  }

  write(parts: readonly DrawnPart[]): readonly TreeLine[] {
    this.#writeParts(parts, 0)
    return this.#lines
  }

  #writeParts(parts: readonly DrawnPart[], depth: number): void {
    const isOpen = (part: DrawnPart) => !this.#detail.folds || ['running', 'failed'].includes(this.#statusOf(part))
    const folded = new Map<ProgressStatus, number>()
    for (const part of parts.filter((each) => !isOpen(each))) {
      const status = this.#statusOf(part)
      folded.set(status, (folded.get(status) ?? 0) + countSubFlows(part))
    }
    const writeFolded = (isWanted: (status: ProgressStatus) => boolean) => {
      for (const [status, count] of folded)
        if (isWanted(status)) this.#lines.push({ depth, status, name: `${formatQuantity(count, 'sub flow')} ${status}` })
    }
    writeFolded((status) => status !== 'not begun')
    for (const part of parts.filter(isOpen)) {
      if (part.kind === 'loop') this.#writeLoop(part, depth)
      else this.#writeSubFlow(part, depth)
    }
    writeFolded((status) => status === 'not begun')
  }

  #statusOf(part: DrawnPart): ProgressStatus {
    if (part.kind === 'sub flow') return this.#view.statusOf(part.name)
    const { from, to } = part.connection
    const loop = this.#view.loops.get(`${from}>${to}`)
    if (loop === undefined) return 'not begun'
    if (loop.ended < loop.items) return 'running'
    return loop.failed > 0 ? 'failed' : 'completed'
  }

  #writeLoop(drawn: DrawnLoop, depth: number): void {
    const { from, to } = drawn.connection
    const loop = this.#view.loops.get(`${from}>${to}`)
    const status = this.#statusOf(drawn)
    const failed = loop === undefined || loop.failed === 0 ? '' : `, ${formatCount(loop.failed)} failed`
    this.#lines.push({
      depth,
      status,
      name: `for each item of ${from}`,
      share: loop === undefined || loop.items === 0 ? undefined : loop.ended / loop.items,
      text: loop === undefined ? undefined : `${formatCount(loop.ended)} of ${formatCount(loop.items)}${failed}`,
    })
    if (this.#detail.loops) this.#writeParts(drawn.parts, depth + 1)
  }

  #writeSubFlow({ name, nodes }: DrawnSubFlow, depth: number): void {
    const view = this.#view.subFlows.get(name)
    const status = this.#view.statusOf(name)
    const only = nodes.length === 1 ? this.#view.nodes.get(nodes[0]?.node.id ?? '') : undefined
    const sinks = nodes.filter(({ node }) => node.type === 'sink').map(({ node }) => this.#view.nodes.get(node.id))
    const written = only === undefined ? sinks : [only]
    this.#lines.push({
      depth,
      status,
      name: nodes.length === 1 ? name : `${name} (${nodes.length} nodes)`,
      share: status === 'running' ? this.#shareOf(name) : undefined,
      text: this.#describePasses(name),
      rows: sumKnown(written.map((total) => total?.rows ?? null)),
      bytes: sumKnown(written.map((total) => total?.bytes ?? null)),
      seconds: this.#view.secondsOf(name),
      moving: view === undefined || view.seconds === 0 ? undefined : view.seconds,
    })
    if (view?.error !== undefined && status === 'failed')
      this.#lines.push({ depth: depth + 1, status, name: `${view.error.code} ${view.error.message.split('\n', 1)[0]}` })
    const isOpen = this.#detail.nodes === 'all' ? status !== 'not begun' : this.#detail.nodes === 'running' && status === 'running'
    if (nodes.length > 1 && isOpen) for (const { node } of nodes) this.#writeNode(node.id, name, depth + 1)
  }

  #writeNode(id: string, subFlow: string, depth: number): void {
    const total = this.#view.nodes.get(id)
    const statement = this.#view.statements.find((each) => each.subFlow === subFlow && each.nodes.includes(id))
    const isRunning = statement !== undefined || (this.#view.runningNodes.get(id) ?? 0) > 0
    const status = this.#view.statusOf(subFlow)
    this.#lines.push({
      depth,
      status: status !== 'running' ? status : isRunning ? 'running' : total === undefined ? 'not begun' : 'completed',
      name: id,
      share: status === 'running' ? (statement?.share ?? undefined) : undefined,
      rows: total?.rows,
      bytes: total?.bytes,
      ...(total === undefined || total.seconds === 0 ? {} : { seconds: total.seconds, moving: total.seconds }),
    })
  }

  /** Of its statements the one that is least far. */
  #shareOf(subFlow: string): number | undefined {
    const shares = this.#view.statements.flatMap((each) => (each.subFlow === subFlow && each.share !== null ? [each.share] : []))
    return shares.length === 0 ? undefined : Math.min(...shares)
  }

  /** How the passes of a loop ended that a sub flow is in; the frames that are running. */
  #describePasses(name: string): string | undefined {
    const view = this.#view.subFlows.get(name)
    if (view === undefined) return undefined
    const frames = [...view.running.keys()].filter((frame) => frame !== '').map((frame) => `#${frame}`)
    const total = [...view.ends.values()].reduce((sum, count) => sum + count, 0)
    const ends = frames.length === 0 && total <= 1 ? [] : [...view.ends].map(([end, count]) => `${formatCount(count)} ${end}`)
    const running = frames.length > 3 ? `${frames.length} running` : frames.join(' ')
    return [running, ...ends].filter((text) => text !== '').join(', ') || undefined
  }
}

function countSubFlows(part: DrawnPart): number {
  return part.kind === 'sub flow' ? 1 : part.parts.reduce((sum, each) => sum + countSubFlows(each), 0)
}

function sumKnown(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null)
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0)
}
