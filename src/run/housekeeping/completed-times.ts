import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { isObject, parseJson } from '../../core/json.js'
import { type Disk, readText } from '../checkpoint/files/disk.js'
import type { RunRecord } from '../checkpoint/journal/records.js'

/** A run that has completed, for a backfill that skips what was done. */
export interface CompletedTime {
  readonly run: string
  /** The logical time. */
  readonly date: string
  /** What it ran with, see {@link purposeOf}. */
  readonly purpose: string
}

/** In a runs folder: what is known of the completed runs whose folders are gone, one line of JSON each. */
const FILE = 'completed.jsonl'

/** What of a run tells its purpose. */
type Purpose = Pick<RunRecord, 'job' | 'time_zone' | 'context' | 'sealed_context' | 'withheld_context' | 'set'>

/** Two runs of one purpose and one logical time did the same: a hash of job, time zone, context and `--set`, of secrets only where they are. */
export function purposeOf({ job, time_zone, context, sealed_context, withheld_context, set }: Purpose): string {
  const text = JSON.stringify({ job, time_zone, context, sealed_context, withheld_context, set }, (_, value: unknown) =>
    isObject(value) ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : value,
  )
  return createHash('sha256').update(text).digest('hex').slice(0, 32)
}

/** Notes completed runs before their folders go. */
export function noteCompleted(runsFolder: string, times: readonly CompletedTime[], disk: Disk): void {
  if (times.length === 0) return
  const file = disk.openAppend(path.join(runsFolder, FILE))
  try {
    // A new line first: the last one may have been torn.
    disk.append(file, Buffer.from(times.map((time) => `\n${JSON.stringify(time)}`).join('')))
    disk.flush(file)
  } finally {
    disk.close(file)
  }
  disk.flushFolder(runsFolder)
}

/** The completed runs whose folders are gone, the oldest first. */
export function readCompleted(runsFolder: string): CompletedTime[] {
  const file = path.join(runsFolder, FILE)
  if (!existsSync(file)) return []
  return readText(file)
    .split('\n')
    .flatMap((line) => parseLine(line) ?? [])
}

/** A torn line is that of a run whose folder was not removed, for the lines are flushed first. */
function parseLine(line: string): CompletedTime | undefined {
  const value = parseJson(line)
  if (!isObject(value)) return undefined
  const { run, date, purpose } = value
  return typeof run === 'string' && typeof date === 'string' && typeof purpose === 'string' ? { run, date, purpose } : undefined
}
