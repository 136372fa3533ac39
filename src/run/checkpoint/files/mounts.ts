import path from 'node:path'
import { PypeError } from '../../../core/errors.js'
import { systemCodeOf } from '../../../core/system-code.js'
import { type Disk } from './disk.js'
import { knowFile } from './file-proof.js'

/** Finds out between which folders a file can be renamed. */
export class Mounts {
  readonly #disk: Disk
  readonly #mark: string
  readonly #record: (staged: string, target: string) => void
  readonly #known = new Map<string, boolean>()

  /** `mark` begins the hidden names of what is tried out; `record` is told of each before it comes into being. */
  constructor(disk: Disk, mark: string, record: (staged: string, target: string) => void) {
    this.#disk = disk
    this.#mark = mark
    this.#record = record
  }

  /** Whether a rename goes from one folder to the other one. Throws a coded error where one of them cannot be written. */
  canRename(from: string, to: string): boolean {
    if (from === to) return true
    if (knowFile(from)?.device !== knowFile(to)?.device) return false
    const key = `${from}\0${to}`
    const known = this.#known.get(key) ?? this.#tryOut(from, to)
    this.#known.set(key, known)
    return known
  }

  /** Equal devices are not enough: two mounts of one disk, as containers have them, take no rename between them. */
  #tryOut(from: string, to: string): boolean {
    const name = `${this.#mark}-try-${this.#known.size}`
    const before = path.join(from, `${name}-from`)
    const after = path.join(to, `${name}-to`)
    this.#record(before, to)
    this.#record(after, to)
    try {
      this.#disk.close(this.#disk.openAppend(before))
      this.#disk.rename(before, after)
      return true
    } catch (error) {
      if (error instanceof PypeError && systemCodeOf(error.cause) === 'EXDEV') return false
      throw error
    } finally {
      this.#disk.remove(before)
      this.#disk.remove(after)
    }
  }
}
