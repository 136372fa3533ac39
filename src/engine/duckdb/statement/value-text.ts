/** The text of a JavaScript value as the engine converts it to the value's type; that of lists and objects is JSON. */
export function textOfValue(value: unknown): string {
  if (value instanceof Date) return textOfTimestamp(value)
  if (typeof value === 'object') return JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? String(inner) : inner))
  return String(value)
}

/** A moment as the text of a TIMESTAMP in UTC. */
export function textOfTimestamp(time: Date): string {
  return time.toISOString().replace('T', ' ').replace('Z', '')
}

/** The type that a column gets for a JavaScript value that stands in it. */
export function typeOfValue(value: unknown): string {
  if (typeof value === 'boolean') return 'BOOLEAN'
  if (typeof value === 'number') return Number.isInteger(value) ? 'BIGINT' : 'DOUBLE'
  if (typeof value === 'bigint') return 'BIGINT'
  if (value instanceof Date) return 'TIMESTAMP'
  return typeof value === 'object' && value !== null ? 'JSON' : 'VARCHAR'
}
