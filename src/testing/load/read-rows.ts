import type { Findings } from '../../build/findings.js'
import type { FlowValue } from '../../core/flow.js'
import type { TextSpan } from '../../core/source-text.js'
import { childOf, entriesOf, itemsOf, namedOf, textOf } from './read-value.js'
import type { RowsSpec } from './test-file.js'

/** What names of files with rows end with. */
const FORMATS = [
  ['csv', /\.(csv|tsv)(\.gz|\.zst)?$/i],
  ['json', /\.(json|jsonl|ndjson)(\.gz|\.zst)?$/i],
  ['parquet', /\.parquet$/i],
] as const

/** The format of a file with rows, by its name. */
export function formatOfFile(file: string): 'csv' | 'json' | 'parquet' | undefined {
  return FORMATS.find(([, ending]) => ending.test(file))?.[0]
}

/** Reads a list of rows, or a map with `rows` or a `file`. `name` says whose rows they are. */
export function readRows(name: string, at: TextSpan, value: FlowValue, findings: Findings): RowsSpec {
  const rows = value.kind === 'list' ? value : childOf(value, 'rows')
  const file = namedOf(childOf(value, 'file'))
  const columns = childOf(value, 'columns')
  if ((rows === undefined) === (file === undefined))
    findings.error(
      'TEST_INVALID',
      at,
      rows === undefined ? `${name} has neither rows nor a file.` : `${name} has rows and a file.`,
      'give `rows: [ … ]` or `file: …`, one of the two',
    )
  if (file !== undefined && formatOfFile(file.text) === undefined)
    findings.error(
      'TEST_INVALID',
      file.at,
      `What kind of file ${file.text} is, its name does not say.`,
      'name it .csv, .json, .jsonl or .parquet',
    )
  return {
    at,
    rows: rows === undefined ? undefined : itemsOf(rows).map((row) => ({ at: row.at, cells: entriesOf(row) })),
    file,
    columns:
      columns === undefined
        ? undefined
        : entriesOf(columns).map((entry) => ({ name: entry.key, type: textOf(entry.value) ?? '', at: entry.value.at })),
  }
}
