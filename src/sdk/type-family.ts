/** Types whose values can be compared with each other. */
export type TypeFamily = 'text' | 'number' | 'date' | 'time' | 'interval' | 'boolean' | 'list'

const FAMILIES: readonly (readonly [TypeFamily, RegExp])[] = [
  ['list', /(\[\d*\]|^(STRUCT|MAP)\(.*\)|^(LIST|ARRAY|STRUCT|MAP))$/s],
  ['text', /^VARCHAR$/],
  ['number', /^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL\b.*)$/],
  ['date', /^(DATE|TIMESTAMP.*)$/],
  ['time', /^TIME\b.*$/],
  ['interval', /^INTERVAL$/],
  ['boolean', /^BOOLEAN$/],
]

/** The family of a type of the engine; undefined for types that are in none, such as JSON, UUID and ENUM. */
export function familyOf(type: string): TypeFamily | undefined {
  return FAMILIES.find(([, pattern]) => pattern.test(type))?.[0]
}

/**
 * Whether values of two types, as columns bear them (`BIGINT`, `DECIMAL(9,2)`), are of different kinds: a number and a text, a date and a
 * number, a truth value and a number. Types of one kind the engine widens: BIGINT beside DOUBLE, DATE beside TIMESTAMP.
 */
export function areUnlike(one: string, other: string): boolean {
  const [a, b] = [familyOf(one), familyOf(other)]
  return a !== undefined && b !== undefined && a !== b
}
