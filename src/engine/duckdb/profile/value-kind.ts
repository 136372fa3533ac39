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
  const date = new Date(position * 1000)
  if (Number.isNaN(date.getTime())) return String(position)
  const text = date.toISOString()
  if (kind === 'date') return text.slice(0, -14)
  return kind === 'time' ? text.slice(-13, -5) : text.slice(0, -5).replace('T', ' ')
}
