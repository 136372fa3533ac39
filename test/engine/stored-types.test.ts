import { describe, expect, it } from 'vitest'
import { queryLines } from './engine-flow.js'

/** Values that a Parquet file of the engine would change, by the type that they have. */
const LOSSY: readonly (readonly [type: string, value: string])[] = [
  ['HUGEINT', '170141183460469231731687303715884105727::HUGEINT'],
  ['UHUGEINT', '340282366920938463463374607431768211455::UHUGEINT'],
  ['INTERVAL', "INTERVAL '1 month 2 days 3.000001 seconds'"],
  ['TIME WITH TIME ZONE', "TIMETZ '12:00:00+05'"],
  ['ENUM', "'b'::ENUM('a', 'b')"],
  ['BIT', "'0101'::BIT"],
  ['BIGNUM', "'1000000000000000000000000000000000000000000000000000000000001'::BIGNUM"],
  ['UNION', "union_value(s := 'a')::UNION(i INTEGER, s VARCHAR)"],
  ['INTEGER[3]', '[1, 2, 3]::INTEGER[3]'],
  ['HUGEINT[]', '[170141183460469231731687303715884105727::HUGEINT, NULL]'],
  [
    'STRUCT of lossy ones',
    "{'h': 170141183460469231731687303715884105727::HUGEINT, 'i': INTERVAL '0.000001 seconds', 'e': 'a'::ENUM('a', 'b')}",
  ],
  ['MAP of lossy ones', "MAP {'k': INTERVAL '0.000001 seconds'}"],
  ['array of lossy ones', '[170141183460469231731687303715884105727::HUGEINT]::HUGEINT[1]'],
  ['TIMESTAMP_S', "TIMESTAMP_S '2026-01-01 00:00:01'"],
  ['TIMESTAMP_MS', "TIMESTAMP_MS '2026-01-01 00:00:01.123'"],
  ['TIMESTAMP_NS', "TIMESTAMP_NS '2026-01-01 00:00:01.123456789'"],
  ['TIMESTAMPTZ', "TIMESTAMPTZ '2026-01-01 00:00:01.123456+05'"],
  ['DECIMAL(38,10)', '1234567890123456789012345678.0123456789::DECIMAL(38,10)'],
  ['UBIGINT', '18446744073709551615::UBIGINT'],
  ['BLOB', "'\\x00\\xFF'::BLOB"],
  ['UUID', "'00000000-0000-0000-0000-0000000000ff'::UUID"],
  ['JSON', `'{"a": 1.10}'::JSON`],
  ['NULL', 'NULL'],
]

// Each fails when a file holds the value as it is, or when it is not brought back.
describe('a value that crosses a boundary', () => {
  it.each(LOSSY)('of type %s keeps its value and its type', async (_, value) => {
    const sql = `SELECT ${value} AS v FROM input UNION ALL SELECT NULL AS v`
    const held = await queryLines(sql)
    expect(await queryLines(sql, { boundary: true })).toEqual(held)
  })

  it.each(['1::VARIANT', 'row(1, 2)'])('of a type that cannot be stored (%s) is refused by name', async (value) => {
    await expect(queryLines(`SELECT [${value}] AS v FROM input`, { boundary: true })).rejects.toThrow(
      /SQL_INVALID.*Column \\"v\\" has the type (VARIANT|STRUCT\(INTEGER, INTEGER\)), which cannot be stored/,
    )
  })
})
