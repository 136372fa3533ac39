import type { TextFormat } from './number-text.js'

const DAY = /^\s*\d{1,2}\.\d{1,2}\.\d{4}\s*$/
const DAY_AND_TIME = /^\s*\d{1,2}\.\d{1,2}\.\d{4} \d{1,2}:\d{2}(:\d{2})?\s*$/
const SLASHED = /^\s*\d{1,2}\/\d{1,2}\/\d{4}\s*$/
const COMMA_NUMBER = /^\s*[+-]?\d+,\d+\s*$/
const POINT_GROUPS = /^\s*[+-]?\d{1,3}(\.\d{3})+(,\d*)?\s*$/
const COMMA_GROUPS = /^\s*[+-]?\d{1,3}(,\d{3})+\.\d+\s*$/

/** The configs of csv_source by which a value that does not fit its type would, where it is written in another notation; else undefined. */
export function notationHint(value: string, type: string, format: TextFormat): string | undefined {
  const name = type.trim().toUpperCase()
  if (name === 'DATE' && format.dateFormat === undefined) {
    if (DAY.test(value)) return 'set date_format: "%d.%m.%Y"'
    if (SLASHED.test(value)) return 'set date_format: "%d/%m/%Y" or "%m/%d/%Y", whichever is meant'
  }
  if (/^(TIMESTAMP|DATETIME)/.test(name) && format.timestampFormat === undefined) {
    const seconds = DAY_AND_TIME.exec(value)
    if (seconds !== null) return `set timestamp_format: "%d.%m.%Y %H:%M${seconds[1] === undefined ? '' : ':%S'}"`
  }
  return /^(U?(TINY|SMALL|BIG|HUGE)?INT|INTEGER|DECIMAL|NUMERIC|DOUBLE|FLOAT|REAL)/.test(name) ? numberHint(value, format) : undefined
}

function numberHint(value: string, { decimal, thousands }: TextFormat): string | undefined {
  if (decimal === ',') return thousands === undefined && POINT_GROUPS.test(value) ? 'set thousands: "."' : undefined
  if (COMMA_GROUPS.test(value)) return thousands === undefined ? 'set thousands: ","' : undefined
  if (value.includes(',') && POINT_GROUPS.test(value)) return 'set decimal: "," and thousands: "."'
  return COMMA_NUMBER.test(value) ? 'set decimal: ","' : undefined
}
