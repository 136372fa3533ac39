import { existsSync, statSync } from 'node:fs'
import path from 'node:path'
import type { RunStatus } from '../../core/events.js'
import { isObject, parseJson } from '../../core/json.js'
import { readText } from '../checkpoint/files/disk.js'
import { SUMMARY_FILE } from '../observe/summary.js'

/** What the summary of a run says, as far as it can be read. */
export interface ReadSummary {
  readonly status: RunStatus | undefined
  /** Of the process that wrote it. */
  readonly seconds: number | null
  /** Rows that the sinks of the run wrote. */
  readonly rows: number | null
  /** When the file was written, in milliseconds. */
  readonly written: number
}

const STATUSES: readonly RunStatus[] = ['completed', 'failed', 'cancelled']

/** Undefined: there is none, or it was cut off when the disk was full; it is for people, and nothing depends on it. */
export function readSummary(folder: string): ReadSummary | undefined {
  const file = path.join(folder, SUMMARY_FILE)
  if (!existsSync(file)) return undefined
  const value = parseJson(readText(file))
  if (!isObject(value)) return undefined
  const { status, seconds, rows } = value
  return {
    status: STATUSES.find((known) => known === status),
    seconds: typeof seconds === 'number' ? seconds : null,
    rows: typeof rows === 'number' ? rows : null,
    written: statSync(file).mtimeMs,
  }
}
