import { statSync } from 'node:fs'
import path from 'node:path'
import type { AppendHandle, Disk } from '../files/disk.js'
import { formatRecord } from './format.js'
import type { JournalRecord } from './records.js'

/** The journal in the folder of a run. */
export const JOURNAL_FILE = 'journal.log'

type MaskRecord = (record: JournalRecord) => JournalRecord

/*
 * open -> open    a record is appended or flushed
 * open -> broken  an append or a flush failed: every later call throws the same error
 * open, broken -> closed
 */

/**
 * The append-only checkpoint file of a run. A record that `append` has taken outlives a kill of the process; one that
 * was flushed outlives a power cut.
 */
export class Journal {
  readonly #disk: Disk
  readonly #file: AppendHandle
  readonly #mask: MaskRecord
  #length: number
  #isFlushed = true
  #failure: { readonly error: unknown } | undefined

  private constructor(disk: Disk, file: AppendHandle, mask: MaskRecord) {
    this.#disk = disk
    this.#file = file
    this.#mask = mask
    this.#length = statSync(file.path).size
  }

  /**
   * Opens the journal of a run folder at its end. One that was read has a `length`: a torn record behind it is cut off, and the rest flushed.
   * `mask` takes secrets out of each record.
   */
  static open(disk: Disk, runFolder: string, length?: number, mask: MaskRecord = (record) => record): Journal {
    const journal = new Journal(disk, disk.openAppend(path.join(runFolder, JOURNAL_FILE)), mask)
    // Its name has to outlast a power cut as its records do.
    disk.flushFolder(runFolder)
    if (length === undefined) return journal
    if (length < journal.#length) {
      disk.truncateOpen(journal.#file, length)
      journal.#length = length
    }
    // Also when nothing was cut off: what was read is built upon, and may not be on the disk yet.
    disk.flush(journal.#file)
    return journal
  }

  append(record: JournalRecord): void {
    this.#throwFailure()
    const line = formatRecord(this.#mask(record))
    try {
      this.#disk.append(this.#file, line)
    } catch (error) {
      this.#failure = { error }
      // What came of the line would be a broken record in the middle as soon as anything followed.
      this.#disk.truncateOpen(this.#file, this.#length)
      throw error
    }
    this.#length += line.length
    this.#isFlushed = false
  }

  /** Flushes all that was appended. A flush that fails is never tried again: the data may be gone and the retry succeed. */
  flush(): void {
    this.#throwFailure()
    if (this.#isFlushed) return
    try {
      this.#disk.flush(this.#file)
    } catch (error) {
      this.#failure = { error }
      throw error
    }
    this.#isFlushed = true
  }

  close(): void {
    this.#disk.close(this.#file)
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error
  }
}
