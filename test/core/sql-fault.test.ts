import { describe, expect, test } from 'vitest'
import { findSqlFault } from '../../src/core/sql-fault.js'
import { sql, trimStatement } from '../../src/sdk/sql.js'

const LIST = 'a "," makes a list, and one expression is expected'

describe('an SQL text that is pasted into another one', () => {
  test.each([
    ['a > 1', undefined],
    ["x in (1, 2) and y = ')' and \"a)\" > e'\\')' -- ) ,", undefined],
    ["{'a': 1, 'b': [2, 3]}['a'] /* ) , ; */ > $$ ) $$", undefined],
    ['x) OR (true', 'a ")" closes nothing'],
    ['(x]', 'a "]" closes nothing'],
    ['x) -- (', 'a ")" closes nothing'],
    ['f(x', 'a "(" is not closed'],
    ["x = 'a", 'a text opens with a quote and is not closed'],
    ['x /* a', 'a comment is not closed'],
    ['count(*), 1', LIST],
    ['x; SELECT 1', 'a ";" ends a statement, and one expression is expected'],
  ])('%s: %s', (text, fault) => {
    expect(findSqlFault(text, true)).toBe(fault)
  })

  test('may be a list or a statement where no expression is asked for', () => {
    expect(findSqlFault('SELECT 1, 2;', false)).toBeUndefined()
    expect(findSqlFault('SELECT 1) (', false)).toBe('a ")" closes nothing')
  })
})

describe('the semicolon that ends a statement', () => {
  const text = (statement: ReturnType<typeof sql>) =>
    trimStatement({ kind: 'expression', parts: statement.parts })
      .parts.map((part) => (part.kind === 'text' ? part.text : '?'))
      .join('')

  test.each([
    [sql`SELECT 1;`, 'SELECT 1 '],
    [sql`SELECT 1 ; -- it's done;`, "SELECT 1   -- it's done;"],
    [sql`SELECT ${1}; /* x */ `, 'SELECT ?  /* x */ '],
    [sql`SELECT 'it''s' AS "a;"`, `SELECT 'it''s' AS "a;"`],
    [sql`SELECT 1; 'x'`, "SELECT 1; 'x'"],
    [sql`SELECT 1; ${2}`, 'SELECT 1; ?'],
    [sql`SELECT 1 -- ;`, 'SELECT 1 -- ;'],
  ])('goes from statement %#', (statement, trimmed) => {
    expect(text(statement)).toBe(trimmed)
  })
})
