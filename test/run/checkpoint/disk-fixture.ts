import { appendFileSync } from 'node:fs'
import { type Disk, nodeDisk } from '../../../src/run/checkpoint/files/disk.js'

/** A disk that stops the "process" at its n-th operation, before it or in the middle of it; afterwards nothing gets through. */
export class DyingDisk {
  /** The names of the operations so far. */
  readonly operations: string[] = []
  readonly disk: Disk
  readonly #dieAt: number
  readonly #tear: boolean

  constructor(dieAt = Number.POSITIVE_INFINITY, tear = false) {
    this.#dieAt = dieAt
    this.#tear = tear
    this.disk = new Proxy(nodeDisk, {
      get: (disk, name: keyof Disk) => {
        const operation: (...args: never[]) => unknown = disk[name]
        return (...args: never[]) => {
          this.#step(name, args)
          return operation(...args)
        }
      },
    })
  }

  #step(name: keyof Disk, args: readonly unknown[]): void {
    const count = this.operations.push(name)
    if (count < this.#dieAt) return
    if (count === this.#dieAt && this.#tear && name === 'append') {
      const [file, bytes] = args as Parameters<Disk['append']>
      appendFileSync(file.path, bytes.subarray(0, Math.floor(bytes.length / 2)))
    }
    throw new Error('killed')
  }
}
