import path from 'node:path'
import type { Disk } from '../../../src/run/checkpoint/files/disk.js'
import { Random } from '../interrupt/random.js'
import type { Witness } from '../resume/worker/fault-points.js'
import type { Task } from '../resume/worker/task.js'
import { DurableTree, type Loss } from './durable-tree.js'
import { layOut } from './lay-out.js'
import { observeTree } from './observe-tree.js'
import { type CountsFlush, createRecordingDisk } from './recording-disk.js'

/** How the power goes. */
export interface PowerCut {
  readonly loss: Loss
  /** Of the chances that are taken. */
  readonly seed: number
}

/** A point at which the power may go. */
export interface Step {
  readonly point: string
  /** Kind of the record that was appended last. */
  readonly record?: string
  /** Number of changes on the disk that a power cut would take back. */
  readonly pending: number
}

/** Where the remains of a folder are laid out, for whoever comes after the power cut. */
export function remainsOf(folder: string): string {
  return `${folder}-remains`
}

/** The folder of a task, in a process that is killed when the power goes. The kill alone would leave what was not flushed: it lays out beside what remains. */
export class PoweredPlace implements Witness {
  readonly steps: Step[] = []
  readonly #folder: string
  readonly #cut: PowerCut | undefined
  readonly #counts: CountsFlush
  readonly #tree: DurableTree
  #record: string | undefined

  /** Without `cut` the power stays, and `steps` is what is wanted. */
  constructor({ runs }: Task, cut: PowerCut | undefined, counts: CountsFlush) {
    this.#folder = path.dirname(runs)
    this.#cut = cut
    this.#counts = counts
    this.#tree = new DurableTree(observeTree(this.#folder))
  }

  /** The disk with all that is done to it written down. */
  record(disk: Disk): Disk {
    return createRecordingDisk(disk, this.#folder, this.#tree, () => undefined, this.#counts)
  }

  pass(point: string): void {
    if (this.#cut !== undefined) return
    this.#tree.see(observeTree(this.#folder))
    this.steps.push({ point, ...(this.#record !== undefined && { record: this.#record }), pending: this.#tree.pending })
    this.#record = /^in the middle of append ([a-z]+)$/.exec(point)?.[1] ?? this.#record
  }

  end(): void {
    if (this.#cut === undefined) return
    this.#tree.see(observeTree(this.#folder))
    layOut(remainsOf(this.#folder), this.#tree.cut(this.#cut.loss, new Random(this.#cut.seed)))
  }
}
