/** How the values of a type are compared: by their text, by what a number is worth, or by what the engine reads in them. */
export type ColumnKind = 'text' | 'exact number' | 'double' | 'float' | 'boolean' | 'json' | 'nested' | 'other'

/** The kind of a type, as the engine writes it. */
export function kindOfType(type: string): ColumnKind {
  if (type === 'JSON') return 'json'
  if (isNested(type)) return 'nested'
  if (/^U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)$/.test(type) || type.startsWith('DECIMAL(')) return 'exact number'
  if (type === 'DOUBLE') return 'double'
  if (type === 'FLOAT') return 'float'
  if (type === 'BOOLEAN') return 'boolean'
  return type === 'VARCHAR' ? 'text' : 'other'
}

/** Whether values of a type have others inside. */
export function isNested(type: string): boolean {
  return /\]$|^(STRUCT|MAP|UNION)\(/.test(type)
}
