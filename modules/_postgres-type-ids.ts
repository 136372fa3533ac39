/** Numbers of the types that are part of every server: the same everywhere and for good (pg_type.oid, src/include/catalog/pg_type.dat). */
export const TYPE_ID = {
  bool: 16,
  bytea: 17,
  char: 18,
  name: 19,
  int8: 20,
  int2: 21,
  int4: 23,
  text: 25,
  oid: 26,
  json: 114,
  float4: 700,
  float8: 701,
  money: 790,
  bpchar: 1042,
  varchar: 1043,
  date: 1082,
  time: 1083,
  timestamp: 1114,
  timestamptz: 1184,
  interval: 1186,
  numeric: 1700,
  uuid: 2950,
  jsonb: 3802,
} as const

/** Types with higher numbers were made on the server. */
export const FIRST_OWN_TYPE = 10_000
