/** The types of PostgreSQL that hold the values of the engine's types. */

const TYPES: { readonly [type: string]: string } = {
  BOOLEAN: 'boolean',
  TINYINT: 'smallint',
  SMALLINT: 'smallint',
  INTEGER: 'integer',
  BIGINT: 'bigint',
  UTINYINT: 'smallint',
  USMALLINT: 'integer',
  UINTEGER: 'bigint',
  UBIGINT: 'numeric(20,0)',
  HUGEINT: 'numeric(39,0)',
  UHUGEINT: 'numeric(39,0)',
  BIGNUM: 'numeric',
  FLOAT: 'real',
  DOUBLE: 'double precision',
  VARCHAR: 'text',
  BLOB: 'bytea',
  DATE: 'date',
  TIME: 'time',
  'TIME WITH TIME ZONE': 'time with time zone',
  TIMESTAMP: 'timestamp',
  TIMESTAMP_S: 'timestamp',
  TIMESTAMP_MS: 'timestamp',
  'TIMESTAMP WITH TIME ZONE': 'timestamp with time zone',
  INTERVAL: 'interval',
  UUID: 'uuid',
  JSON: 'json',
  BIT: 'bit varying',
}

/** Brackets of a list or an array at the end of a type: `INTEGER[][3]`. */
const LIST = /^(.*?)((?:\[\d*\])+)$/s

/** The elements' type and the depth of a list; undefined for other types. */
export function readListType(type: string): { readonly of: string; readonly depth: number } | undefined {
  const [, of, brackets] = LIST.exec(type) ?? []
  return of === undefined || brackets === undefined ? undefined : { of, depth: brackets.split('[').length - 1 }
}

/** Whether values of a type have fields. */
export function hasFields(type: string): boolean {
  return /^(STRUCT|MAP|UNION)\(/.test(type)
}

/** The type of a column that is made for values of an engine's type; text when there is none for them. */
export function toPostgresType(type: string): string {
  const list = readListType(type)
  if (list !== undefined) return hasFields(list.of) ? 'json' : `${toPostgresType(list.of)}[]`
  if (hasFields(type)) return 'json'
  if (/^DECIMAL\(\d+,\d+\)$/.test(type)) return type.replace('DECIMAL', 'numeric')
  return TYPES[type] ?? 'text'
}
