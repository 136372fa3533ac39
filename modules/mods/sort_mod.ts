/** Sorts the rows. */
import { type Column, defineModule, findColumn, ident, joinSql, rawSql, sql } from 'pypeline/sdk'

const ENTRY = /^(.*?)(?:\s+(asc|desc))?(?:\s+nulls\s+(first|last))?$/is

export default defineModule({
  name: 'sort_mod',
  type: 'mod',
  version: '1.0.0',
  description: 'Sorts the rows. The order holds through filter_mod, select_mod, derive_mod and limit_mod.',
  category: 'Rows',
  inputPorts: ['input'],
  outputPorts: ['output'],
  globals: {},
  packages: [],
  config: {
    required: {
      by: {
        type: 'list',
        of: 'str',
        description: 'Columns, each `name [asc|desc] [nulls first|last]`. Ascending, NULL last, is the default.',
        example: ['region', 'amount desc nulls last'],
      },
    },
    optional: {},
  },
  check: (config) => (Array.isArray(config['by']) && config['by'].length === 0 ? ['Expected at least one column in by.'] : []),
  query: ({ inputs: { input }, config, columns }) => {
    const items = config.by.map((entry) => sortItem(entry.trim(), columns.input))
    return { output: sql`SELECT * FROM ${input} ORDER BY ${joinSql(items)}` }
  },
})

function sortItem(entry: string, columns: readonly Column[]) {
  const isName = columns.some(({ name }) => name === entry)
  const [, name = '', direction = 'asc', nulls = 'last'] = isName ? [entry, entry] : (ENTRY.exec(entry) ?? [])
  return joinSql([ident(findColumn(columns, name)), rawSql(`${direction.toUpperCase()} NULLS ${nulls.toUpperCase()}`)], ' ')
}
