import { isObject } from '../../../core/json.js'
import type { Dependencies } from '../../lineage.js'
import { fieldAt, listOf } from '../syntax/syntax-tree.js'
import { ALL_ROWS, FUNCTION, merge, NOTHING, via } from './dependencies.js'
import { fromAll, resolveName, type Scope } from './scope.js'

type Node = { readonly [key: string]: unknown }

/** What the value of an expression of the engine's tree depends on. Throws {@link Untraceable}. */
export function traceExpression(node: unknown, scope: Scope): Dependencies {
  if (Array.isArray(node)) return merge(...node.map((child) => traceExpression(child, scope)))
  if (!isObject(node)) return NOTHING
  switch (node.class) {
    case 'COLUMN_REF':
      return resolveName(listOf(node.column_names).map(String), scope)
    case 'CONSTANT':
      return NOTHING
    case 'CASE':
      return traceCase(node, scope)
    case 'FUNCTION':
      return traceFunction(node, scope)
    case 'WINDOW':
      return traceWindow(node, scope)
    case 'SUBQUERY':
      return traceSubquery(node, scope)
    case 'LAMBDA':
      return traceLambda(node, scope)
    case 'POSITIONAL_REFERENCE':
      return merge(fromAll(scope.from.star), ...scope.aliases.values())
    case 'STAR':
      return via('transformation', merge(fromAll(scope.from.star), childrenOf(node, scope, ['expr', 'replace_list'])))
    default:
      return via('transformation', merge(...Object.values(node).map((child) => traceExpression(child, scope))))
  }
}

/** Whether an expression has a node for which `is` holds; subqueries are not looked into. */
export function hasNode(node: unknown, is: (node: Node) => boolean): boolean {
  if (Array.isArray(node)) return node.some((child) => hasNode(child, is))
  if (!isObject(node) || node.class === 'SUBQUERY') return false
  return is(node) || Object.values(node).some((child) => hasNode(child, is))
}

/** What the calls of a function that makes several rows of one depend on. */
export function traceSpread(node: unknown, scope: Scope): Dependencies {
  if (Array.isArray(node)) return merge(...node.map((child) => traceSpread(child, scope)))
  if (!isObject(node) || node.class === 'SUBQUERY') return NOTHING
  if (isSpread(node)) return via('join', traceExpression(node.children, scope))
  return merge(...Object.values(node).map((child) => traceSpread(child, scope)))
}

/** Whether a node is a call that makes several rows of one, and of a struct several columns. */
export function isSpread(node: Node): boolean {
  return node.class === 'FUNCTION' && ['unnest', 'unlist', 'generate_subscripts'].includes(String(node.function_name).toLowerCase())
}

function childrenOf(node: Node, scope: Scope, keys: readonly string[]): Dependencies {
  return merge(...keys.map((key) => traceExpression(node[key], scope)))
}

function traceCase(node: Node, scope: Scope): Dependencies {
  const checks = listOf(node.case_checks)
  const conditions = checks.map((check) => traceExpression(fieldAt(check, 'when_expr'), scope))
  const values = [...checks.map((check) => fieldAt(check, 'then_expr')), node.else_expr].map((value) => traceExpression(value, scope))
  return merge(via('conditional', merge(...conditions)), via('transformation', merge(...values)))
}

function traceFunction(node: Node, scope: Scope): Dependencies {
  const isAggregate = scope.world.aggregates.has(String(node.function_name).toLowerCase())
  return merge(
    isAggregate ? ALL_ROWS : listOf(node.children).length === 0 ? FUNCTION : NOTHING,
    via(isAggregate ? 'aggregation' : 'transformation', traceExpression(node.children, scope)),
    via('filter', traceExpression(node.filter, scope)),
    via('sort', traceExpression(fieldAt(node.order_bys, 'orders'), scope)),
  )
}

function traceWindow(node: Node, scope: Scope): Dependencies {
  const influence = node.type === 'WINDOW_AGGREGATE' ? 'aggregation' : 'transformation'
  const { children, default_expr: other, ...rest } = node
  return merge(
    ALL_ROWS,
    via(influence, merge(traceExpression(children, scope), traceExpression(other, scope))),
    via('window', merge(...Object.values(rest).map((child) => traceExpression(child, scope)))),
  )
}

function traceSubquery(node: Node, scope: Scope): Dependencies {
  const { items, rows } = scope.world.traceQuery(fieldAt(node.subquery, 'node'), scope.queries, scope, scope.world)
  // Whether there are rows says nothing of what is in them.
  const values = node.subquery_type === 'EXISTS' || node.subquery_type === 'NOT_EXISTS' ? NOTHING : fromAll(items)
  const operand = via('transformation', traceExpression(node.child, scope))
  return merge(node.subquery_type === 'SCALAR' ? values : via('transformation', values), rows, operand)
}

/** The engine also reads the arrow of JSON as a lambda, whose parameter is then a column. */
function traceLambda(node: Node, scope: Scope): Dependencies {
  const parameters = new Set(scope.parameters)
  hasNode(node.lhs, (inner) => {
    if (inner.class === 'COLUMN_REF') parameters.add(String(listOf(inner.column_names)[0]).toLowerCase())
    return false
  })
  const inside = { ...scope, parameters }
  return via('transformation', childrenOf(node, inside, ['lhs', 'expr']))
}
