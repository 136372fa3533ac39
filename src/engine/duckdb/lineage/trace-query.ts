import type { Dependencies } from '../../lineage.js'
import { fieldAt, listOf } from '../syntax/syntax-tree.js'
import { combineByPlace, combineItems } from './combine-items.js'
import { merge, NOTHING, via } from './dependencies.js'
import {
  distinguish,
  type From,
  fromAll,
  type Item,
  type NamedQueries,
  renameFirst,
  type Scope,
  type TracedRows,
  Untraceable,
  type World,
} from './scope.js'
import { hasNode, traceExpression, traceSpread } from './trace-expression.js'
import { scopeOf, traceFrom } from './trace-from.js'
import { hasAlias, traceItem } from './trace-item.js'

/**
 * Where the columns of a query come from, out of the engine's tree of it. `queries` are those that FROM may name, `outer` is what the query
 * around puts at its disposal. Throws {@link Untraceable}.
 */
export function traceQuery(node: unknown, queries: NamedQueries, outer: Scope | undefined, world: World): TracedRows {
  const named = new Map(queries)
  for (const entry of listOf(fieldAt(node, 'cte_map', 'map'))) {
    const { items, rows } = traceQuery(fieldAt(entry, 'value', 'query', 'node'), named, outer, world)
    const names = listOf(fieldAt(entry, 'value', 'aliases')).map(String)
    named.set(String(fieldAt(entry, 'key')).toLowerCase(), { items: renameFirst(distinguish(items), names), rows })
  }
  const type = fieldAt(node, 'type')
  if (type === 'SELECT_NODE') return traceSelect(node, named, outer, world)
  if (type === 'SET_OPERATION_NODE') return traceSetOperation(node, named, outer, world)
  if (type === 'RECURSIVE_CTE_NODE') return traceRecursion(node, named, outer, world)
  throw new Untraceable(`it is a ${String(type)}`)
}

function traceSelect(node: unknown, queries: NamedQueries, outer: Scope | undefined, world: World): TracedRows {
  const around = { queries, outer, world }
  const from = traceFrom(fieldAt(node, 'from_table'), around)
  const selected = listOf(fieldAt(node, 'select_list'))
  let scope = scopeOf(from, around)
  const items: Item[] = []
  for (const expression of selected) {
    const found = traceItem(expression, scope)
    items.push(...found)
    const aliases = new Map(scope.aliases)
    for (const item of found)
      if (item.kind === 'column' && item.name !== undefined && hasAlias(expression)) addAlias(aliases, item.name, item.from)
    scope = { ...scope, aliases }
  }
  const rows = merge(
    from.rows,
    traceSpread(selected, scope),
    ...['where_clause', 'having', 'qualify'].map((key) => via('filter', traceExpression(fieldAt(node, key), scope))),
    via('group_by', traceGroups(node, selected, items, scope)),
    traceModifiers(node, items, scope),
  )
  return { items, rows }
}

function addAlias(aliases: Map<string, Dependencies>, name: string, from: Dependencies): void {
  const key = name.toLowerCase()
  aliases.set(key, merge(aliases.get(key) ?? NOTHING, from))
}

function traceGroups(node: unknown, selected: readonly unknown[], items: readonly Item[], scope: Scope): Dependencies {
  const groups = listOf(fieldAt(node, 'group_expressions')).map((group) => tracePlaced(group, items, scope))
  if (fieldAt(node, 'aggregate_handling') !== 'FORCE_AGGREGATES') return merge(...groups)
  const { aggregates } = scope.world
  const isAggregate = (inner: { readonly [key: string]: unknown }) =>
    inner.class === 'FUNCTION' && aggregates.has(String(inner.function_name).toLowerCase())
  const plain = selected.filter((expression) => !hasNode(expression, isAggregate))
  return merge(...groups, ...plain.map((expression) => fromAll(traceItem(expression, scope))))
}

/** An expression of GROUP BY or ORDER BY, where a number is the place of a column. */
function tracePlaced(node: unknown, items: readonly Item[], scope: Scope): Dependencies {
  const place = fieldAt(node, 'class') === 'CONSTANT' ? fieldAt(node, 'value', 'value') : undefined
  if (typeof place === 'number' && !items.some(({ kind }) => kind === 'open')) return items[place - 1]?.from ?? NOTHING
  // By the name of an output column, by all of them, or by a place that cannot be told.
  const isAll = typeof place === 'number' || fieldAt(node, 'class') === 'STAR'
  return merge(isAll ? fromAll(items) : NOTHING, traceExpression(node, scope))
}

function traceModifiers(node: unknown, items: readonly Item[], scope: Scope): Dependencies {
  const found = listOf(fieldAt(node, 'modifiers')).map((modifier) => {
    switch (fieldAt(modifier, 'type')) {
      case 'ORDER_MODIFIER': {
        const orders = listOf(fieldAt(modifier, 'orders')).map((order) => tracePlaced(fieldAt(order, 'expression'), items, scope))
        return via('sort', merge(...orders))
      }
      case 'DISTINCT_MODIFIER': {
        const targets = listOf(fieldAt(modifier, 'distinct_on_targets'))
        return via('group_by', targets.length === 0 ? fromAll(items) : merge(...targets.map((target) => tracePlaced(target, items, scope))))
      }
      default:
        return via('filter', merge(traceExpression(fieldAt(modifier, 'limit'), scope), traceExpression(fieldAt(modifier, 'offset'), scope)))
    }
  })
  return merge(...found)
}

function traceSetOperation(node: unknown, queries: NamedQueries, outer: Scope | undefined, world: World): TracedRows {
  const left = traceQuery(fieldAt(node, 'left'), queries, outer, world)
  const right = traceQuery(fieldAt(node, 'right'), queries, outer, world)
  const type = fieldAt(node, 'setop_type')
  const items = combineItems(type, left.items, right.items)
  const all = merge(fromAll(left.items), fromAll(right.items))
  const compared =
    type === 'EXCEPT' || type === 'INTERSECT' ? via('filter', all) : fieldAt(node, 'setop_all') === true ? NOTHING : via('group_by', all)
  const from: From = { tables: [], star: items, rows: NOTHING }
  const modifiers = traceModifiers(node, items, scopeOf(from, { queries, outer, world }))
  return { items, rows: merge(left.rows, right.rows, compared, modifiers) }
}

/** What each round adds is traced until a round adds nothing. */
function traceRecursion(node: unknown, queries: NamedQueries, outer: Scope | undefined, world: World): TracedRows {
  const name = String(fieldAt(node, 'cte_name')).toLowerCase()
  const names = listOf(fieldAt(node, 'aliases')).map(String)
  let found = traceQuery(fieldAt(node, 'left'), queries, outer, world)
  for (let size = -1; size !== sizeOf(found); ) {
    size = sizeOf(found)
    const itself = { items: renameFirst(distinguish(found.items), names), rows: found.rows }
    const round = traceQuery(fieldAt(node, 'right'), new Map([...queries, [name, itself]]), outer, world)
    found = { items: combineByPlace(found.items, round.items), rows: merge(found.rows, round.rows) }
  }
  if (fieldAt(node, 'union_all') === true) return found
  return { ...found, rows: merge(found.rows, via('group_by', fromAll(found.items))) }
}

/** Grows with each dependency that is new. */
function sizeOf({ items, rows }: TracedRows): number {
  const all = [rows, ...items.map(({ from }) => from)]
  return all.flatMap((each) => [...each.values()]).reduce((sum, influences) => sum + influences.size, 0)
}
