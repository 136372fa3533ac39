/** Puts the rows of several inputs one after the other. */
import { areUnlike, type Column, defineModule, ident, joinSql, PypeError, type Relation, sql } from 'pypeline/sdk'

export default defineModule({
  name: 'union_mod',
  type: 'mod',
  version: '1.0.0',
  description: 'Puts the rows of several inputs together. Columns match by name, and all inputs must have the same, of like types.',
  category: 'Rows',
  inputPorts: ['input*'],
  outputPorts: ['output'],
  globals: {},
  packages: [],
  config: {
    required: {},
    optional: {
      by: { type: 'enum', values: ['name', 'position'], description: 'How columns match.', example: 'position', default: 'name' },
      distinct: { type: 'bool', description: 'Keep equal rows once.', example: true, default: false },
    },
  },
  query: ({ inputs, config, columns }) => {
    const [first, ...others] = Object.entries(inputs)
    if (first === undefined) throw new PypeError('CONFIG_INVALID', 'A union needs an input.')
    const expected = columns[first[0]] ?? []
    for (const [port] of others) checkColumns(first[0], expected, port, columns[port] ?? [], config.by)
    const output = others.reduce<Relation>((union, [port, input]) => {
      const names = config.by === 'name' ? expected : (columns[port] ?? [])
      return sql`SELECT * FROM ${union} UNION ALL SELECT ${joinSql(names.map((column) => ident(column.name)))} FROM ${input}`
    }, first[1])
    return { output: config.distinct ? sql`SELECT DISTINCT * FROM ${output}` : output }
  },
})

function checkColumns(firstPort: string, first: readonly Column[], port: string, found: readonly Column[], by: string): void {
  const names = (columns: readonly Column[]) => columns.map((column) => column.name)
  const others = new Set(names(found).map((name) => name.toLowerCase()))
  const agree = first.length === found.length && (by === 'position' || names(first).every((name) => others.has(name.toLowerCase())))
  if (agree) {
    checkTypes(firstPort, first, port, found, by)
    return
  }
  throw new PypeError(
    'SCHEMA_MISMATCH',
    `The inputs have different columns: ${firstPort} has ${names(first).join(', ')}; ${port} has ${names(found).join(', ')}.`,
    {
      hint: 'bring them to the same columns with select_mod or derive_mod before the union',
    },
  )
}

/** The engine would make texts of numbers that stand beside texts, and numbers of truth values. */
function checkTypes(firstPort: string, first: readonly Column[], port: string, found: readonly Column[], by: string): void {
  const byName = new Map(found.map((column) => [column.name.toLowerCase(), column]))
  for (const [i, column] of first.entries()) {
    const other = by === 'name' ? byName.get(column.name.toLowerCase()) : found[i]
    if (other === undefined || !areUnlike(column.type, other.type)) continue
    throw new PypeError(
      'SCHEMA_MISMATCH',
      `The inputs have unlike types: "${column.name}" is ${column.type} in ${firstPort}, "${other.name}" is ${other.type} in ${port}.`,
      { hint: 'bring them to one type with the config types of a select_mod before the union, or declare the columns of the source' },
    )
  }
}
