/** Types whose values can be compared with each other. */
export type Family = 'text' | 'number' | 'date' | 'boolean'

/** The family of a type of the engine, also of one that a constant has; undefined for types that are in none. */
export function familyOf(type: string): Family | undefined {
  if (type === 'VARCHAR') return 'text'
  if (/^(INTEGER_LITERAL|U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL\b.*)$/.test(type)) return 'number'
  if (/^(DATE|TIMESTAMP\b.*)$/.test(type)) return 'date'
  return type === 'BOOLEAN' ? 'boolean' : undefined
}
