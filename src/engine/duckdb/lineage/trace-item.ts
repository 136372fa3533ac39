import { fieldAt, isEmpty, listOf } from '../syntax/syntax-tree.js'
import { merge, via } from './dependencies.js'
import { fromAll, type Item, type Scope } from './scope.js'
import { hasNode, isSpread, traceExpression } from './trace-expression.js'

/** The columns that an entry of a SELECT list gives. */
export function traceItem(node: unknown, scope: Scope): readonly Item[] {
  if (fieldAt(node, 'class') === 'STAR') return traceStar(node, scope)
  const from = traceExpression(node, scope)
  const isMany = hasNode(node, (inner) => inner.class === 'STAR') || (hasNode(node, isSpread) && !hasAlias(node))
  if (isMany) return [{ kind: 'open', from, named: new Map() }]
  return [{ kind: 'column', name: nameOf(node), from }]
}

function nameOf(node: unknown): string | undefined {
  if (hasAlias(node)) return String(fieldAt(node, 'alias'))
  const last = listOf(fieldAt(node, 'column_names')).at(-1)
  return last === undefined ? undefined : String(last)
}

function traceStar(node: unknown, scope: Scope): readonly Item[] {
  const table = String(fieldAt(node, 'relation_name') ?? '').toLowerCase()
  const items = table === '' ? scope.from.star : tableItems(table, scope)
  const named = new Map(
    items.flatMap((item) => (item.kind === 'column' && item.name !== undefined ? [[item.name.toLowerCase(), item.from] as const] : [])),
  )
  // Which of the columns it picks, the engine knows; one that is left out under the name of its table may have a namesake.
  if (!isEmpty(fieldAt(node, 'expr')) || !isEmpty(fieldAt(node, 'qualified_exclude_list'))) {
    const made = ['expr', 'replace_list'].map((key) => traceExpression(fieldAt(node, key), scope))
    return [
      { kind: 'open', from: via('transformation', merge(fromAll(items), ...made)), named: isPlainStar(node, items) ? named : new Map() },
    ]
  }
  const excluded = new Set(listOf(fieldAt(node, 'exclude_list')).map((name) => String(name).toLowerCase()))
  const replaced = new Map(
    listOf(fieldAt(node, 'replace_list')).map((entry) => [
      String(fieldAt(entry, 'key')).toLowerCase(),
      traceExpression(fieldAt(entry, 'value'), scope),
    ]),
  )
  const renamed = new Map(
    listOf(fieldAt(node, 'rename_list')).map((entry) => [
      String(fieldAt(entry, 'key', 'column')).toLowerCase(),
      String(fieldAt(entry, 'value')),
    ]),
  )
  return items.flatMap((item): readonly Item[] => {
    if (item.kind === 'open') {
      const isPlain = replaced.size === 0 && renamed.size === 0
      return [{ ...item, from: merge(item.from, ...replaced.values()), named: isPlain ? item.named : new Map() }]
    }
    const name = item.name?.toLowerCase() ?? ''
    if (excluded.has(name)) return []
    return [{ ...item, name: renamed.get(name) ?? item.name, from: replaced.get(name) ?? item.from }]
  })
}

/** Whether each name stands for the one column that bears it. */
function isPlainStar(node: unknown, items: readonly Item[]): boolean {
  const names = items.map((item) => (item.kind === 'column' ? item.name?.toLowerCase() : undefined))
  return isEmpty(fieldAt(node, 'replace_list')) && isEmpty(fieldAt(node, 'rename_list')) && new Set(names).size === names.length
}

/** `table.*`, or the fields of the struct `column.*`. */
function tableItems(name: string, scope: Scope): readonly Item[] {
  for (let around: Scope | undefined = scope; around !== undefined; around = around.outer) {
    const table = around.from.tables.find((each) => each.name === name)
    if (table !== undefined) return table.items
  }
  return [
    { kind: 'open', from: via('transformation', traceExpression({ class: 'COLUMN_REF', column_names: [name] }, scope)), named: new Map() },
  ]
}

/** Whether an expression is given a name by AS. */
export function hasAlias(expression: unknown): boolean {
  return String(fieldAt(expression, 'alias') ?? '') !== ''
}
