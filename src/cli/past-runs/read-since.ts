import { PypeError } from '../../core/errors.js'

const UNITS: ReadonlyMap<string, number> = new Map([
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
])

const MOMENT = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?)?(Z|[+-]\d\d:\d\d)?$/

/** The moment that `--since` means, in ISO 8601 and UTC as lines of a log have it: so long ago (`10m`), or a date with or without a time, which is UTC unless it has an offset. Throws USAGE. */
export function readSince(text: string, now: Date): string {
  const [, count, unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? []
  if (count !== undefined) return new Date(now.getTime() - Number(count) * (UNITS.get(unit) ?? 0)).toISOString()
  const [whole, offset] = MOMENT.exec(text) ?? []
  const isDate = whole?.length === 10
  const moment = new Date(whole === undefined ? Number.NaN : `${whole.replace(' ', 'T')}${offset === undefined && !isDate ? 'Z' : ''}`)
  // The runtime takes the 31st of February for the 3rd of March.
  const isDay = !Number.isNaN(moment.getTime()) && new Date(text.slice(0, 10)).toISOString().startsWith(text.slice(0, 10))
  if (isDay) return moment.toISOString()
  throw new PypeError('USAGE', `--since ${text} is no moment.`, {
    hint: 'so long ago, with s, m, h or d (--since 10m), or a time in UTC as the log has it (--since 2026-01-31T06:00)',
  })
}
