import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { DuckDBInstance } from '@duckdb/node-api'
import type { BenchResult } from './bench.js'
import { type Cost, measureSideBySide } from './measure.js'

const PYPE = fileURLToPath(new URL('../../bin/pype.cjs', import.meta.url))
const BARE = fileURLToPath(new URL('bare-duckdb.mjs', import.meta.url))
const ROWS = 10_000_000
const ROUNDS = 3
const MEMORY = '4GB'

/** A flow, and the hand-written SQL (one or several ways) that does the same. */
interface Contest {
  readonly name: string
  readonly modules: readonly string[]
  readonly data: readonly string[]
  readonly bare: readonly (readonly string[])[]
  readonly limit: number
  readonly memoryLimit?: number
}

/** How long rows take, against a bare script with hand-written statements over the same file of 10,000,000 rows. */
export default async function benchRows(): Promise<readonly BenchResult[]> {
  const folder = path.join(tmpdir(), 'pype-bench-rows')
  const csv = await makeData(folder)
  const results: BenchResult[] = []
  for (const contest of contests(csv, folder)) {
    const job = buildFlow(folder, contest)
    const commands = contest.bare.map((statements, i) => {
      const file = path.join(folder, `${contest.name}-${i}.sql`)
      writeFileSync(file, statements.join(';\n'))
      return [process.execPath, BARE, file, MEMORY, path.join(folder, 'spill')] as const
    })
    const [pype, ...bare] = measureSideBySide([[process.execPath, PYPE, 'run', job, '--log', 'none'], ...commands], ROUNDS)
    if (pype === undefined) continue
    results.push(...compare(contest, pype, bare))
  }
  rmSync(path.join(folder, 'jobs'), { recursive: true, force: true })
  return results
}

function compare({ name, limit, memoryLimit }: Contest, pype: Cost, bare: readonly Cost[]): BenchResult[] {
  const best = bare.reduce((a, b) => (a.milliseconds <= b.milliseconds ? a : b))
  const time = {
    name: `${name}: time`,
    ratio: pype.milliseconds / best.milliseconds,
    limit,
    detail: `${Math.round(pype.milliseconds)} ms against ${Math.round(best.milliseconds)} ms`,
  }
  if (memoryLimit === undefined) return [time]
  const memory = {
    name: `${name}: memory`,
    ratio: pype.memory / best.memory,
    limit: memoryLimit,
    detail: `${Math.round(pype.memory / 1024)} MiB against ${Math.round(best.memory / 1024)} MiB`,
  }
  return [time, memory]
}

async function makeData(folder: string): Promise<string> {
  mkdirSync(folder, { recursive: true })
  const csv = path.join(folder, 'orders.csv')
  if (existsSync(csv)) return csv
  const connection = await (await DuckDBInstance.create(':memory:')).connect()
  await connection.run(`COPY (
    SELECT i AS id, 'customer ' || (i * 7919 % 1000003) AS name, (i % 50)::INTEGER AS qty, ((i * 31 % 100000) / 100.0)::DECIMAL(10,2) AS price,
      DATE '2020-01-01' + (i % 2000)::INTEGER AS day, CASE WHEN i % 10 < 3 THEN 'north' WHEN i % 10 < 6 THEN 'south' ELSE 'west' END AS region
    FROM range(${ROWS}) t(i)) TO '${csv}.new' (FORMAT csv, HEADER)`)
  renameSync(`${csv}.new`, csv)
  return csv
}

const TYPES = { id: 'BIGINT', name: 'VARCHAR', qty: 'INTEGER', price: 'DECIMAL(10,2)', day: 'DATE', region: 'VARCHAR' }

