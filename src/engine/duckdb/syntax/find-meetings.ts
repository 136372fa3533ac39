import { isObject } from '../../../core/json.js'
import { type Operand, readColumn, readOperand, type Table, type Tables } from './operand.js'
import { fieldAt, isEmpty, listOf } from './syntax-tree.js'

/** Values of a query that the engine brings to one type. Undefined: nothing is known of one. */
export type Meeting =
  /** Each of the others is compared with the first. */
  | { readonly kind: 'compared'; readonly first: Operand | undefined; readonly others: readonly (Operand | undefined)[] }
  /** The value is one of them; `of` is what chooses. */
  | { readonly kind: 'chosen'; readonly of: string; readonly among: readonly (Operand | undefined)[] }

/** Whether a text may have a meeting that binds whatever its types are: a comparison for equality or with a text that is written out, or a choice. */
export function mayHaveMeetings(text: string): boolean {
  return /(?<![<>])=|<>|\b(?:in|distinct|case|if|ifnull|nullif|coalesce|between|using)\b|[<>]=?\s*'|'\s*[<>]/i.test(text)
}

/** What meets in the engine's tree of a statement. `tables` are those that FROM may name. */
export function findMeetings(statement: unknown, tables: Tables): readonly Meeting[] {
  const found: Meeting[] = []
  walk(statement, new Map(), tables, (meeting) => found.push(meeting))
  return found
}

type Add = (meeting: Meeting) => void

/** `scope` has the tables that names of columns refer to. */
function walk(node: unknown, scope: Tables, tables: Tables, add: Add): void {
  if (Array.isArray(node)) {
    for (const child of node) walk(child, scope, tables, add)
    return
  }
  if (!isObject(node)) return
  // The parameters of a lambda hide columns of the same name.
  if (node.class === 'LAMBDA') return
  if (node.type === 'SELECT_NODE') {
    walkSelect(node, tables, add)
    return
  }
  // Names in a subquery may be those of the query around it.
  if (node.class === 'SUBQUERY') return
  const meeting = readMeeting(node, scope)
  if (meeting !== undefined) add(meeting)
  for (const child of Object.values(node)) walk(child, scope, tables, add)
}

function walkSelect(node: { readonly [key: string]: unknown }, outer: Tables, add: Add): void {
  const tables = new Map(outer)
  for (const entry of listOf(fieldAt(node, 'cte_map', 'map'))) {
    const query = fieldAt(entry, 'value', 'query')
    walk(query, new Map(), tables, add)
    tables.set(String(fieldAt(entry, 'key')).toLowerCase(), columnsOfStar(fieldAt(query, 'node'), tables))
  }
  const scope = new Map<string, Table>()
  enter(node.from_table, tables, scope)
  for (const meeting of listUsing(node.from_table, tables)) add(meeting)
  walk(node.select_list, scope, tables, add)
  walk(node.where_clause, scope, tables, add)
  walk(node.from_table, scope, tables, add)
}

/** The columns of `SELECT * FROM table`; those of any other query are not known here. */
function columnsOfStar(node: unknown, tables: Tables): Table {
  const [item, ...others] = listOf(fieldAt(node, 'select_list'))
  const from = fieldAt(node, 'from_table')
  const isPlain = ['exclude_list', 'replace_list', 'rename_list', 'qualified_exclude_list'].every((key) => isEmpty(fieldAt(item, key)))
  if (fieldAt(item, 'class') !== 'STAR' || others.length > 0 || !isPlain || fieldAt(from, 'type') !== 'BASE_TABLE') return undefined
  return tables.get(String(fieldAt(from, 'table_name')).toLowerCase())
}

function enter(from: unknown, tables: Tables, scope: Map<string, Table>): void {
  const type = fieldAt(from, 'type')
  if (type === 'JOIN') {
    enter(fieldAt(from, 'left'), tables, scope)
    enter(fieldAt(from, 'right'), tables, scope)
    return
  }
  const table = String(fieldAt(from, 'table_name') ?? '').toLowerCase()
  const alias = String(fieldAt(from, 'alias') ?? '').toLowerCase()
  const isPlain = type === 'BASE_TABLE' && isEmpty(fieldAt(from, 'column_name_alias'))
  if (type !== 'EMPTY') scope.set(alias || table || `${scope.size}`, isPlain ? tables.get(table) : undefined)
}

/** The columns of USING, on both sides of their join. */
function listUsing(from: unknown, tables: Tables): readonly Meeting[] {
  if (fieldAt(from, 'type') !== 'JOIN') return []
  const sides = [fieldAt(from, 'left'), fieldAt(from, 'right')]
  const [left, right] = sides.map((side) => {
    const scope = new Map<string, Table>()
    enter(side, tables, scope)
    return scope
  })
  const at = fieldAt(from, 'query_location')
  const read = (name: unknown, scope: Tables = new Map()) => readColumn([String(name)], scope, typeof at === 'number' ? at : undefined)
  const own = listOf(fieldAt(from, 'using_columns')).map((name): Meeting => {
    return { kind: 'compared', first: read(name, left), others: [read(name, right)] }
  })
  return [...own, ...sides.flatMap((side) => listUsing(side, tables))]
}

function readMeeting(node: { readonly [key: string]: unknown }, scope: Tables): Meeting | undefined {
  const read = (operand: unknown) => readOperand(operand, scope)
  const compared = (first: unknown, others: readonly unknown[]): Meeting => {
    return { kind: 'compared', first: read(first), others: others.map(read) }
  }
  const children = listOf(node.children)
  if (node.class === 'COMPARISON') return compared(node.left, [node.right])
  if (node.class === 'BETWEEN') return compared(node.input, [node.lower, node.upper])
  if (node.type === 'COMPARE_IN' || node.type === 'COMPARE_NOT_IN') return compared(children[0], children.slice(1))
  if (node.class === 'FUNCTION' && node.function_name === 'nullif') return compared(children[0], children.slice(1))
  if (node.type === 'OPERATOR_COALESCE')
    return { kind: 'chosen', of: 'COALESCE', among: children.filter((child) => !isNull(child)).map(read) }
  if (node.class !== 'CASE') return undefined
  const results = listOf(node.case_checks).map((check) => fieldAt(check, 'then_expr'))
  return { kind: 'chosen', of: 'CASE', among: [...results, node.else_expr].filter((result) => !isNull(result)).map(read) }
}

function isNull(node: unknown): boolean {
  return fieldAt(node, 'class') === 'CONSTANT' && fieldAt(node, 'value', 'is_null') === true
}
