/** Runs an SQL query over its inputs. */
import { defineModule, type Expression, expr, ident, joinSql, sql } from 'pypeline/sdk'

export default defineModule({
  name: 'sql_mod',
  type: 'mod',
  version: '1.0.0',
  description: 'Runs an SQL query; its inputs are tables that are called like their ports.',
  category: 'Rows',
  inputPorts: ['input*'],
  outputPorts: ['output'],
  globals: {},
  packages: [],
  config: {
    required: {
      sql: { type: 'sql', description: 'One SELECT statement.', example: 'SELECT region, max(amount) AS top FROM input GROUP BY region' },
    },
    optional: {},
  },
  query: ({ inputs, config }) => {
    const tables = Object.entries(inputs).map(([port, input]) => expr`${ident(port)} AS NOT MATERIALIZED (SELECT * FROM ${input})`)
    return { output: sql`WITH ${joinSql(tables)} SELECT * FROM (${withoutSemicolon(config.sql)}\n)` }
  },
})

/** The semicolon that ends a statement goes, with the comments behind it. */
function withoutSemicolon(statement: Expression): Expression {
  const tail = statement.parts.findLastIndex((part) => part.kind !== 'text') + 1
  const text = statement.parts
    .slice(tail)
    .map((part) => (part.kind === 'text' ? part.text : ''))
    .join('')
  const end = text.search(/;\s*((--[^\n]*(\n|$)|\/\*[\s\S]*?\*\/)\s*)*$/)
  const before = text.slice(0, end)
  // An odd number of quotes: the semicolon stands in a text.
  if (end < 0 || before.split("'").length % 2 === 0) return statement
  return { ...statement, parts: [...statement.parts.slice(0, tail), { kind: 'text', text: before }] }
}
