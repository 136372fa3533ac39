import { labelOf } from '../../build/lineage/dataset.js'
import { ANY, type ColumnPlace, type LineagePort, type Way } from '../../build/lineage/flow-lineage.js'
import type { GivenBy } from '../../build/lineage/given-by.js'
import { type Reached, walkDownstream, walkUpstream } from '../../build/lineage/walk-lineage.js'
import { escapeControls } from '../../core/escape-controls.js'
import { hangText, wrapText } from '../../core/wrap-text.js'
import { foldTable } from '../terminal/fold-table.js'
import { nameOf } from './lineage-place.js'

/** The lineage of a column, as `pype lineage --json` prints it. */
export interface ColumnLineage extends ColumnPlace {
  readonly direction: 'upstream' | 'downstream'
  readonly values: readonly LineageStep[]
  /** Columns that decide which rows it has; downstream, ports of which it decides the rows, with `*` for their columns. */
  readonly rows: readonly LineageStep[]
  /** What it is made of, where it comes from no other column. */
  readonly given?: GivenBy
  /** Why something of it is not known. */
  readonly doubts: readonly string[]
}

/** A column on the way. `end`: it is read from outside, or written by a sink. */
export interface LineageStep extends ColumnPlace {
  readonly ways: readonly Way[]
  readonly end: boolean
  /** What it is made of, where it comes from no other column. */
  readonly given?: GivenBy
  /** What is read or written there, as the flow has it. */
  readonly dataset?: string
}

/** What each of some columns comes from, or what depends on it. */
export function findLineage(
  ports: readonly LineagePort[],
  columns: readonly ColumnPlace[],
  direction: ColumnLineage['direction'],
): readonly ColumnLineage[] {
  return columns.map((place) => {
    const { values, rows } = direction === 'upstream' ? walkUpstream(ports, place) : walkDownstream(ports, place)
    const own = ports.filter(({ node, port }) => node.flow.id === place.node && port === place.port)
    const met = [...own, ...[...values, ...rows].map(({ at }) => at)]
    const doubts = met.flatMap((port) => (port.doubt === undefined ? [] : [`${port.node.flow.id}.${port.port}: ${port.doubt}`]))
    const given = own.flatMap((port) => givenOf(port, place.column) ?? [])[0]
    return {
      ...place,
      direction,
      values: values.map(toStep),
      rows: rows.map(toStep),
      ...(given === undefined ? {} : { given }),
      doubts: [...new Set(doubts)],
    }
  })
}

function toStep({ node, port, column, ways, at }: Reached): LineageStep {
  const dataset = at.kind === 'made' ? '' : labelOf(at.node)
  const given = givenOf(at, column)
  const from = { ...(dataset === '' ? {} : { dataset }), ...(given === undefined ? {} : { given }) }
  return { node, port, column, ways, end: at.kind !== 'made', ...from }
}

function givenOf({ columns }: LineagePort, column: string): GivenBy | undefined {
  return columns.find(({ name }) => name === column)?.given
}

/** One column with every step of its way, in lines of at most `columns`. */
export function formatSteps(found: ColumnLineage, columns: number): string {
  const isUp = found.direction === 'upstream'
  const section = (title: string, steps: readonly LineageStep[]) =>
    steps.length === 0
      ? []
      : [[title], ...steps.map((step) => [`  ${nameOf(step)}`, describeWays(step.ways), whereFrom(step)].map(escapeControls))]
  const rows = [
    ...section(isUp ? 'comes from' : 'goes into', found.values),
    ...(isUp && found.given !== undefined ? [['comes from'], [escapeControls(`  ${describeGiven(found.given)}`)]] : []),
    ...section(isUp ? 'its rows depend on' : 'decides the rows of', found.rows),
    ...(found.values.length + found.rows.length > 0 || (isUp && found.given !== undefined)
      ? []
      : [[isUp ? 'comes from no other column' : 'no other column depends on it']]),
  ]
  const lines = foldTable(rows, { columns: columns - 2, folded: [2] }).map((line) => `  ${line}\n`)
  return `${escapeControls(nameOf(found))}\n${lines.join('')}${formatDoubts([found], columns)}`
}

/** Several columns with the ends of their ways alone, in lines of at most `columns`. What their rows depend on stands once for each port. */
export function formatEnds(all: readonly ColumnLineage[], columns: number): string {
  const isUp = all[0]?.direction !== 'downstream'
  const rows: (readonly string[])[] = [['column', isUp ? 'comes from' : 'goes into', 'how', isUp ? 'read from' : 'written to']]
  for (const [i, found] of all.entries()) {
    const port = `${found.node}.${found.port}`
    const ends = found.values.filter(({ end, given }) => end || (isUp && given !== undefined))
    if (isUp && found.given !== undefined) rows.push([nameOf(found), '-', '', describeGiven(found.given)])
    else rows.push(...linesOf(nameOf(found), ends))
    const next = all[i + 1]
    if (!isUp)
      rows.push(
        ...linesOf(
          '  decides the rows of',
          found.rows.filter(({ end }) => end),
          false,
        ),
      )
    else if (next === undefined || `${next.node}.${next.port}` !== port)
      rows.push(
        ...linesOf(
          `${port}: its rows`,
          found.rows.filter(({ end }) => end),
          false,
        ),
      )
  }
  const lines = foldTable(
    rows.map((row) => row.map(escapeControls)),
    { columns, folded: [3] },
  ).map((line) => `${line}\n`)
  return lines.join('') + formatDoubts(all, columns)
}

function linesOf(title: string, steps: readonly LineageStep[], isNeeded = true): readonly (readonly string[])[] {
  if (steps.length === 0) return isNeeded ? [[title, '-', '', '']] : []
  return steps.map((step, i) => [i === 0 ? title : '', nameOf(step), describeWays(step.ways), whereFrom(step)])
}

/** What is read or written there, or what the column is made of. */
function whereFrom({ dataset, given }: LineageStep): string {
  return dataset ?? (given === undefined ? '' : describeGiven(given))
}

function describeGiven({ kind, of }: GivenBy): string {
  switch (kind) {
    case 'rows':
      return `all rows of ${of.join(', ')}`
    case 'template':
      return of.join(', ')
    case 'function':
      return 'a function'
    case 'constant':
      return 'a constant'
  }
}

function formatDoubts(all: readonly ColumnLineage[], columns: number): string {
  const doubts = [...new Set(all.flatMap((found) => found.doubts))]
  if (doubts.length === 0) return ''
  const meaning = `unknown: may come of any column that is named; ${ANY} stands for columns that are not known.`
  return `\n${[wrapText(meaning, { columns }), ...doubts.map((doubt) => hangText('  ', escapeControls(doubt), columns))].join('\n')}\n`
}

function describeWays(ways: readonly Way[]): string {
  return ways.map((way) => way.replace('_', ' ')).join(', ')
}
