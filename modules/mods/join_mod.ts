/** Joins two inputs. */
import { type Column, defineModule, type Expression, expr, ident, joinSql, PypeError, rawSql, sql } from 'pypeline/sdk'

export default defineModule({
  name: 'join_mod',
  type: 'mod',
  version: '1.0.0',
  description: 'Joins two inputs. Left rows without a match leave by reject, whatever the kind of join.',
  category: 'Rows',
  inputPorts: ['left', 'right'],
  outputPorts: ['output', 'reject'],
  globals: {},
  packages: [],
  config: {
    required: {},
    optional: {
      on: {
        type: ['list', 'dict'],
        of: 'str',
        description: 'Columns that must be equal: a list of names, or a map from left to right name.',
        example: { customer_id: 'id' },
      },
      condition: {
        type: 'sql',
        description: 'SQL condition instead of on; the inputs are called left and right there ("left".id = "right".customer).',
        example: '"left".day BETWEEN "right".start AND "right".stop',
      },
      how: {
        type: 'enum',
        values: ['inner', 'left', 'right', 'full', 'semi', 'anti', 'cross'],
        description: 'Kind of join.',
        example: 'left',
        default: 'inner',
      },
      suffix: {
        type: 'str',
        description: 'Added to the names of right columns that the left input has too.',
        example: '_customer',
        default: '_right',
      },
    },
  },
  check: (config) => {
    const keys = ['on', 'condition'].filter((name) => name in config)
    if (config['how'] === 'cross') return keys.length === 0 ? [] : ['A cross join has neither on nor condition.']
    return keys.length === 1 ? [] : ['Expected either on or condition.']
  },
  query: ({ inputs: { left, right }, config, columns }) => {
    const [leftColumns, rightColumns] = [columns.left, columns.right]
    const keys = keyPairs(config.on, leftColumns, rightColumns)
    const match = config.condition === undefined ? equalKeys(keys) : expr`(${config.condition}\n)`
    const from = expr`FROM ${left} AS "left"`
    const reject =
      config.how === 'cross'
        ? sql`SELECT "left".* ${from} WHERE NOT EXISTS (SELECT 1 FROM ${right})`
        : sql`SELECT "left".* ${from} ANTI JOIN ${right} AS "right" ON ${match}`
    if (config.how === 'cross')
      return { output: sql`SELECT ${outputItems(leftColumns, rightColumns, [], config)} ${from} CROSS JOIN ${right} AS "right"`, reject }
    const items = config.how === 'semi' || config.how === 'anti' ? rawSql('"left".*') : outputItems(leftColumns, rightColumns, keys, config)
    return { output: sql`SELECT ${items} ${from} ${rawSql(config.how.toUpperCase())} JOIN ${right} AS "right" ON ${match}`, reject }
  },
})

type KeyPair = readonly [left: string, right: string]

function keyPairs(
  on: readonly string[] | { readonly [left: string]: string } | undefined,
  left: readonly Column[],
  right: readonly Column[],
): KeyPair[] {
  const pairs = isList(on) ? on.map((name): KeyPair => [name, name]) : Object.entries(on ?? {})
  for (const [a, b] of pairs) {
    checkColumn(a, left, 'left')
    checkColumn(b, right, 'right')
  }
  return pairs
}

function isList(on: readonly string[] | { readonly [left: string]: string } | undefined): on is readonly string[] {
  return Array.isArray(on)
}

function checkColumn(name: string, columns: readonly Column[], side: string): void {
  if (columns.some((column) => column.name === name)) return
  throw new PypeError('SQL_INVALID', `The ${side} input has no column "${name}".`, {
    hint: `its columns are ${columns.map((column) => column.name).join(', ')}`,
  })
}

function equalKeys(keys: readonly KeyPair[]): Expression {
  return joinSql(
    keys.map(([left, right]) => expr`"left".${ident(left)} = "right".${ident(right)}`),
    ' AND ',
  )
}

/** Left columns, then the right ones. A key of the same name on both sides stands once; in an outer join it is that of the side that has a row. */
function outputItems(
  left: readonly Column[],
  right: readonly Column[],
  keys: readonly KeyPair[],
  config: { readonly how: string; readonly suffix: string },
): Expression {
  const shared = new Set(keys.filter(([a, b]) => a === b).map(([name]) => name))
  const outer = config.how === 'right' || config.how === 'full'
  const taken = new Set(left.map((column) => column.name.toLowerCase()))
  const items = left.map(({ name }) =>
    outer && shared.has(name)
      ? expr`coalesce("left".${ident(name)}, "right".${ident(name)}) AS ${ident(name)}`
      : expr`"left".${ident(name)}`,
  )
  for (const { name } of right) {
    if (shared.has(name)) continue
    let target = name
    while (taken.has(target.toLowerCase())) target += config.suffix === '' ? '_right' : config.suffix
    taken.add(target.toLowerCase())
    items.push(expr`"right".${ident(name)} AS ${ident(target)}`)
  }
  return joinSql(items)
}
