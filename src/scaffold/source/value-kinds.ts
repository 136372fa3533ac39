/** How the values of a column of a CSV file are written. */
export interface ValueKind {
  readonly type: string
  /** What the source has to be told for it, as lines of YAML. */
  readonly configs: readonly string[]
  readonly fits: (value: string) => boolean
}

const DOTTED = /^(\d{1,2})\.(\d{1,2})\.(\d{4})$/
const DOTTED_TIME = /^(\d{1,2}\.\d{1,2}\.\d{4}) \d{1,2}:\d{2}(:\d{2})?$/
const ISO = /^(\d{4})-(\d{2})-(\d{2})$/

/** The decimal sign of many countries. */
export const COMMA = 'decimal: ","'

/** Numbers in the notation of programs; a zero in front makes a code of one. */
export const POINTED: ValueKind = {
  type: 'DOUBLE',
  configs: [],
  fits: (value) => /^[+-]?(0|[1-9]\d{0,14})(\.\d{1,15})?$/.test(value),
}

/** From the plainest on. Days and months with slashes can be meant either way. */
const VALUE_KINDS: readonly ValueKind[] = [
  { type: 'BIGINT', configs: [], fits: (value) => /^[+-]?(0|[1-9]\d{0,17})$/.test(value) },
  POINTED,
  { type: 'DOUBLE', configs: [COMMA], fits: (value) => /^[+-]?(0|[1-9]\d{0,14})(,\d{1,15})?$/.test(value) },
  {
    type: 'DOUBLE',
    configs: [COMMA, 'thousands: "."'],
    fits: (value) => /^[+-]?(0|[1-9]\d{0,2}(\.\d{3})*|[1-9]\d{0,14})(,\d{1,15})?$/.test(value),
  },
  { type: 'DATE', configs: [], fits: (value) => isDay(ISO.exec(value)?.slice(1)) },
  { type: 'DATE', configs: ['date_format: "%d.%m.%Y"'], fits: (value) => isDay(DOTTED.exec(value)?.slice(1).reverse()) },
  { type: 'TIMESTAMP', configs: ['timestamp_format: "%d.%m.%Y %H:%M"'], fits: (value) => isDottedTime(value, false) },
  { type: 'TIMESTAMP', configs: ['timestamp_format: "%d.%m.%Y %H:%M:%S"'], fits: (value) => isDottedTime(value, true) },
]

/** How values may be written in a file: a comma between digits is no decimal sign where commas separate values. */
export function valueKinds(delimiter: string): readonly ValueKind[] {
  return delimiter === ',' ? VALUE_KINDS.filter(({ configs }) => !configs.includes(COMMA)) : VALUE_KINDS
}

/** Year, month and day of the calendar. */
function isDay(parts: readonly string[] | undefined): boolean {
  const [year = 0, month = 0, day = 0] = parts?.map(Number) ?? []
  const date = new Date(Date.UTC(year, month - 1, day))
  return parts !== undefined && date.getUTCMonth() === month - 1 && date.getUTCDate() === day
}

function isDottedTime(value: string, hasSeconds: boolean): boolean {
  const [, day = '', seconds] = DOTTED_TIME.exec(value) ?? []
  return (seconds !== undefined) === hasSeconds && isDay(DOTTED.exec(day)?.slice(1).reverse())
}
