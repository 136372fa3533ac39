/** Picks, drops, renames and converts columns. */
import { cast, defineModule, findColumn, ident, joinSql, PypeError, rejectsOf, sql } from 'pypeline/sdk'
import { MAX_REJECTS, REJECTED } from '../_files.js'

export default defineModule({
  name: 'select_mod',
  type: 'mod',
  version: '1.0.0',
  description: 'Picks, drops, renames and converts columns, in this order. Rows with a value that cannot be converted leave by reject.',
  category: 'Columns',
  inputPorts: ['input'],
  outputPorts: ['output', 'reject'],
  globals: {
    rejected: REJECTED,
  },
  packages: [],
  config: {
    required: {},
    optional: {
      columns: { type: 'list', of: 'str', description: 'The columns to keep, in this order.', example: ['id', 'name'] },
      drop: { type: 'list', of: 'str', description: 'Columns to leave out.', example: ['comment'] },
      rename: { type: 'dict', of: 'str', description: 'New names by old name.', example: { nm: 'name' } },
      types: {
        type: 'dict',
        of: 'str',
        description: 'New types, by name after renaming. Text is converted strictly: nothing is rounded or cut off.',
        example: { age: 'INTEGER' },
      },
      max_rejects: MAX_REJECTS,
    },
  },
  check: (_, given) =>
    ['columns', 'drop', 'rename', 'types'].some((name) => given.includes(name))
      ? []
      : ['Expected at least one of columns, drop, rename and types.'],
  query: ({ inputs: { input }, config, columns, outputs }) => {
    const find = (name: string) => findColumn(columns.input, name)
    const dropped = new Set(config.drop?.map(find))
    const kept = (config.columns?.map(find) ?? columns.input.map(({ name }) => name)).filter((name) => !dropped.has(name))
    if (kept.length === 0)
      throw new PypeError('CONFIG_INVALID', 'No column is left.', { hint: 'leave one of them out of drop, or add one to columns' })
    const renamed = new Map(
      Object.entries(config.rename ?? {}).map(([from, to]) => [findColumn(kept.map(toColumn), from, 'the columns that are kept'), to]),
    )
    const targets = kept.map((name) => renamed.get(name) ?? name)
    checkDistinct(targets)
    const items = kept.map((name) => sqlItem(name, renamed.get(name) ?? name))
    const chosen = sql`SELECT ${joinSql(items)} FROM ${input}`
    if (config.types === undefined)
      return {
        output: chosen,
        reject: sql`SELECT *, NULL::VARCHAR AS _error_code, NULL::VARCHAR AS _error_message, NULL::VARCHAR AS _column FROM ${chosen} WHERE FALSE`,
      }
    const types = Object.entries(config.types).map(([name, type]) => [
      findColumn(targets.map(toColumn), name, 'the columns that are put out'),
      type,
    ])
    const converted = cast(chosen, Object.fromEntries(types), outputs.has('reject') ? 'reject' : 'fail')
    return { output: converted, reject: rejectsOf(converted) }
  },
})

function sqlItem(from: string, to: string) {
  return from === to ? ident(from) : joinSql([ident(from), ident(to)], ' AS ')
}

function toColumn(name: string) {
  return { name }
}

function checkDistinct(names: readonly string[]): void {
  const seen = new Set<string>()
  for (const name of names) {
    if (seen.has(name.toLowerCase()))
      throw new PypeError('SQL_INVALID', `Two columns would be called "${name}".`, {
        hint: 'leave one of them out, or give it another name',
      })
    seen.add(name.toLowerCase())
  }
}
