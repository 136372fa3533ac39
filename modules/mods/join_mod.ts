/** Joins two inputs. */
import { type Column, defineModule, type Expression, expr, findColumn, ident, joinSql, rawSql, sql } from 'pypeline/sdk'

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
        expression: true,
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
  check: (config, given) => {
    const keys = ['on', 'condition'].filter((name) => given.includes(name))
    if (given.includes('how') && !('how' in config)) return []
    if (config['how'] === 'cross') return keys.length === 0 ? [] : ['A cross join has neither on nor condition.']
    if (keys.length !== 1) return ['Expected either on or condition.']
    return 'on' in config && Object.keys(Object(config['on'])).length === 0 ? ['Expected at least one column in on.'] : []
  },
  query: ({ inputs: { left, right }, config, columns }) => {
    const from = expr`FROM ${left} AS "left"`
    if (config.how === 'cross') {
      const items = outputItems(columns.left, columns.right, [], config)
      return {
        output: sql`SELECT ${items} ${from} CROSS JOIN ${right} AS "right"`,
        reject: sql`SELECT "left".* ${from} WHERE NOT EXISTS (SELECT 1 FROM ${right})`,
      }
    }
    const keys = keyPairs(config.on, columns.left, columns.right)
    const match = config.condition === undefined ? equalKeys(keys) : expr`(${config.condition}\n)`
    const isOneSided = config.how === 'semi' || config.how === 'anti'
    const items = isOneSided ? rawSql('"left".*') : outputItems(columns.left, columns.right, keys, config)
    return {
      output: sql`SELECT ${items} ${from} ${rawSql(config.how.toUpperCase())} JOIN ${right} AS "right" ON ${match}`,
      reject: sql`SELECT "left".* ${from} ANTI JOIN ${right} AS "right" ON ${match}`,
    }
  },
})

type KeyPair = readonly [left: string, right: string]

function keyPairs(
  on: readonly string[] | { readonly [left: string]: string } | undefined,
  left: readonly Column[],
  right: readonly Column[],
): KeyPair[] {
  const pairs = isList(on) ? on.map((name): KeyPair => [name, name]) : Object.entries(on ?? {})
  return pairs.map(([a, b]) => [findColumn(left, a, 'the left input'), findColumn(right, b, 'the right input')])
}

function isList(on: readonly string[] | { readonly [left: string]: string } | undefined): on is readonly string[] {
  return Array.isArray(on)
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
  const shared = new Map(keys.filter(([a, b]) => a.toLowerCase() === b.toLowerCase()))
  const sharedRight = new Set(shared.values())
  const outer = config.how === 'right' || config.how === 'full'
  const taken = new Set(left.map((column) => column.name.toLowerCase()))
  const items = left.map(({ name }) => {
    const same = outer ? shared.get(name) : undefined
    return same === undefined
      ? expr`"left".${ident(name)}`
      : expr`coalesce("left".${ident(name)}, "right".${ident(same)}) AS ${ident(name)}`
  })
  for (const { name } of right) {
    if (sharedRight.has(name)) continue
    let target = name
    while (taken.has(target.toLowerCase())) target += config.suffix === '' ? '_right' : config.suffix
    taken.add(target.toLowerCase())
    items.push(expr`"right".${ident(name)} AS ${ident(target)}`)
  }
  return joinSql(items)
}
