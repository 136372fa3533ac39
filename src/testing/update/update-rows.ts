import { type Document, isMap, isSeq, type Node, YAMLMap, type YAMLSeq } from 'yaml'
import { PypeError } from '../../core/errors.js'
import type { Column } from '../../sdk/relation.js'
import type { FoundInstead, RowsDifference } from '../compare/failure.js'
import { areNear } from '../compare/near-cells.js'
import { inPlaceOf, toYamlValue } from './yaml-value.js'

type FoundRows = Extract<FoundInstead, { kind: 'rows' }>

/** Makes the rows of an expectation those that were found. Rows and values that were right stay as they are written. */
export function updateRows(
  document: Document,
  steps: readonly (string | number)[],
  { planned, captured }: FoundRows,
  difference: RowsDifference | undefined,
): void {
  const node = document.getIn(steps, true)
  const rows = isMap(node) ? node.get('rows', true) : node
  if (!isSeq(rows))
    throw new PypeError('TEST_INVALID', `The rows of ${planned.key} are written elsewhere, and cannot be updated.`, {
      hint: 'write them out in place of the alias',
    })
  rows.items = difference === undefined ? newRows(rows, captured, document) : changedRows(rows, difference, document)
  if (rows.items.length === 0) rows.flow = true
  if (isMap(node) && planned.spec.columns !== undefined && difference === undefined)
    node.set('columns', document.createNode(Object.fromEntries(captured.columns.map(({ name, type }) => [name, type])), { flow: true }))
}

/** The columns have changed: all rows are written anew. */
function newRows(rows: YAMLSeq, { columns, rows: found }: FoundRows['captured'], document: Document): Node[] {
  const isFlow = isFlowRow(rows)
  return found.map((row) =>
    createRow(
      columns,
      columns.map(({ name }) => row[name] ?? null),
      isFlow,
      document,
    ),
  )
}

function changedRows(rows: YAMLSeq, difference: RowsDifference, document: Document): unknown[] {
  const { columns, expected, found, match, measures } = difference
  const isFlow = isFlowRow(rows)
  const create = (index: number) =>
    createRow(
      columns,
      (found[index]?.cells ?? []).map(({ text }) => text),
      isFlow,
      document,
    )
  const itemOf = new Map<number, unknown>(match.equal.map((pair) => [pair.found, rows.items[pair.expected]]))
  for (const pair of match.changed) {
    const item = rows.items[pair.expected]
    if (!isMap(item)) continue
    columns.forEach(({ name, type }, i) => {
      const [a, b] = [expected[pair.expected]?.cells[i], found[pair.found]?.cells[i]]
      if (!areNear(a, b, measures[i])) item.set(name, inPlaceOf(item.get(name, true), toYamlValue(b?.text ?? null, type, document)))
    })
    itemOf.set(pair.found, item)
  }
  // Where the order does not count, the file keeps its own.
  const placeOf = new Map([...match.equal, ...match.changed].map((pair) => [pair.found, pair.expected]))
  const isOrdered = match.isReordered || difference.isOrdered
  const order = [...found.keys()].sort((a, b) =>
    isOrdered ? a - b : (placeOf.get(a) ?? expected.length + a) - (placeOf.get(b) ?? expected.length + b),
  )
  return order.map((index) => itemOf.get(index) ?? create(index))
}

function isFlowRow(rows: YAMLSeq): boolean {
  const [first] = rows.items
  return isMap(first) ? first.flow === true : true
}

function createRow(columns: readonly Column[], texts: readonly (string | null)[], isFlow: boolean, document: Document): YAMLMap {
  const row = new YAMLMap(document.schema)
  row.flow = isFlow
  for (const [i, { name, type }] of columns.entries()) row.set(document.createNode(name), toYamlValue(texts[i] ?? null, type, document))
  return row
}
