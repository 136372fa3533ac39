import type { LogLevel, RunEvent } from '../../core/events.js'
import { formatFrame } from '../../core/frame.js'

/** A line of the log. */
export interface LogLine {
  readonly level: LogLevel
  readonly message: string
  /** Plain values, for JSON. */
  readonly fields: { readonly [name: string]: unknown }
}

/** The line of the log that an event is. What is of a single frame of a loop is at debug level, unless something is wrong. */
export function describeEvent(event: RunEvent): LogLine {
  const { type, frame, ...rest } = { frame: undefined, ...event }
  const [level, message] = levelAndMessage(event)
  const own: { [name: string]: unknown } = { ...rest }
  if (event.type === 'log') {
    delete own.level
    delete own.message
    delete own.fields
    Object.assign(own, event.fields)
  }
  const inFrame = frame !== undefined && frame.length > 0
  const fields = { event: type, ...own, ...(inFrame ? { frame: formatFrame(frame) } : {}) }
  return { level: inFrame && level === 'info' && event.type !== 'log' ? 'debug' : level, message, fields }
}

function levelAndMessage(event: RunEvent): readonly [LogLevel, string] {
  switch (event.type) {
    case 'run.started':
      return ['info', `run of ${event.job} started`]
    case 'run.completed':
      return [event.status === 'completed' ? 'info' : 'error', `run ${event.status} after ${event.seconds.toFixed(2)} s`]
    case 'subflow.started':
      return [event.attempt > 1 ? 'info' : 'debug', `${event.subFlow} started${event.attempt > 1 ? `, attempt ${event.attempt}` : ''}`]
    case 'subflow.retried':
      return [
        'warn',
        `${event.subFlow} failed (${event.error.message}); attempt ${event.attempt} follows in ${event.delaySeconds.toFixed(1)} s`,
      ]
    case 'subflow.completed':
      return ['info', `${event.subFlow} completed${event.recorded ? ' in an earlier process' : ''}`]
    case 'subflow.failed':
      return ['error', `${event.subFlow} failed: ${event.error.message}`]
    case 'subflow.skipped':
      return ['info', `${event.subFlow} skipped`]
    case 'subflow.blocked':
      return ['warn', `${event.subFlow} blocked`]
    case 'subflow.cancelled':
      return ['warn', `${event.subFlow} cancelled`]
    case 'node.started':
      return ['debug', `${event.node} started`]
    case 'node.completed':
      return ['info', `${event.node} completed`]
    case 'node.failed':
      return ['error', `${event.node} failed: ${event.error.message}`]
    case 'valve.taken':
      return ['debug', `${event.from} to ${event.to} taken`]
    case 'valve.closed':
      return [
        event.error === undefined ? 'debug' : 'error',
        `${event.from} to ${event.to} not taken${event.error === undefined ? '' : `: ${event.error.message}`}`,
      ]
    case 'loop.started':
      return ['info', `${event.to} starts ${event.items} times, once per item of ${event.from}`]
    case 'frame.started':
      return ['debug', `frame ${formatFrame(event.frame)} of ${event.to} started`]
    case 'frame.ended':
      return [event.failed ? 'warn' : 'debug', `frame ${formatFrame(event.frame)} of ${event.to} ${event.failed ? 'failed' : 'completed'}`]
    case 'artifact.spilled':
      return ['info', `${event.node}.${event.port} went to disk: ${event.reason}`]
    case 'checkpoint.saved':
      return ['debug', `${event.subFlow} saved`]
    case 'leftover.settled':
      return ['warn', `the killed run ${event.run} was settled: ${event.finished} commits finished, ${event.removed} staged files removed`]
    case 'log':
      return [event.level, event.message]
  }
}
