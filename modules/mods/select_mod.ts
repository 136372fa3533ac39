/** Picks, drops, renames and converts columns. */
import { cast, defineModule, ident, joinSql, PypeError, rejectsOf, sql } from 'pypeline/sdk'
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
  check: (config) =>
    ['columns', 'drop', 'rename', 'types'].some((name) => name in config)
      ? []
      : ['Expected at least one of columns, drop, rename and types.'],
  query: ({ inputs: { input }, config, columns, outputs }) => {
    const names = columns.input.map((column) => column.name)
    const rename = config.rename ?? {}
    checkNames(names, [...(config.columns ?? []), ...(config.drop ?? [])])
    const kept = (config.columns ?? names).filter((name) => !config.drop?.includes(name))
    checkNames(kept, Object.keys(rename))
    checkDistinct(kept.map((name) => rename[name] ?? name))
    const items = kept.map((name) => sqlItem(name, rename[name] ?? name))
    const chosen = sql`SELECT ${joinSql(items)} FROM ${input}`
    if (config.types === undefined)
      return {
        output: chosen,
        reject: sql`SELECT *, NULL::VARCHAR AS _error_code, NULL::VARCHAR AS _error_message, NULL::VARCHAR AS _column FROM ${chosen} WHERE FALSE`,
      }
    const converted = cast(chosen, config.types, outputs.has('reject') ? 'reject' : 'fail')
    return { output: converted, reject: rejectsOf(converted) }
  },
})

function sqlItem(from: string, to: string) {
  return from === to ? ident(from) : joinSql([ident(from), ident(to)], ' AS ')
}

function checkNames(known: readonly string[], used: readonly string[]): void {
  const missing = used.find((name) => !known.includes(name))
  if (missing === undefined) return
  throw new PypeError('SQL_INVALID', `There is no column "${missing}".`, { hint: `the columns are ${known.join(', ')}` })
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
