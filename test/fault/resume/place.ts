import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { parquetReadObjects } from 'hyparquet'
import { fieldOf } from '../../../src/core/json.js'
import { JOURNAL_FILE } from '../../../src/run/checkpoint/journal/journal.js'
import { readFirstRecord, readJournal, readLastRecord } from '../../../src/run/checkpoint/journal/read-journal.js'
import { remainsOf } from '../power/powered-place.js'
import { listTexts, readRemains } from '../power/read-remains.js'
import type { Tables } from './tables.js'
import type { Task } from './worker/task.js'

/** Writes a text, and makes the folders on the way. Returns the path. */
export function writeFile(folder: string, name: string, text: string): string {
  const file = path.join(folder, name)
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(file, text)
  return file
}

/** All targets by path, rows in an order of their own. */
export type Snapshot = { readonly [path: string]: string }

/** Seconds since 1970. */
const OLD = 1_700_000_000

/** A folder in which a flow runs: its targets, and beside them its runs. */
export class Place {
  readonly folder: string
  readonly runs: string
  readonly #tables: Tables | undefined

  private constructor(folder: string, tables: Tables | undefined) {
    this.#tables = tables
    this.folder = path.join(folder, 'work')
    this.runs = path.join(folder, 'runs')
  }

  /** A new one, in which these files lie. */
  static async create(folder: string, files: { readonly [path: string]: string }, tables?: Tables): Promise<Place> {
    const place = new Place(folder, tables)
    mkdirSync(place.folder, { recursive: true })
    // Whole seconds, which can be given to a file again.
    for (const [name, text] of Object.entries(files)) utimesSync(writeFile(place.folder, name, text), OLD, OLD)
    await tables?.create()
    return place
  }

  /** One that is there. */
  static open(folder: string): Place {
    return new Place(folder, undefined)
  }

  /** A run of a job here, or its resume. */
  task(job: string, resume: boolean): Task {
    return { job, cwd: this.folder, runs: this.runs, resume, set: { root: this.folder, ...this.#tables?.context } }
  }

  /** Waits until the databases have let go of all runs here. */
  async waitForRest(): Promise<void> {
    await this.#tables?.waitForRest()
  }

  /** Makes it hold what the power cut of its last process has left; returns all bytes there were, and those that are left. */
  losePower(): { readonly before: Snapshot; readonly after: Snapshot } {
    const folder = path.dirname(this.folder)
    const remains = remainsOf(folder)
    const texts = { before: listTexts(readRemains(folder)), after: listTexts(readRemains(remains)) }
    rmSync(folder, { recursive: true, force: true })
    renameSync(remains, folder)
    return texts
  }

  /** The targets, and the cursors that say up to where they hold their sources. */
  async snapshot(): Promise<Snapshot> {
    if (!existsSync(this.folder)) return {}
    const files = readdirSync(this.folder, { recursive: true, withFileTypes: true }).filter((entry) => !entry.isDirectory())
    const names = files.map((entry) => path.relative(this.folder, path.join(entry.parentPath, entry.name))).sort()
    const contents = await Promise.all(names.map(async (name) => [name, await readRows(path.join(this.folder, name))] as const))
    return { ...Object.fromEntries(contents), ...this.#cursors(), ...(await this.#tables?.snapshot()) }
  }

  /** Those that are kept in files. */
  #cursors(): Snapshot {
    const folder = path.join(path.dirname(this.folder), 'state')
    if (!existsSync(folder)) return {}
    const readCursor = (name: string): string => {
      const text = readFileSync(path.join(folder, name), 'utf8')
      return name.endsWith('.json') && !name.startsWith('.') ? String(fieldOf(JSON.parse(text), 'value')) : text
    }
    return Object.fromEntries(readdirSync(folder).map((name) => [`state/${name}`, readCursor(name)]))
  }

  /** Ids of the runs that have a journal, the oldest first. */
  runIds(): readonly string[] {
    if (!existsSync(this.runs)) return []
    return readdirSync(this.runs)
      .filter((run) => existsSync(path.join(this.runs, run, JOURNAL_FILE)))
      .sort()
  }

  /** Ids of the runs that have begun, the oldest first: a run that was killed before has nothing to be resumed. */
  begunIds(): readonly string[] {
    return this.runIds().filter((run) => readFirstRecord(path.join(this.runs, run, JOURNAL_FILE))?.kind === 'run')
  }

  /** What the last run came to; undefined: it has no end. */
  lastEnd(): string | undefined {
    const run = this.runIds().at(-1)
    const last = run === undefined ? undefined : readLastRecord(path.join(this.runs, run, JOURNAL_FILE))
    return last?.kind === 'end' ? last.status : undefined
  }

  /** The records of all runs, one a line, to look into what went wrong. */
  journals(): string {
    return this.runIds()
      .map((run) => {
        const lines: string[] = []
        readJournal(path.join(this.runs, run, JOURNAL_FILE), (record) => lines.push(JSON.stringify(record)))
        return [run, ...lines].join('\n')
      })
      .join('\n')
  }

  /** Names of what ought to be gone when a run has completed. */
  leftovers(): readonly string[] {
    if (!existsSync(this.runs)) return []
    return this.begunIds().flatMap((run) =>
      readdirSync(path.join(this.runs, run)).flatMap((name) => (/^(artifacts|spill)$/.test(name) ? [`${run}/${name}`] : [])),
    )
  }

  async remove(): Promise<void> {
    await this.#tables?.drop()
    rmSync(path.dirname(this.folder), { recursive: true, force: true })
  }
}

/** Sorted, since walks at once append in any order; the header of a CSV file stays first. */
async function readRows(file: string): Promise<string> {
  const bytes = readFileSync(file)
  if (/^PAR1/.test(bytes.toString('latin1', 0, 4))) {
    const buffer = new Uint8Array(bytes).buffer
    const rows = await parquetReadObjects({ file: buffer }).catch((error: unknown) => [{ error: String(error) }])
    return rows
      .map((row) => JSON.stringify(row, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value)))
      .sort()
      .join('\n')
  }
  const [first, ...lines] = bytes.toString('latin1').split('\n')
  return file.endsWith('.csv') ? [first, ...lines.sort()].join('\n') : [first, ...lines].sort().join('\n')
}
