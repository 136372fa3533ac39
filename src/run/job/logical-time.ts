import { PypeError } from '../../core/errors.js'

const FORM = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(\.\d{1,6})?)?)?$/

/** The logical time of a run as the text of a TIMESTAMP: what `--date` gave (a DATE or a TIMESTAMP), else the time of the start. */
export function readLogicalTime(date: string | undefined, started: Date, timeZone: string): string {
  return date === undefined ? formatIn(started, timeZone) : parseLogicalTime(date, '--date')
}

/** A DATE or a TIMESTAMP that an option gave, as the text of a TIMESTAMP. Throws USAGE. */
export function parseLogicalTime(date: string, option: string): string {
  const match = FORM.exec(date.trim())
  const [, year, month, day, hour = '00', minute = '00', second = '00', fraction = ''] = match ?? []
  const text = `${year}-${month}-${day} ${hour}:${minute}:${second}`
  const parsed = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  // A day that the month does not have is moved on by Date; it comes back different then.
  if (match !== null && !Number.isNaN(parsed.getTime()) && parsed.toISOString().slice(0, 19).replace('T', ' ') === text)
    return text + fraction
  throw new PypeError('USAGE', `${option} ${date} is neither a date nor a time.`, {
    hint: `e.g. ${option} 2026-01-31 or ${option} "2026-01-31 06:00:00"`,
  })
}

function formatIn(time: Date, timeZone: string): string {
  // For Intl to load its data takes longer than to read the whole job.
  if (timeZone === 'UTC') return time.toISOString().slice(0, 19).replace('T', ' ')
  // The Swedish form of a date is that of ISO 8601.
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' })
  return format.format(time)
}
