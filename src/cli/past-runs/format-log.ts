import type { LogLevel } from '../../core/events.js'
import { makePrintable } from '../../core/make-printable.js'
import { hangText } from '../../core/wrap-text.js'
import type { LogEntry } from '../../run/history/log-entry.js'
import type { Page } from '../terminal/open-page.js'
import type { Color } from '../terminal/open-paint.js'
import { ToldErrors } from './told-errors.js'

const LEVEL_COLORS: { readonly [level in LogLevel]: Color } = { debug: 'dim', info: 'green', warn: 'magenta', error: 'red' }

/** What the line says already. */
const SAID = ['level', 'time', 'run', 'event', 'msg', 'node', 'frame', 'code', 'hint']
/** What the messages of events say too, or would be of no use to a reader. */
const SAID_BY_EVENTS = ['subFlow', 'from', 'to', 'error', 'attempt', 'recorded', 'blocking', 'failed', 'status', 'began']
/** Blanks before the second line of a message. */
const MARGIN = ' '.repeat(20)
/** Characters of one value. */
const LONGEST_VALUE = 200

/**
 * Writes lines of a log for people: time (UTC), level, message, and what else the line has. A line with the date stands before the first line of each day. An
 * error is told once, though its node, its sub flow and its run have it.
 */
export class LogFormat {
  readonly #page: Page
  readonly #errors = new ToldErrors()
  #day = ''

  constructor(page: Page) {
    this.#page = page
  }

  format(entry: LogEntry): string {
    const { time, level } = entry
    const { paint, wrapAt, spellSigns } = this.#page
    const day = time.slice(0, 10)
    const head = day === this.#day ? '' : `${paint('dim', `${day} (UTC)`)}\n`
    this.#day = day
    const lead = `${paint('dim', time.slice(11, 23))} ${paint(LEVEL_COLORS[level], level.padEnd(5))}  `
    const { message, below } = this.#errors.tell(entry)
    const [first = '', ...rest] = toPrintableLines(spellSigns(`${nameOf(entry)}${message}`))
    const fields = spellSigns(describeFields(entry))
    const lines = [
      hangText(lead, fields === '' ? first : `${first}  ${paint('dim', fields)}`, wrapAt),
      ...[...rest, ...below.map(spellSigns).flatMap(toPrintableLines)].map((line) => hangText(MARGIN, line, wrapAt)),
    ]
    return `${head}${lines.join('\n')}\n`
  }
}

/** Whose the message is, where it does not say so itself: events of the walk do, but a sub flow is mostly called like one of its nodes. */
function nameOf({ fields, node, subFlow, frame }: LogEntry): string {
  if (subFlow !== undefined) return 'sub flow '
  if (fields.event !== 'log' || node === undefined) return ''
  return `${node}${frame === undefined ? '' : `#${frame}`}: `
}

function describeFields({ fields }: LogEntry): string {
  const said = new Set(fields.event === 'log' ? SAID : [...SAID, ...SAID_BY_EVENTS])
  return Object.entries(fields)
    .flatMap(([name, value]) => (said.has(name) || value === null ? [] : [`${name}=${makePrintable(formatValue(value))}`]))
    .join(' ')
}

function formatValue(value: unknown): string {
  if (typeof value === 'number') return String(Number.isInteger(value) ? value : Number(value.toFixed(3)))
  const text = typeof value === 'string' && /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value)
  return text.length <= LONGEST_VALUE ? text : `${text.slice(0, LONGEST_VALUE)}…`
}

/** What a command has printed must not steer the terminal. */
function toPrintableLines(text: string): string[] {
  return text.split('\n').map(makePrintable)
}
