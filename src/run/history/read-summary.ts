import { existsSync, statSync } from 'node:fs'
import path from 'node:path'
import type { EventError, RunStatus } from '../../core/events.js'
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
  /** Bytes. */
  readonly peakMemory: number | null
  /** Artifacts that went to disk, and their bytes. */
  readonly spilled: { readonly artifacts: number; readonly bytes: number }
  readonly errors: readonly EventError[]
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
  const { status, seconds, rows, peak_memory, spilled, errors } = value
  return {
    status: STATUSES.find((known) => known === status),
    seconds: readNumber(seconds),
    rows: readNumber(rows),
    peakMemory: readNumber(peak_memory),
    spilled: isObject(spilled)
      ? { artifacts: readNumber(spilled.artifacts) ?? 0, bytes: readNumber(spilled.bytes) ?? 0 }
      : { artifacts: 0, bytes: 0 },
    errors: Array.isArray(errors) ? errors.filter(isEventError) : [],
    written: statSync(file).mtimeMs,
  }
}

function readNumber(value: unknown): number | null {
  return typeof value === 'number' ? value : null
}

function isEventError(value: unknown): value is EventError {
  return isObject(value) && typeof value.code === 'string' && typeof value.message === 'string'
}
