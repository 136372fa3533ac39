import { createReadStream } from 'node:fs'
import path from 'node:path'
import { formatQuantity } from '../../core/quantity.js'
import type { HeldRows } from '../../run/preview/preview.js'
import type { CopyFormat } from '../../sdk/context.js'
import { sql } from '../../sdk/sql.js'
import { openPage } from '../terminal/open-page.js'
import { writeAsRead } from '../terminal/write-as-read.js'
import { formatRows } from './row-table.js'

/** How rows are shown. */
export interface Showing {
  readonly limit: number
  readonly format: 'table' | 'csv' | 'json'
  readonly isSample: boolean
}

/** As the sinks write rows. */
const FILE_FORMATS: { readonly [format in 'csv' | 'json']: CopyFormat } = {
  csv: { format: 'csv', options: {} },
  json: { format: 'json', options: { array: true } },
}

/** Writes rows to stdout; how many there are follows the table, and goes to stderr where the output is data. */
export async function writePreview(held: HeldRows, { limit, format, isSample }: Showing, signal: AbortSignal): Promise<void> {
  const { rows, engine, port, folder } = held
  const statement = { names: new Map(), signal }
  const shown = Math.min(rows.rows, limit)
  const name = `${port.node}.${port.port}`
  const more = rows.rows > limit ? '; there are more, see --limit' : ''
  const note = `${formatQuantity(shown, isSample ? 'random row' : 'row')} of ${name}${more}\n`
  if (format === 'table') {
    const table = formatRows(rows.columns, await engine.head(rows, limit, statement), openPage(process.stdout))
    process.stdout.write(`${table}${note}`)
    return
  }
  const file = path.join(folder, `rows.${format}`)
  await engine.copy(sql`SELECT * FROM ${rows} LIMIT ${limit}`, file, FILE_FORMATS[format], statement)
  for await (const bytes of createReadStream(file)) if (!(await writeAsRead(bytes))) break
  if (more !== '') process.stderr.write(note)
}
