import path from 'node:path'
import { JOURNAL_FILE } from '../checkpoint/journal/journal.js'
import { readStarts } from '../checkpoint/journal/read-starts.js'
import type { RunRecord } from '../checkpoint/journal/records.js'
import { findLaterCommit } from '../resume/later-commit.js'

/** Runs that a later one of their job has overtaken; to be asked in turns, the newest run first. */
export class Overtaken {
  readonly #runsFolder: string
  /** By job: what overtook one run came after all older ones too, unless these were gone on with. */
  readonly #later = new Map<string, string>()

  constructor(runsFolder: string) {
    this.#runsFolder = runsFolder
  }

  findLater({ job, run }: RunRecord): string | undefined {
    const starts = readStarts(path.join(this.#runsFolder, run, JOURNAL_FILE))
    const known = starts.resumes.length === 0 ? this.#later.get(job) : undefined
    if (known !== undefined) return known
    const later = findLaterCommit(this.#runsFolder, run, starts)
    if (later !== undefined) this.#later.set(job, later)
    return later
  }
}
