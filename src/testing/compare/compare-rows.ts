import { nearest, type Place, PypeError } from '../../core/errors.js'
import { listShort } from '../../core/list-short.js'
import { formatCount, formatQuantity } from '../../core/quantity.js'
import type { Column } from '../../sdk/relation.js'
import type { PlannedRows } from '../plan/plan-expected-rows.js'
import { nameFile } from '../plan/plan-expected-rows.js'
import type { CapturedRows } from '../rehearse/capture-rows.js'
import { readFound } from './cell.js'
import { kindOfType } from './column-kind.js'
import type { Failure } from './failure.js'
import { type Match, matchRows } from './match-rows.js'
import { measureColumns } from './near-cells.js'
import { type LendEngine, nameTypes, type Row, readExpectedRows, readRowsFile } from './read-expected.js'

/** Holds the rows that a port has carried against those that are expected; undefined: they are the same. Throws coded errors for types that do not exist. */
export async function compareRows(
  planned: PlannedRows,
  captured: CapturedRows,
  placeOf: (at: PlannedRows['spec']['at']) => Place,
  lend: LendEngine,
): Promise<Failure | undefined> {
  const { spec, key } = planned
  const fail = (message: string, more: Partial<Failure> = {}): Failure => ({
    subject: `rows of ${key}`,
    message,
    at: placeOf(spec.at),
    found: { kind: 'rows', planned, captured },
    ...more,
  })
  const wrongColumns = await findWrongColumns(planned, captured.columns, lend)
  if (wrongColumns !== undefined) return fail(...wrongColumns)
  const columns = captured.columns.filter(({ name }) => isCompared(planned, name))
  const found = captured.rows.map(
    (row): Row => ({ cells: columns.map(({ name, type }) => readFound(row[name] ?? null, kindOfType(type))), at: undefined }),
  )
  let expected: readonly Row[]
  try {
    expected =
      planned.file === undefined ? await readExpectedRows(spec.rows ?? [], columns, lend) : await readRowsFile(planned.file, columns, lend)
  } catch (error) {
    if (!(error instanceof PypeError) || planned.file === undefined) throw error
    return fail(`${nameFile(planned.file)} does not hold such rows: ${error.message}`, error.hint === undefined ? {} : { hint: error.hint })
  }
  const measures = measureColumns(
    columns.map(({ type }) => kindOfType(type)),
    spec.tolerance,
  )
  const match = matchRows(expected, found, { ordered: spec.ordered, measures })
  const isSame = match.missing.length + match.unexpected.length + match.changed.length === 0 && !match.isReordered
  if (isSame) return undefined
  return fail(describe(match, expected.length, found.length), {
    rows: { columns, expected, found, match, measures, isOrdered: spec.ordered },
  })
}

function describe({ missing, unexpected, changed, isReordered }: Match, expected: number, found: number): string {
  if (isReordered) return `The ${formatQuantity(found, 'row')} are those that are expected, in another order.`
  const parts = [
    ...(missing.length > 0 ? [`${formatCount(missing.length)} missing`] : []),
    ...(unexpected.length > 0 ? [`${formatCount(unexpected.length)} unexpected`] : []),
    ...(changed.length > 0 ? [`${formatCount(changed.length)} changed`] : []),
  ]
  return `Expected ${formatQuantity(expected, 'row')}, found ${formatCount(found)}: ${parts.join(', ')}.`
}

/** The columns that an expectation names; of a file, all that it is compared with. */
function namedColumns({ spec, file }: PlannedRows): readonly string[] | undefined {
  if (spec.columns !== undefined) return spec.columns.map(({ name }) => name)
  if (file !== undefined || (spec.rows ?? []).length === 0) return undefined
  return [...new Set((spec.rows ?? []).flatMap(({ cells }) => cells.map(({ key }) => key)))]
}

function isCompared(planned: PlannedRows, column: string): boolean {
  const { ignore } = planned.spec
  if (ignore === '*') return namedColumns(planned)?.includes(column) ?? true
  return !ignore.includes(column)
}

/** The message has those that nobody expects: the hint lists the columns only where there are others. */
function hintAtColumns(
  missing: readonly string[],
  unexpected: readonly string[],
  names: readonly string[],
  named: readonly string[],
): string {
  const free = names.filter((name) => !named.includes(name))
  const near = missing.flatMap((name) => {
    const meant = nearest(name, free)
    return meant === undefined ? [] : [{ name, meant }]
  })
  const [first] = near
  if (first !== undefined && missing.length === 1) return `did you mean "${first.meant}"?`
  if (first !== undefined) return `did you mean ${near.map(({ name, meant }) => `"${meant}" for "${name}"`).join(', ')}?`
  if (unexpected.length === 0) return `the columns are ${listShort(names)}`
  const isOne = unexpected.length === 1
  if (missing.length > 0)
    return `take ${missing.join(', ')} out of the test, and name the other${isOne ? '' : 's'}, or \`ignore\` ${isOne ? 'it' : 'them'}`
  return `name ${isOne ? 'it' : 'them'}, or \`ignore: [${unexpected.join(', ')}]\``
}

async function findWrongColumns(
  planned: PlannedRows,
  found: readonly Column[],
  lend: LendEngine,
): Promise<readonly [message: string, more: Partial<Failure>] | undefined> {
  const named = namedColumns(planned)
  if (named === undefined) return undefined
  const names = found.map(({ name }) => name)
  const missing = named.filter((name) => !names.includes(name))
  const unexpected = names.filter((name) => !named.includes(name) && isCompared(planned, name))
  if (missing.length > 0 || unexpected.length > 0) {
    const parts = [
      ...(missing.length > 0 ? [`there is no column ${missing.join(', ')}`] : []),
      ...(unexpected.length > 0 ? [`nobody expects the column ${unexpected.join(', ')}`] : []),
    ]
    return [`The columns differ: ${parts.join('; ')}.`, { hint: hintAtColumns(missing, unexpected, names, named) }]
  }
  if (planned.spec.columns === undefined) return undefined
  const typed = await nameTypes(planned.spec.columns, lend)
  const wrong = typed.flatMap(({ name, type }) => {
    const actual = found.find((column) => column.name === name)?.type
    return actual === undefined || actual === type || !isCompared(planned, name) ? [] : [`${name} is ${actual}, not ${type}`]
  })
  return wrong.length === 0 ? undefined : [`The types of columns differ: ${wrong.join('; ')}.`, {}]
}
