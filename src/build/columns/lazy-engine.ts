import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Engine } from '../../engine/engine.js'

/** Bytes of a file that are read only to know its columns, where that takes all of them. */
const READ_AT_MOST = 32_000_000

/** An engine that is opened when it is needed first. */
export class LazyEngine {
  readonly #cwd: string
  readonly #timeZone: string
  readonly #isThorough: boolean
  readonly #folder = path.join(tmpdir(), `pype-columns-${randomUUID()}`)
  #engine: Promise<Engine> | undefined

  /** A thorough one reads files whole where their columns cannot be known otherwise, however large they are. */
  constructor(cwd: string, timeZone: string, isThorough: boolean) {
    this.#cwd = cwd
    this.#timeZone = timeZone
    this.#isThorough = isThorough
  }

  open(): Promise<Engine> {
    this.#engine ??= this.#start()
    return this.#engine
  }

  async close(): Promise<void> {
    if (this.#engine === undefined) return
    await (await this.#engine).close()
    await rm(this.#folder, { recursive: true, force: true })
  }

  async #start(): Promise<Engine> {
    const { openEngine } = await import('../../engine/duckdb/open-engine.js')
    return openEngine({
      spillDir: this.#folder,
      memoryLimit: '1GB',
      threads: 2,
      statements: 4,
      timeZone: this.#timeZone,
      cwd: this.#cwd,
      ...(this.#isThorough ? {} : { readAtMost: READ_AT_MOST }),
    })
  }
}