function contests(csv: string, folder: string): Contest[] {
  const columns = JSON.stringify(TYPES)
  const source = `{ id: orders, name: csv_source, configs: { file_path: ${csv}, columns: ${columns} } }`
  const read = `read_csv('${csv}', header = true, auto_detect = false, columns = ${columns.replaceAll('"', "'")})`
  const out = (name: string) => path.join(folder, 'out', name)
  mkdirSync(path.join(folder, 'out'), { recursive: true })
  const parquet = (id: string) => `{ id: ${id}, name: parquet_sink, configs: { output_path: ${out(`${id}.parquet`)} } }`
  const copy = (select: string, id: string) => `COPY (${select}) TO '${out(`${id}-bare.parquet`)}' (FORMAT parquet, COMPRESSION snappy)`
  return [
    {
      name: 'filter, computed column',
      modules: [
        source,
        '{ id: many, name: filter_mod, configs: { condition: qty > 37 } }',
        '{ id: total, name: derive_mod, configs: { columns: { total: qty * price } } }',
        parquet('totals'),
      ],
      data: ['orders.data - many.input', 'many.output - total.input', 'total.output - totals.input'],
      bare: [[copy(`SELECT *, qty * price AS total FROM ${read} WHERE qty > 37`, 'totals')]],
      limit: 1.25,
      memoryLimit: 1.3,
    },
    tenSteps(source, read, parquet, copy),
    {
      name: 'filter and its reject to two sinks',
      modules: [source, "{ id: north, name: filter_mod, configs: { condition: region = 'north' } }", parquet('inside'), parquet('outside')],
      data: ['orders.data - north.input', 'north.output - inside.input', 'north.reject - outside.input'],
      bare: [
        [
          copy(`SELECT * FROM ${read} WHERE region = 'north'`, 'inside'),
          copy(`SELECT * FROM ${read} WHERE region = 'north' IS NOT TRUE`, 'outside'),
        ],
        [
          `CREATE TABLE t AS SELECT *, region = 'north' IS TRUE AS k FROM ${read}`,
          copy('SELECT * EXCLUDE (k) FROM t WHERE k', 'inside'),
          copy('SELECT * EXCLUDE (k) FROM t WHERE NOT k', 'outside'),
        ],
      ],
      limit: 1.3,
    },
  ]
}

/** Five filters and five computed columns by turns. */
function tenSteps(source: string, read: string, parquet: (id: string) => string, copy: (select: string, id: string) => string): Contest {
  const modules = [source]
  const data: string[] = []
  let last = 'orders.data'
  let select = `SELECT * FROM ${read}`
  for (let i = 0; i < 5; i++) {
    modules.push(
      `{ id: keep${i}, name: filter_mod, configs: { condition: id % ${97 + i} <> ${i} } }`,
      `{ id: add${i}, name: derive_mod, configs: { columns: { c${i}: qty * ${i + 2} + id } } }`,
    )
    data.push(`${last} - keep${i}.input`, `keep${i}.output - add${i}.input`)
    last = `add${i}.output`
    select = `SELECT *, qty * ${i + 2} + id AS c${i} FROM (${select}) WHERE id % ${97 + i} <> ${i}`
  }
  modules.push(parquet('chain'))
  data.push(`${last} - chain.input`)
  return { name: 'chain of ten steps', modules, data, bare: [[copy(select, 'chain')]], limit: 1.3 }
}

function buildFlow(folder: string, { name, modules, data }: Contest): string {
  const id = name.replace(/[^a-z]+/g, '_')
  const flow = path.join(folder, `${id}.yaml`)
  writeFileSync(
    flow,
    [
      `flow: { name: ${id}, version: 1.0.0, authors: [bench], created: "2026-01-01" }`,
      `settings: { memory_limit: ${MEMORY} }`,
      'modules:',
      ...modules.map((module) => `  - ${module}`),
      'connections:',
      '  data:',
      ...data.map((connection) => `    - ${connection}`),
      '  control: []',
    ].join('\n'),
  )
  execFileSync(process.execPath, [PYPE, 'build', flow, '--out', path.join(folder, 'jobs')])
  return path.join(folder, 'jobs', id)
}
