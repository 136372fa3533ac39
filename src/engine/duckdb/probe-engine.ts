import path from 'node:path'
import { duckdb } from './duckdb.js'
import { quoteText } from './statement/literal.js'

/** Rows that the probe moves. */
const ROWS = 1000

/** Whether the engine works here: runs a query, writes a Parquet file into a folder and reads it back. Returns the engine's version; throws what it throws. */
export async function probeEngine(folder: string): Promise<string> {
  const instance = await duckdb.DuckDBInstance.create(':memory:', { threads: '1' })
  try {
    const connection = await instance.connect()
    const file = quoteText(path.join(folder, 'probe.parquet'))
    await connection.run(`COPY (SELECT i, 'row ' || i AS t FROM range(${ROWS}) AS rows(i)) TO ${file} (FORMAT parquet)`)
    const reader = await connection.runAndReadAll(`SELECT count(*)::INT, count(DISTINCT t)::INT, version() FROM read_parquet(${file})`)
    const [count, texts, version] = reader.getRowsJS()[0] ?? []
    if (count !== ROWS || texts !== ROWS) throw new Error(`${ROWS} rows were written, and ${String(count)} are read`)
    return String(version)
  } finally {
    instance.closeSync()
  }
}
