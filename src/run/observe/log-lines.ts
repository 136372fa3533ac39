import { createRequire } from 'node:module'
import path from 'node:path'
import type { DestinationStream } from 'pino'
import type { LogLevel } from '../../core/events.js'
import { describeEvent } from './describe-event.js'
import type { Listener } from './emitter.js'

/** The log in the folder of a run. */
export const LOG_FILE = 'log.jsonl'

/** Where log lines go; `file` is {@link LOG_FILE}. */
export type LogDestination = 'file' | 'stderr'

/** Where the log goes, and from which level on. */
export interface LogOptions {
  readonly level: LogLevel
  /** None: no log. */
  readonly destinations: readonly LogDestination[]
}

/** The JSON log: one line per event, each with the run, and with node and frame where the event has them. */
export function createLogListeners(options: LogOptions, runId: string, runFolder: string, stderr: (text: string) => void): Listener[] {
  return options.destinations.map((where) => {
    if (where === 'stderr') return withoutProgress(createListener('stderr', { write: stderr }, options.level, runId))
    const { destination } = loadPino()
    // Synchronous: a kill loses no line, and nothing waits for the disk at the end.
    const file = destination({ dest: path.join(runFolder, LOG_FILE), sync: true })
    let failure: Error | undefined
    file.on('error', (error: Error) => {
      failure = error
    })
    const listener = withoutProgress(createListener('log file', file, options.level, runId))
    return {
      ...listener,
      hear: (event) => {
        if (failure !== undefined) throw failure
        listener.hear(event)
      },
      close: () => file.end(),
    }
  })
}

/** Every event as a line of JSON like those of the log, whatever the level of that is. */
export function createEventLines(runId: string, write: (line: string) => void): Listener {
  return createListener('event lines', { write }, 'debug', runId)
}

function createListener(name: string, stream: DestinationStream, level: LogLevel, runId: string): Listener {
  const { pino } = loadPino()
  const logger = pino(
    { level, base: { run: runId }, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: (label) => ({ level: label }) } },
    stream,
  )
  return {
    name,
    hear: (event) => {
      const line = describeEvent(event)
      logger[line.level](line.fields, line.message)
    },
  }
}

/** A log is of what has happened, and not of how far something has come. */
function withoutProgress(listener: Listener): Listener {
  return {
    ...listener,
    hear: (event) => {
      if (event.type !== 'run.progress') listener.hear(event)
    },
  }
}

/** A run without a log does without it. */
function loadPino(): typeof import('pino') {
  return createRequire(import.meta.url)('pino')
}
