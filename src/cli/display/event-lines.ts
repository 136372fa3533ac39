import path from 'node:path'
import { escapeMessage } from '../../core/escape-controls.js'
import type { RunEvent } from '../../core/events.js'
import { formatBytes, formatCount, formatQuantity, formatSeconds } from '../../core/quantity.js'
import { hangText } from '../../core/wrap-text.js'
import { describeEvent } from '../../run/observe/describe-event.js'
import type { Listener } from '../../run/observe/emitter.js'

/** Lines on single frames of loops: of more than these the log tells. */
const MOST_FRAME_LINES = 20

/** A line for each event of a run that somebody would want to see who does not look at its log: what has ended, with its figures. Messages are broken at `columns`. */
export function createEventLines(print: (text: string) => void, now: () => number, columns: number): Listener {
  const begun = now()
  const loops = new Map<string, { readonly items: number; ended: number; failed: number }>()
  let frameLines = 0
  const say = (message: string) => {
    const time = formatSeconds((now() - begun) / 1000, 2).padStart(10)
    print(`${hangText(`${time}  `, escapeMessage(message), columns)}\n`)
  }
  return {
    name: 'event lines',
    hear: (event) => {
      if (event.type === 'loop.started') loops.set(`${event.from}>${event.to}`, { items: event.items, ended: event.recorded, failed: 0 })
      if (event.type === 'frame.ended') {
        const loop = loops.get(`${event.from}>${event.to}`)
        if (loop !== undefined) countPass(loop, event, say)
        return
      }
      const message = toMessage(event)
      if (message === undefined) return
      if ('frame' in event && (event.frame?.length ?? 0) > 0) {
        frameLines++
        if (frameLines > MOST_FRAME_LINES + 1) return
        if (frameLines > MOST_FRAME_LINES) {
          say('more lines on single frames are in the log')
          return
        }
      }
      say(message)
    },
  }
}

/** A loop of many passes has a line for each tenth of them. */
function countPass(
  loop: { readonly items: number; ended: number; failed: number },
  { from, failed }: Extract<RunEvent, { type: 'frame.ended' }>,
  say: (message: string) => void,
): void {
  loop.ended++
  if (failed) loop.failed++
  const step = Math.max(1, Math.ceil(loop.items / 10))
  if (loop.ended % step !== 0 && loop.ended !== loop.items) return
  const failures = loop.failed === 0 ? '' : `, ${formatCount(loop.failed)} failed`
  say(`${formatCount(loop.ended)} of ${formatQuantity(loop.items, 'item')} of ${from}${failures}`)
}

/** Undefined: nothing that is worth a line, or something that is printed elsewhere: warnings, and how the run ended. */
function toMessage(event: RunEvent): string | undefined {
  const { level, message } = describeEvent(event)
  switch (event.type) {
    case 'run.started':
      return `${message} (${path.basename(event.folder)})`
    case 'run.completed':
    case 'node.failed':
    case 'subflow.retried':
    case 'leftover.settled':
      return undefined
    case 'node.completed': {
      const { rows, bytes, rejected, seconds } = event
      const figures = [
        ...(rows === null ? [] : [formatQuantity(rows, 'row')]),
        ...(bytes === null ? [] : [formatBytes(bytes)]),
        ...(rejected === null || rejected === 0 ? [] : [`${formatCount(rejected)} rejected`]),
        ...(seconds === 0 ? [] : [formatSeconds(seconds, 2)]),
      ]
      return level === 'debug' ? undefined : figures.length === 0 ? message : `${message}: ${figures.join(', ')}`
    }
    case 'subflow.completed':
      return level === 'debug' ? undefined : `${message} in ${formatSeconds(event.seconds, 2)}`
    case 'log':
      // What a command writes is in the log; a warning is printed as such.
      if (level !== 'info' || event.fields?.['stream'] !== undefined) return undefined
      return event.node === undefined ? message : `${event.node}: ${message}`
    default:
      return level === 'debug' ? undefined : message
  }
}
