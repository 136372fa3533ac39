import { PypeError } from '../../core/errors.js'
import { formatCount } from '../../core/quantity.js'
import { parseLogicalTime } from '../job/logical-time.js'
import { LocalClock } from './clock.js'

/** The steps from one logical time to the next. */
export const STEPS = ['hour', 'day', 'week', 'month'] as const
export type Step = (typeof STEPS)[number]

/** Which logical times a backfill has. */
export interface DateRange {
  /** A date or a time, like `--date`. */
  readonly from: string
  /** A date (all of that day) or a time; the last one that may be reached. */
  readonly to: string
  readonly every: Step
  readonly timeZone: string
}

/** More are taken for a mistake. */
const MOST_DATES = 100_000

/** Years have four digits. */
const LAST_MOMENT = Date.UTC(9999, 11, 31, 23, 59, 59)
const HOUR = 3_600_000
const DAY = 24 * HOUR
const WIDTH = { hour: HOUR, day: DAY, week: 7 * DAY } as const

/**
 * The logical times of a backfill, ascending, as texts of TIMESTAMPs. They go by the clock on the wall: a step that the clock of the time zone leaves
 * out whole, as it is put forward, is left out, and the hour that it shows twice is there once. Months keep the day of the first one, or
 * take their last day. Throws USAGE.
 */
export function planDates({ from, to, every, timeZone }: DateRange): string[] {
  const first = readTime(from, '--from')
  const last = readTime(isDay(to) ? `${to.trim()} 23:59:59.999999` : to, '--to')
  if (first.text > last.text) {
    throw new PypeError('USAGE', `--from ${from} is after --to ${to}.`, { hint: 'give the earlier one as --from' })
  }
  // Before they are counted one by one; no zone leaves out a tenth of its hours.
  if ((last.ms - first.ms) / (every === 'month' ? 31 * DAY : WIDTH[every]) > 1.1 * MOST_DATES) throw tooMany(from, to, every)
  const clock = new LocalClock(timeZone)
  const dates: string[] = []
  for (let i = 0; ; i++) {
    const begin = step(first.ms, every, i)
    const text = formatTime(begin) + first.fraction
    if (text > last.text || begin > LAST_MOMENT) break
    if (!clock.leavesOut(begin, step(first.ms, every, i + 1))) dates.push(text)
    if (dates.length > MOST_DATES) throw tooMany(from, to, every)
  }
  return dates
}

/** The same logical time always as the same text: no zeros at the end of a fraction. */
export function normalizeTime(text: string): string {
  return text.replace(/(\.\d*?)0+$/, '$1').replace(/\.$/, '')
}

interface ReadTime {
  /** Without the fraction. */
  readonly ms: number
  readonly fraction: string
  readonly text: string
}

function readTime(given: string, option: string): ReadTime {
  const text = normalizeTime(parseLogicalTime(given, option))
  return { ms: Date.parse(`${text.slice(0, 19).replace(' ', 'T')}Z`), fraction: text.slice(19), text }
}

function isDay(text: string): boolean {
  return /^\s*\d{4}-\d{2}-\d{2}\s*$/.test(text)
}

function formatTime(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ')
}

/** The i-th step from the first time on. */
function step(first: number, every: Step, i: number): number {
  if (every !== 'month') return first + i * WIDTH[every]
  const start = new Date(first)
  const month = new Date(first)
  month.setUTCMonth(start.getUTCMonth() + i, 1)
  const days = new Date(Date.UTC(month.getUTCFullYear(), month.getUTCMonth() + 1, 0)).getUTCDate()
  return month.setUTCDate(Math.min(start.getUTCDate(), days))
}

function tooMany(from: string, to: string, every: Step): PypeError {
  const most = formatCount(MOST_DATES)
  return new PypeError('USAGE', `From ${from} to ${to} there are more than ${most} runs, one every ${every}.`, {
    hint: 'look at the dates once more, or divide the backfill',
  })
}
