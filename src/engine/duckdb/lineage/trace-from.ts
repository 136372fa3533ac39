import type { Dependencies } from '../../lineage.js'
import { fieldAt, listOf } from '../syntax/syntax-tree.js'
import { merge, NOTHING, via } from './dependencies.js'
import {
  distinguish,
  EMPTY_FROM,
  type From,
  fromAll,
  type Item,
  type NamedQueries,
  openOf,
  renameFirst,
  type Scope,
  Untraceable,
  type World,
} from './scope.js'
import { traceExpression } from './trace-expression.js'

/** What surrounds a FROM. */
interface Around {
  readonly queries: NamedQueries
  readonly outer: Scope | undefined
  readonly world: World
}

/** The tables of a FROM clause in the engine's tree. Throws {@link Untraceable}. */
export function traceFrom(node: unknown, around: Around): From {
  const type = fieldAt(node, 'type')
  switch (type) {
    case undefined:
    case 'EMPTY':
      return EMPTY_FROM
    case 'BASE_TABLE':
      return traceTable(node, around)
    case 'SUBQUERY': {
      const { items, rows } = around.world.traceQuery(fieldAt(node, 'subquery', 'node'), around.queries, around.outer, around.world)
      return tableOf(node, '', distinguish(items), rows)
    }
    case 'JOIN':
      return traceJoin(node, around)
    case 'TABLE_FUNCTION':
      return traceTableFunction(node, around)
    case 'EXPRESSION_LIST':
      return traceValues(node, around)
    case 'PIVOT':
      return tracePivot(node, around)
    default:
      throw new Untraceable(`it reads a ${String(type)}`)
  }
}

/** A scope with the tables of a FROM and nothing else. */
export function scopeOf(from: From, { queries, outer, world }: Around): Scope {
  return { from, aliases: new Map(), parameters: new Set(), outer, queries, world }
}

function tableOf(node: unknown, name: string, items: readonly Item[], rows: Dependencies): From {
  const alias = String(fieldAt(node, 'alias') ?? '') || name
  const renamed = renameFirst(items, listOf(fieldAt(node, 'column_name_alias')).map(String))
  return { tables: [{ name: alias.toLowerCase(), items: renamed }], star: renamed, rows }
}

function traceTable(node: unknown, { queries }: Around): From {
  const name = String(fieldAt(node, 'table_name'))
  const query = queries.get(name.toLowerCase())
  if (query === undefined) throw new Untraceable(`it reads ${name} by itself`)
  return tableOf(node, name, query.items, query.rows)
}

function traceJoin(node: unknown, around: Around): From {
  const left = traceFrom(fieldAt(node, 'left'), around)
  // What stands at the right may use the columns at the left.
  const right = traceFrom(fieldAt(node, 'right'), { ...around, outer: scopeOf(left, around) })
  const tables = [...left.tables, ...right.tables]
  const both = { tables, star: [...left.star, ...right.star], rows: merge(left.rows, right.rows) }
  const isNatural = fieldAt(node, 'ref_type') === 'NATURAL'
  if (isNatural && both.star.some(isNameless)) {
    return { tables, star: [openOf(both.star)], rows: merge(both.rows, via('join', fromAll(both.star))) }
  }
  const using = isNatural ? namesInBoth(left, right) : listOf(fieldAt(node, 'using_columns')).map((name) => String(name).toLowerCase())
  const keys = using.map((name) => traceExpression({ class: 'COLUMN_REF', column_names: [name] }, scopeOf(both, around)))
  const condition = traceExpression(fieldAt(node, 'condition'), scopeOf(both, around))
  const rows = merge(both.rows, via('join', merge(condition, ...keys)))
  const type = String(fieldAt(node, 'join_type'))
  if (type === 'SEMI' || type === 'ANTI') return { ...left, rows }
  const isKey = (item: Item) => item.kind === 'column' && using.includes(item.name?.toLowerCase() ?? '')
  const takesLeft = type === 'INNER' || type === 'LEFT'
  const merged = left.star.map((item): Item => {
    if (takesLeft || item.kind === 'open' || !isKey(item)) return item
    return { ...item, from: keys[using.indexOf(item.name?.toLowerCase() ?? '')] ?? item.from }
  })
  return { tables, star: [...merged, ...right.star.filter((item) => !isKey(item))], rows }
}

