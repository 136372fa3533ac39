import type { LogLevel } from '../../core/events.js'
import { isObject, parseJson } from '../../core/json.js'

/** A line of the log of a run. */
export interface LogEntry {
  /** As it stands in the log. */
  readonly text: string
  /** ISO 8601. */
  readonly time: string
  readonly level: LogLevel
  readonly message: string
  /** Undefined: it is of the run, or of a sub flow. */
  readonly node: string | undefined
  readonly subFlow: string | undefined
  /** `2.0`; undefined outside of loops. */
  readonly frame: string | undefined
  /** All that the line has. */
  readonly fields: { readonly [name: string]: unknown }
}

/** From the least to the most important. */
export const LOG_LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error']

/** What of a log is wanted. */
export interface LogWanted {
  /** A node or a sub flow, in all frames (`load`) or in one (`load#2.0`). */
  readonly name?: string
  /** The least important level. */
  readonly level?: LogLevel
  /** ISO 8601 in UTC: the earliest time. */
  readonly since?: string
}

/** A line of the log; undefined when it is none: it was cut off when the process was killed or the disk was full. */
export function parseLogLine(text: string): LogEntry | undefined {
  const fields = parseJson(text)
  if (!isObject(fields)) return undefined
  const { time, msg } = fields
  const level = LOG_LEVELS.find((known) => known === fields.level)
  if (typeof time !== 'string' || level === undefined || typeof msg !== 'string') return undefined
  return {
    text,
    time,
    level,
    message: msg,
    node: readText(fields.node),
    subFlow: readText(fields.subFlow),
    frame: readText(fields.frame),
    fields,
  }
}

/** Whether a line is one of those that are wanted. */
export function isWanted({ time, node, subFlow, frame, level, fields }: LogEntry, wanted: LogWanted): boolean {
  if (wanted.since !== undefined && time < wanted.since) return false
  if (wanted.level !== undefined && LOG_LEVELS.indexOf(level) < LOG_LEVELS.indexOf(wanted.level)) return false
  if (wanted.name === undefined) return true
  // A connection is of both of its ends.
  const names = [node, subFlow, readText(fields.from), readText(fields.to)]
  return names.some((name) => name !== undefined && (wanted.name === name || (frame !== undefined && wanted.name === `${name}#${frame}`)))
}

function readText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
