import { expect, test } from 'vitest'
import { type Case, ModuleProject } from './module-flow.js'

test('sql_mod runs a query over inputs that are called like their ports', async () => {
  const project = new ModuleProject()
  const inputs = {
    input1: [
      { id: 1, v: 'a;b' },
      { id: 2, v: 'c' },
    ],
    input2: [{ id: 2, w: 9 }],
  }
  const query = (sql: string, from: Case['inputs'] = inputs): Case => ({ module: 'sql_mod', configs: { sql }, inputs: from ?? {} })
  const found = await project.runCases({
    join: query('SELECT a.id, v, w FROM input1 a JOIN input2 USING (id)'),
    one: query('SELECT count(*) AS n FROM input', { input: inputs.input1 }),
    semicolon: query('SELECT max(id) AS n FROM input1;'),
    comment: query('SELECT max(id) AS n FROM input1 -- the largest'),
    both: query('SELECT max(id) AS n FROM input1 ; -- the "largest"; really\n/* yes */ \n'),
    ruler: query(`SELECT max(id) AS n FROM input1; ${'-'.repeat(200)}\n${'-'.repeat(200)}`),
    text: query("SELECT id FROM input1 WHERE v <> ';--'"),
    inText: query("SELECT ';' AS s, count(*) AS n FROM input1 WHERE v = 'a;b'"),
    with: query('WITH big AS (SELECT * FROM input1 WHERE id > 1) SELECT big.id FROM big ORDER BY id'),
    ordered: query('SELECT id FROM input1 ORDER BY id DESC LIMIT 1'),
    values: query("SELECT DATE '{{run.date}}' = {{run.date}} AS same FROM input2"),
    two: query('SELECT 1 AS a; SELECT 2 AS a'),
    change: query('DELETE FROM input1'),
    unknown: query('SELECT * FROM nope'),
    column: query('SELECT idd FROM input1'),
    twice: query('SELECT id, id FROM input1'),
  })
  expect(found.join.rows).toEqual([{ id: 2, v: 'c', w: 9 }])
  for (const name of ['one', 'semicolon', 'comment', 'both', 'ruler'] as const)
    expect({ name, rows: found[name].rows }).toEqual({ name, rows: [{ n: 2 }] })
  expect(found.text.rows).toHaveLength(2)
  expect(found.inText.rows).toEqual([{ s: ';', n: 1 }])
  expect(found.with.rows).toEqual([{ id: 2 }])
  expect(found.ordered.rows).toEqual([{ id: 2 }])
  expect(found.values.rows).toEqual([{ same: true }])
  for (const name of ['two', 'change', 'unknown', 'column'] as const)
    expect({ name, code: found[name].error?.code }).toEqual({ name, code: 'SQL_INVALID' })
  expect(found.twice.rows).toEqual([
    { id: 1, id_1: 1 },
    { id: 2, id_1: 2 },
  ])
  expect(found.column.error?.hint).toContain('id')
})
