import { PypeError } from '../../../core/errors.js'
import { isObject } from '../../../core/json.js'
import type { Column, QueryRelation, Relation } from '../../../sdk/relation.js'
import { inputsOf } from '../../../sdk/relation.js'
import { QueryError } from '../../sql-place.js'
import type { Session } from '../session.js'
import { emptyRelation, queryPieces } from '../statement/compile.js'
import { quoteName, quoteText } from '../statement/literal.js'
import { findRefusedOrder, placesOfEqualities } from './order-refused.js'
import { placeInQuery } from './place-in-query.js'
import { fieldAt, isEmpty, listOf } from './syntax-tree.js'
import { type Family, familyOf } from './type-family.js'

/** Types by lower-case name of a column; undefined for a table whose columns are not known here. */
type Table = ReadonlyMap<string, string> | undefined

/** Tables by lower-case name. */
type Tables = ReadonlyMap<string, Table>

interface Operand {
  readonly family: Family
  /** As a message names it. */
  readonly label: string
  readonly column?: string
  readonly constant?: unknown
}

/**
 * Comparisons in queries that the engine binds by converting one side for each row, and that fail on the first value that cannot be
 * converted: `name = 5`, where "name" is text. `columnsOf` tells the columns of the relations that a query reads. One statement for all.
 */
export async function findUnlikeTypes(
  queries: readonly QueryRelation[],
  columnsOf: (input: Relation) => readonly Column[],
  session: Session,
): Promise<ReadonlyMap<QueryRelation, readonly PypeError[]>> {
  const compared = queries
    .map((query) => {
      const inputs = inputsOf(query)
      return { query, inputs, pieces: queryPieces(query, (input) => quoteName(inputName(inputs.indexOf(input)))) }
    })
    .filter(({ pieces }) => mayCompare(pieces.join('')))
  if (compared.length === 0) return new Map()
  const texts = compared.map(({ pieces }, i) => `(${i}, ${quoteText(pieces.join(''))})`)
  const result = await session.run(`SELECT i, json_serialize_sql(sql) FROM (VALUES ${texts.join(', ')}) AS v(i, sql)`)
  const found = new Map<QueryRelation, readonly PypeError[]>()
  for (const [i, tree] of await result.getRows()) {
    const { query, inputs, pieces } = compared[Number(i)] ?? NOTHING
    if (query === undefined) continue
    const tables = new Map(inputs.map((input, k) => [inputName(k), typesOf(columnsOf(input))]))
    const errors: PypeError[] = []
    const add = (error: PypeError, bytes: number | undefined) => {
      const place = bytes === undefined ? undefined : placeInQuery(query.parts, pieces, bytes)
      errors.push(place === undefined ? error : new QueryError(error, place))
    }
    const parsed: unknown = JSON.parse(String(tree))
    walk(parsed, new Map(), tables, (message, hint, bytes) => add(new PypeError('SQL_INVALID', message, { hint }), bytes))
    const places = errors.length > 0 ? [] : placesOfEqualities(parsed)
    if (places.length > 0) {
      const refused = await findRefusedOrder(pieces.join(''), places, namesOfInputs(inputs.map(columnsOf)), session)
      if (refused !== undefined) add(refused.error, refused.bytes)
    }
    found.set(query, errors)
  }
  return found
}

const NOTHING = { query: undefined, inputs: [], pieces: [] }

function inputName(index: number): string {
  return `pype_input_${index}`
}

/** Makes the inputs of a query known by their names, without rows. */
function namesOfInputs(inputs: readonly (readonly Column[])[]): string {
  const tables = inputs.map((columns, i) => `${quoteName(inputName(i))} AS (SELECT * FROM ${emptyRelation(columns)})`)
  return tables.length === 0 ? '' : `WITH ${tables.join(', ')}`
}

/** Whether a text may have a comparison that binds whatever its types are: one for equality, or one with a text that is written out. */
function mayCompare(text: string): boolean {
  return /(?<![<>])=|<>|\bin\b|\bdistinct\b|[<>]=?\s*'|'\s*[<>]/i.test(text)
}

function typesOf(columns: readonly Column[]): Table {
  return new Map(columns.map(({ name, type }) => [name.toLowerCase(), type]))
}

type Report = (message: string, hint: string, bytes: number) => void

