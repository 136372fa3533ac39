import { inlineRows } from '../../sdk/scan.js'
import { expr, ident, joinSql, rawSql, sql } from '../../sdk/sql.js'
import { isNested } from '../compare/column-kind.js'
import type { LendEngine } from '../compare/read-expected.js'
import { formatOfFile } from '../load/read-rows.js'
import type { CapturedRows } from '../rehearse/capture-rows.js'

/** Writes rows that were found into the file that has those that are expected. */
export async function writeRowsFile(file: string, { columns, rows }: CapturedRows, lend: LendEngine): Promise<void> {
  const texts = inlineRows(rows, Object.fromEntries(columns.map(({ name }) => [name, 'VARCHAR'])))
  const values = columns.map(({ name, type }) => {
    const text = isNested(type) ? expr`CAST(${ident(name)} AS JSON)` : ident(name)
    return expr`CAST(${text} AS ${rawSql(type)}) AS ${ident(name)}`
  })
  const format = formatOfFile(file) ?? 'csv'
  const options = format === 'csv' ? CSV : format === 'json' ? { array: /\.json$/i.test(file), compression: 'none' } : {}
  const engine = await lend()
  await engine.copy(
    sql`SELECT ${joinSql(values)} FROM ${texts}`,
    file,
    { format, options },
    { names: new Map(), signal: new AbortController().signal },
  )
}

const CSV = { delimiter: ',', quote: '"', header: true, null_text: '', encoding: 'utf-8', compression: 'none' } as const