function isNameless(item: Item): boolean {
  return item.kind === 'open' || item.name === undefined
}

function namesInBoth(left: From, right: From): readonly string[] {
  const names = ({ star }: From) =>
    star.flatMap((item) => (item.kind === 'column' && item.name !== undefined ? [item.name.toLowerCase()] : []))
  const others = new Set(names(right))
  return [...new Set(names(left))].filter((name) => others.has(name))
}

function traceTableFunction(node: unknown, around: Around): From {
  const call = fieldAt(node, 'function')
  const name = String(fieldAt(call, 'function_name')).toLowerCase()
  if (!['unnest', 'range', 'generate_series'].includes(name)) throw new Untraceable(`it reads ${name}(…) by itself`)
  const children = listOf(fieldAt(call, 'children'))
  const given = traceExpression(children, scopeOf(EMPTY_FROM, around))
  const column: Item = { kind: 'column', name, from: via('transformation', given) }
  // Of structs it makes a column for each field.
  const items: Item[] = name === 'unnest' && children.length !== 1 ? [openOf([column])] : [column]
  if (fieldAt(node, 'with_ordinality') === 'WITH_ORDINALITY') items.push({ kind: 'column', name: 'ordinality', from: NOTHING })
  return tableOf(node, name, items, via('join', given))
}

function traceValues(node: unknown, around: Around): From {
  const rows = listOf(fieldAt(node, 'values')).map((row) => listOf(row))
  const scope = scopeOf(EMPTY_FROM, around)
  const items = (rows[0] ?? []).map((_, i): Item => {
    return { kind: 'column', name: `col${i}`, from: via('transformation', merge(...rows.map((row) => traceExpression(row[i], scope)))) }
  })
  return tableOf(node, 'valueslist', items, NOTHING)
}

function tracePivot(node: unknown, around: Around): From {
  const source = traceFrom(fieldAt(node, 'source'), around)
  const scope = scopeOf(source, around)
  const all = fromAll(source.star)
  const names = listOf(fieldAt(node, 'unpivot_names')).map(String)
  if (names.length === 0) {
    const values = traceExpression(fieldAt(node, 'aggregates'), scope)
    const chosen = listOf(fieldAt(node, 'pivots')).map((pivot) => traceExpression(fieldAt(pivot, 'pivot_expressions'), scope))
    const made = merge(via('aggregation', values), via('conditional', merge(...chosen)))
    const groups = new Map(
      source.star.flatMap((item) => (item.kind === 'column' && item.name ? [[item.name.toLowerCase(), item.from] as const] : [])),
    )
    const open: Item = { kind: 'open', from: merge(made, via('transformation', all)), named: groups }
    return tableOf(node, '', [open], merge(source.rows, via('group_by', all)))
  }
  const pivots = listOf(fieldAt(node, 'pivots'))
  const columns = pivots.flatMap((pivot) => listOf(fieldAt(pivot, 'entries')).flatMap((entry) => listOf(fieldAt(entry, 'values'))))
  const unpivoted = columns.map((value) => String(fieldAt(value, 'value')).toLowerCase())
  const isPlain = names.length === 1 && pivots.length === 1 && columns.length > 0 && !source.star.some(isNameless)
  const isKept = (item: Item) => item.kind === 'column' && !unpivoted.includes(item.name?.toLowerCase() ?? '')
  const kept = source.star.filter(isKept)
  if (!isPlain || kept.length + unpivoted.length !== source.star.length)
    return tableOf(node, '', [openOf(source.star)], merge(source.rows, via('filter', all)))
  const values = fromAll(source.star.filter((item) => !isKept(item)))
  const [label] = listOf(fieldAt(pivots[0], 'unpivot_names')).map(String)
  const items: readonly Item[] = [
    ...kept,
    { kind: 'column', name: label, from: NOTHING },
    { kind: 'column', name: names[0], from: via('transformation', values) },
  ]
  return tableOf(node, '', items, merge(source.rows, via('filter', values)))
}
