import { formatSeconds } from '../../../core/quantity.js'

/** A stretch of time in milliseconds since 1970. */
export interface Stretch {
  readonly from: number
  readonly to: number
}

/** Cells of a line: from the first one to before the last one. */
export interface Cells {
  readonly first: number
  readonly end: number
}

/**
 * Where moments stand in a line of cells. The processes of a run follow one another without the time between them: a run may be gone on with after days.
 */
export class TimeAxis {
  readonly width: number
  readonly #processes: readonly Stretch[]
  readonly #total: number

  constructor(processes: readonly Stretch[], width: number) {
    this.width = width
    this.#processes = processes
    this.#total = Math.max(
      1,
      processes.reduce((sum, { from, to }) => sum + (to - from), 0),
    )
  }

  /** The cells of a stretch in one process, which counts from 0; at least one. */
  cellsOf(process: number, { from, to }: Stretch): Cells {
    const first = Math.min(this.width - 1, Math.floor(this.#cell(process, from)))
    return { first, end: Math.max(first + 1, Math.min(this.width, Math.ceil(this.#cell(process, to)))) }
  }

  /** The cells where a later process begins. */
  seams(): readonly number[] {
    return this.#processes.slice(1).map(({ from }, i) => Math.min(this.width - 1, Math.floor(this.#cell(i + 1, from))))
  }

  /** A line with seconds above the cells: at the beginning, where there is room in the middle, and at the end. */
  ruler(): string {
    const seconds = this.#total / 1000
    const end = formatSeconds(seconds)
    const middle = formatSeconds(seconds / 2)
    if (this.width < 12) return end.padStart(this.width)
    const begin = '0 s'.padEnd(this.width - end.length)
    if (this.width < 48) return begin + end
    const at = Math.floor(this.width / 2)
    return begin.slice(0, at) + middle + begin.slice(at + middle.length) + end
  }

  #cell(process: number, moment: number): number {
    const before = this.#processes.slice(0, process).reduce((sum, { from, to }) => sum + (to - from), 0)
    const { from, to } = this.#processes[process] ?? { from: moment, to: moment }
    const inside = Math.min(Math.max(moment, from), to) - from
    return ((before + inside) / this.#total) * this.width
  }
}
