import { groupBy } from '../../../core/group-by.js'
import type { Column, ScanRelation } from '../../../sdk/relation.js'
import { quoteText } from '../statement/literal.js'
import type { CsvFile } from './csv-files.js'
import type { CsvFormat } from './csv-format.js'
import { pathList } from './files.js'
import { MAX_RECORD_BYTES } from './line-length.js'
import type { RejectTables } from './resolved-scan.js'

/** All that the statements over one csv scan are made from. */
export interface CsvPlan {
  readonly scan: ScanRelation
  readonly format: CsvFormat
  readonly files: readonly CsvFile[]
  /** The columns that the scan yields, without the one for the file's name. */
  readonly columns: readonly Column[]
}

/** Files that one call of the engine's reader can read: with equal headers, starts and compression. */
export function groupFiles(files: readonly CsvFile[]): CsvFile[][] {
  return [...groupBy(files, ({ header, skip, compression }) => JSON.stringify([header, skip, compression])).values()]
}

/** Holds the path of each row's file as the engine knows it. */
export const FILE_COLUMN = '"_pype_file"'

/** A call of the engine's reader that yields every column as text. */
export function readCsv(files: readonly CsvFile[], format: CsvFormat, tables?: RejectTables): string {
  const header = files[0]?.header ?? []
  const options = [
    'auto_detect = false',
    // The header is one of the records to skip: what the engine itself takes for the header depends on blank lines before it.
    'header = false',
    `skip = ${files[0]?.skip ?? 0}`,
    `max_line_size = ${MAX_RECORD_BYTES}`,
    `buffer_size = ${MAX_RECORD_BYTES}`,
    `delim = ${quoteText(format.delimiter)}`,
    `quote = ${quoteText(format.quote)}`,
    `escape = ${quoteText(format.quote === '' ? '' : format.escape)}`,
    `nullstr = ${quoteText(format.nullText)}`,
    'allow_quoted_nulls = false',
    `compression = ${quoteText(files[0]?.compression ?? 'none')}`,
    `filename = ${quoteText(FILE_COLUMN.slice(1, -1))}`,
    `columns = {${header.map((name) => `${quoteText(name)}: 'VARCHAR'`).join(', ')}}`,
  ]
  if (tables !== undefined)
    options.push('store_rejects = true', `rejects_table = ${quoteText(tables.errors)}`, `rejects_scan = ${quoteText(tables.scans)}`)
  return `read_csv(${pathList(files.map((file) => file.readable))}, ${options.join(', ')})`
}
