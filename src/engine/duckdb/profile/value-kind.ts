/** What can be measured of the values of a type. */
export type ValueKind = 'integer' | 'number' | 'date' | 'timestamp' | 'time' | 'nested' | 'other'

/** The kind of a type by the engine's name of it. */
export function kindOfType(type: string): ValueKind {
  if (/^U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)$/.test(type)) return 'integer'
  if (/^(FLOAT|DOUBLE|DECIMAL\(.*\))$/.test(type)) return 'number'
  if (type === 'DATE') return 'date'
  if (/^TIMESTAMP(_S|_MS|_NS| WITH TIME ZONE)?$/.test(type)) return 'timestamp'
  if (type === 'TIME') return 'time'
  return /[[(]/.test(type) && !/^ENUM/.test(type) ? 'nested' : 'other'
}

/** Types with values that are not finite. */
export function hasInfinities(type: string): boolean {
  return /^(FLOAT|DOUBLE|DATE|TIMESTAMP.*)$/.test(type)
}

/** Whether values can be put on a line: quantiles and histograms are for these. */
export function isOnLine(kind: ValueKind): boolean {
  return kind !== 'nested' && kind !== 'other'
}

/** A place on that line as the text of a value: `position` is the number itself, or seconds. */
export function formatPosition(position: number, kind: ValueKind): string {
  if (kind === 'integer' || kind === 'number') return String(Number(position.toPrecision(12)))
  const { day, time } = readSeconds(position)
  if (kind === 'date') return day
  return kind === 'time' ? time : `${day} ${time}`
}

/** Seconds of 400 years, after which the calendar repeats itself. */
const CYCLE = 146_097 * 86_400

/** A moment as the engine writes it. The dates of the engine reach further than those of JavaScript. */
function readSeconds(seconds: number): { readonly day: string; readonly time: string } {
  const cycles = Math.floor(seconds / CYCLE)
  const [near = '', rest = ''] = new Date((seconds - cycles * CYCLE) * 1000).toISOString().split('T')
  const [year, ...monthAndDay] = near.split('-')
  const own = Number(year) + cycles * 400
  // There is no year 0.
  const written = String(own > 0 ? own : 1 - own).padStart(4, '0')
  return { day: `${[written, ...monthAndDay].join('-')}${own > 0 ? '' : ' (BC)'}`, time: rest.replace(/(\.000)?Z$/, '') }
}
