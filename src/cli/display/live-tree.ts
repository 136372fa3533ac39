import { formatBytes, formatCount, formatQuantity, formatSeconds } from '../../core/quantity.js'
import type { Drawing } from '../../graph/drawing.js'
import type { Listener } from '../../run/observe/emitter.js'
import { type LineStyle, layOut } from './lay-out.js'
import { RunView } from './run-view.js'
import type { Screen } from './screen.js'
import { writeTree } from './tree-lines.js'

/** Milliseconds between two drawings. */
const REDRAW_EVERY = 200
/**
 * Milliseconds without a drawing after the terminal has another size. While a window is dragged, it folds what stands there again and again, and tells each size
 * late (tmux: after 250 ms); what is drawn for the size before would be folded too, and nobody could say any more where the tree begins.
 */
const SETTLES_IN = 300

/** What a tree of one or more runs is drawn with. */
export interface TreeDeps {
  readonly screen: Screen
  readonly drawing: Drawing
  readonly style: Omit<LineStyle, 'width'>
  /** Milliseconds of a clock that only goes on. */
  readonly now: () => number
}

/** The runs of a job that are going on, as trees at the end of a terminal. A run only notes what happens; drawing goes by a timer of its own. */
export class LiveTree {
  readonly #deps: TreeDeps
  readonly #runs = new Map<string, RunView>()
  readonly #timer: NodeJS.Timeout
  /** Of a backfill: dates that have ended, and that failed. */
  #dates: { ended: number; failed: number; readonly total: number } | undefined
  readonly #begun: number
  /** No drawing before. */
  #settledAt = 0

  constructor(deps: TreeDeps) {
    this.#deps = deps
    this.#begun = deps.now()
    this.#timer = setInterval(() => this.draw(), REDRAW_EVERY)
    this.#timer.unref()
  }

  /** Hears one run; `title` stands before its tree. */
  watch(title: string): Listener {
    const view = new RunView(this.#deps.now)
    return {
      name: 'live tree',
      hear: (event) => {
        if (event.type === 'run.started') this.#runs.set(title, view)
        view.hear(event)
        if (event.type === 'run.completed') this.#runs.delete(title)
      },
    }
  }

  /** So many dates of a backfill have ended. */
  countDates(ended: number, failed: number, total: number): void {
    this.#dates = { ended, failed, total }
  }

  /** The terminal has another size: the next drawing waits until it keeps that. */
  resize(): void {
    this.#settledAt = this.#deps.now() + SETTLES_IN
  }

  draw(): void {
    const { screen, style, now } = this.#deps
    if (now() < this.#settledAt) return
    const width = screen.columns
    const head = this.#dates === undefined ? [] : [this.#describeDates(this.#dates)]
    const each = Math.floor((screen.rows - head.length) / Math.max(1, this.#runs.size))
    const trees = [...this.#runs].flatMap(([title, view]) => this.#drawRun(title, view, each, { ...style, width }))
    screen.draw([...head.map((text) => text.slice(0, width)), ...trees].slice(0, screen.rows))
  }

  /** Takes the trees away. */
  close(): void {
    clearInterval(this.#timer)
    this.#deps.screen.clear()
  }

  #drawRun(title: string, view: RunView, most: number, style: LineStyle): readonly string[] {
    if (most < 1) return []
    const { drawing } = this.#deps
    const ended = drawing.subFlows.filter(({ name }) => !['running', 'not begun'].includes(view.statusOf(name))).length
    const lead = {
      depth: 0,
      status: 'running',
      name: title,
      text: [
        `${formatCount(ended)} of ${formatQuantity(drawing.subFlows.length, 'sub flow')}`,
        ...(view.spilled > 0 ? [`${formatBytes(view.spilled)} on disk`] : []),
        ...(view.memory > 0 && style.width >= 100 ? [`${formatBytes(view.memory)} of memory`] : []),
      ].join(', '),
      seconds: view.seconds,
    } as const
    const below = most > 1 ? writeTree(drawing, view, most - 1).map((line) => ({ ...line, depth: line.depth + 1 })) : []
    return layOut([lead, ...below], style)
  }

  #describeDates({ ended, failed, total }: { readonly ended: number; readonly failed: number; readonly total: number }): string {
    const seconds = (this.#deps.now() - this.#begun) / 1000
    const failures = failed === 0 ? '' : `, ${formatCount(failed)} failed`
    return `${this.#deps.drawing.flow.name}: ${formatCount(ended)} of ${formatQuantity(total, 'date')}${failures}, ${formatSeconds(seconds, 1)}`
  }
}
