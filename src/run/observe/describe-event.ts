import type { LogLevel, RunEvent } from '../../core/events.js'
import { formatFrame, nameInFrame, ROOT_FRAME } from '../../core/frame.js'
import { formatQuantity, formatSeconds } from '../../core/quantity.js'

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
  const inFrame = (name: string) => nameInFrame(name, 'frame' in event ? (event.frame ?? ROOT_FRAME) : ROOT_FRAME)
  switch (event.type) {
    case 'run.started':
      return ['info', `run of ${event.job} started`]
    case 'run.completed':
      return [event.status === 'completed' ? 'info' : 'error', `run ${event.status} after ${formatSeconds(event.seconds, 2)}`]
    case 'subflow.started':
      return [
        event.attempt > 1 ? 'info' : 'debug',
        `${inFrame(event.subFlow)} started${event.attempt > 1 ? `, attempt ${event.attempt}` : ''}`,
      ]
    case 'subflow.retried':
      return [
        'warn',
        `${inFrame(event.subFlow)} failed (${event.error.message}); attempt ${event.attempt} follows in ${formatSeconds(event.delaySeconds, 1)}`,
      ]
    case 'subflow.completed':
      return event.recorded
        ? ['debug', `${inFrame(event.subFlow)} completed in an earlier process`]
        : ['info', `${inFrame(event.subFlow)} completed`]
    case 'subflow.failed':
      return ['error', `${inFrame(event.subFlow)} failed: ${event.error.message}`]
    case 'subflow.skipped':
      return ['info', `${inFrame(event.subFlow)} skipped`]
    case 'subflow.blocked':
      return ['warn', `${inFrame(event.subFlow)} blocked`]
    case 'subflow.cancelled':
      return ['warn', `${inFrame(event.subFlow)} cancelled`]
    case 'node.started':
      return ['debug', `${inFrame(event.node)} started`]
    case 'node.completed':
      return ['info', `${inFrame(event.node)} completed`]
    case 'node.recorded':
      return ['debug', `${event.node} completed in an earlier process`]
    case 'node.failed':
      return ['error', `${inFrame(event.node)} failed: ${event.error.message}`]
    case 'valve.taken':
      return ['debug', `${inFrame(event.from)} to ${inFrame(event.to)} taken`]
    case 'valve.closed':
      return [
        event.error === undefined ? 'debug' : 'error',
        `${inFrame(event.from)} to ${inFrame(event.to)} not taken${event.error === undefined ? '' : `: ${event.error.message}`}`,
      ]
    case 'loop.started':
      return ['info', `${inFrame(event.to)} starts ${formatQuantity(event.items, 'time')}, once per item of ${inFrame(event.from)}`]
    case 'frame.started':
      return ['debug', `frame ${formatFrame(event.frame)} of ${event.to} started`]
    case 'frame.ended':
      return [event.failed ? 'warn' : 'debug', `frame ${formatFrame(event.frame)} of ${event.to} ${event.failed ? 'failed' : 'completed'}`]
    case 'artifact.spilled':
      return ['info', `${inFrame(`${event.node}.${event.port}`)} went to disk: ${event.reason}`]
    case 'run.progress':
      return ['debug', `${formatQuantity(event.statements.length, 'statement')} running`]
    case 'checkpoint.saved':
      return ['debug', `${inFrame(event.subFlow)} saved`]
    case 'leftover.settled':
      return ['warn', describeLeftover(event)]
    case 'log':
      return [event.level, event.message]
  }
}

function describeLeftover({ run, finished, removed }: Extract<RunEvent, { type: 'leftover.settled' }>): string {
  return `the killed run ${run} was settled: ${formatQuantity(finished, 'commit')} finished, ${formatQuantity(removed, 'staged file')} removed`
}
