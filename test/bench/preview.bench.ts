import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { DuckDBInstance } from '@duckdb/node-api'
import type { BenchResult } from './bench.js'
import { measureSideBySide } from './measure.js'

const PYPE = fileURLToPath(new URL('../../bin/pype.cjs', import.meta.url))
const BARE = fileURLToPath(new URL('bare-duckdb.mjs', import.meta.url))
const ROWS = 10_000_000
const ROUNDS = 5
const MEMORY = '4GB'
/** Of the first thousand rows 27 pass, of the others none. */
const CONDITION = 'id % 37 = 5 AND id < 1000'
const TYPES = { id: 'BIGINT', name: 'VARCHAR', qty: 'INTEGER', price: 'DECIMAL(10,2)', day: 'DATE', region: 'VARCHAR' }

/**
 * How long a preview takes of a filter over 10,000,000 rows of CSV with a few matches near the start, without the start, which is that of
 * `pype --version`: against a Node program that runs the bare statement with that limit, and against one whose limit makes the engine read
 * in order and stop, as a preview does. (With a constant limit above a filter the engine reads the whole file.)
 */
export default async function benchPreview(): Promise<readonly BenchResult[]> {
  const folder = mkdtempSync(path.join(tmpdir(), 'pype-bench-preview-'))
  try {
    const csv = path.join(folder, 'orders.csv')
    await writeOrders(csv)
    const flow = path.join(folder, 'orders.yaml')
    writeFileSync(flow, orderFlow(csv))
    const bare = [`LIMIT 20`, `LIMIT CAST(20 + floor(random()) AS BIGINT)`].map((limit, i) => {
      const file = path.join(folder, `bare-${i}.sql`)
      const columns = JSON.stringify(TYPES).replaceAll('"', "'")
      writeFileSync(
        file,
        `SELECT * FROM read_csv('${csv}', header = true, auto_detect = false, columns = ${columns}) WHERE ${CONDITION} ${limit}`,
      )
      return [process.execPath, BARE, file, MEMORY, path.join(folder, 'spill')] as const
    })
    const commands = [[process.execPath, PYPE, 'preview', flow, 'some'], [process.execPath, PYPE, '--version'], ...bare] as const
    const [preview = 0, start = 0, whole = 0, early = 0] = measureSideBySide(commands, ROUNDS).map(({ milliseconds }) => milliseconds)
    const compare = (name: string, statement: number, limit: number): BenchResult => ({
      name,
      ratio: (preview - start) / statement,
      limit,
      detail: `${preview.toFixed(0)} ms, of it the start ${start.toFixed(0)} ms, against ${statement.toFixed(0)} ms`,
    })
    return [compare('pype preview of a filter over 10M rows', whole, 1.5), compare('the same, against a limit that stops early', early, 2)]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function writeOrders(csv: string): Promise<void> {
  const connection = await (await DuckDBInstance.create(':memory:')).connect()
  await connection.run(`COPY (
    SELECT i AS id, 'customer ' || (i * 7919 % 1000003) AS name, (i % 50)::INTEGER AS qty, ((i * 31 % 100000) / 100.0)::DECIMAL(10,2) AS price,
      DATE '2020-01-01' + (i % 2000)::INTEGER AS day, CASE WHEN i % 10 < 3 THEN 'north' WHEN i % 10 < 6 THEN 'south' ELSE 'west' END AS region
    FROM range(${ROWS}) t(i)) TO '${csv}' (FORMAT csv, HEADER)`)
}

function orderFlow(csv: string): string {
  return `flow: { name: orders, version: 1.0.0, authors: [bench], created: "2026-01-01" }
settings: { memory_limit: ${MEMORY} }
modules:
  - { id: orders, name: csv_source, configs: { file_path: "${csv}", columns: ${JSON.stringify(TYPES)} } }
  - { id: some, name: filter_mod, configs: { condition: "${CONDITION}" } }
  - { id: out, name: csv_sink, configs: { output_path: out.csv } }
connections: { data: [orders.data - some.input, some.output - out.input], control: [] }
`
}