/** Walks the engine's tree of a statement. `scope` has the tables that names of columns refer to, `tables` those that FROM may name. */
function walk(node: unknown, scope: Tables, tables: Tables, report: Report): void {
  if (Array.isArray(node)) {
    for (const child of node) walk(child, scope, tables, report)
    return
  }
  if (!isObject(node)) return
  // The parameters of a lambda hide columns of the same name.
  if (node.class === 'LAMBDA') return
  if (node.type === 'SELECT_NODE') {
    walkSelect(node, tables, report)
    return
  }
  // Names in a subquery may be those of the query around it.
  if (node.class === 'SUBQUERY') return
  checkComparison(node, scope, report)
  for (const child of Object.values(node)) walk(child, scope, tables, report)
}

function walkSelect(node: { readonly [key: string]: unknown }, outer: Tables, report: Report): void {
  const tables = new Map(outer)
  for (const entry of listOf(fieldAt(node, 'cte_map', 'map'))) {
    const query = fieldAt(entry, 'value', 'query')
    walk(query, new Map(), tables, report)
    tables.set(String(fieldAt(entry, 'key')).toLowerCase(), columnsOfStar(fieldAt(query, 'node'), tables))
  }
  const scope = new Map<string, Table>()
  enter(node.from_table, tables, scope)
  walk(node.select_list, scope, tables, report)
  walk(node.where_clause, scope, tables, report)
  walk(node.from_table, scope, tables, report)
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

function checkComparison(node: { readonly [key: string]: unknown }, scope: Tables, report: Report): void {
  const isComparison = node.class === 'COMPARISON'
  const isMembership = node.type === 'COMPARE_IN' || node.type === 'COMPARE_NOT_IN'
  if (!isComparison && !isMembership) return
  const [first, ...others] = isComparison ? [node.left, node.right] : listOf(node.children)
  const left = readOperand(first, scope)
  for (const other of others) {
    const right = readOperand(other, scope)
    if (left === undefined || right === undefined || !areUnlike(left, right)) continue
    const at = fieldAt(left.column === undefined ? other : first, 'query_location')
    report(`${left.label} is compared with ${right.label}.`, hintFor(left, right), typeof at === 'number' ? at : Infinity)
    return
  }
}

function readOperand(node: unknown, scope: Tables): Operand | undefined {
  if (fieldAt(node, 'class') === 'CONSTANT') return readConstant(fieldAt(node, 'value'))
  if (fieldAt(node, 'class') !== 'COLUMN_REF') return undefined
  const names = listOf(fieldAt(node, 'column_names')).map(String)
  const type = typeOfColumn(names, scope)
  const family = type === undefined ? undefined : familyOf(type)
  return family && { family, label: `"${names.at(-1)}" (${type})`, column: names.map(quoteName).join('.') }
}

function readConstant(value: unknown): Operand | undefined {
  const type = String(fieldAt(value, 'type', 'id'))
  const family = fieldAt(value, 'is_null') === true ? undefined : familyOf(type)
  if (family === undefined) return undefined
  const constant = fieldAt(value, 'value')
  // Of a DECIMAL the tree has the digits without the point.
  if (type === 'DECIMAL') return { family, label: 'a number' }
  return { family, label: family === 'text' ? `the text '${String(constant)}'` : `the ${family} ${String(constant)}`, constant }
}

function typeOfColumn(names: readonly string[], scope: Tables): string | undefined {
  const name = names.at(-1)?.toLowerCase() ?? ''
  if (names.length === 2) return scope.get(names[0]?.toLowerCase() ?? '')?.get(name)
  if (names.length > 2 || [...scope.values()].includes(undefined)) return undefined
  const found = [...scope.values()].flatMap((table) => table?.get(name) ?? [])
  return found.length === 1 ? found[0] : undefined
}

function areUnlike(left: Operand, right: Operand): boolean {
  if (left.family === right.family) return false
  const families = [left.family, right.family]
  // The engine reads a text that is written out as the other side's type, once.
  for (const [one, other] of [
    [left, right],
    [right, left],
  ] as const) {
    if (one.family === 'text' && one.column === undefined) return other.family === 'number' && !isNumber(one.constant)
  }
  return !(families.includes('number') && families.includes('boolean'))
}

function isNumber(constant: unknown): boolean {
  return typeof constant === 'string' && constant.trim() !== '' && !Number.isNaN(Number(constant.replaceAll('_', '')))
}

function hintFor(left: Operand, right: Operand): string {
  const [column, other] = left.column === undefined ? [right, left] : [left, right]
  if (other.column === undefined && other.family === 'text') return 'compare it with a number'
  if (other.constant !== undefined && column.family === 'text')
    return `compare it with a text, '${String(other.constant)}', or convert it: CAST(${column.column} AS BIGINT)`
  return 'bring both sides to one type: with CAST, or with the config types of a select_mod before'
}
