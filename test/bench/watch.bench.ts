import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { DuckDBInstance } from '@duckdb/node-api'
import type { BenchResult } from './bench.js'
import { type CommandLine, timeSideBySide } from './measure.js'

const PYPE = fileURLToPath(new URL('../../bin/pype.cjs', import.meta.url))
const ROWS = 10_000_000
const ROUNDS = 7

/** What it costs to be shown: the tree on a terminal against nothing, and every data connection counted against only what is known anyway. */
export default async function benchWatch(): Promise<readonly BenchResult[]> {
  const folder = path.join(tmpdir(), 'pype-bench-watch')
  mkdirSync(folder, { recursive: true })
  const files = await makeData(folder)
  const results: BenchResult[] = []
  const known = buildFlow(folder, 'csv', files.csv, 'known')
  const [tree, quiet] = timeSideBySide(inTerminal(known), inTerminal(known, '--quiet'), ROUNDS)
  results.push(compare('live tree on a run of 10M rows', tree, quiet, 1.03))
  for (const format of ['csv', 'parquet'] as const) {
    const jobs = (['all', 'known'] as const).map((counts) => buildFlow(folder, format, files[format], counts))
    const [all, plain] = timeSideBySide(run(jobs[0] ?? ''), run(jobs[1] ?? ''), ROUNDS)
    results.push(compare(`row_counts: all over 10M rows of ${format}`, all, plain, 1.15))
  }
  rmSync(folder, { recursive: true, force: true })
  return results
}

function compare(name: string, one: number, other: number, limit: number): BenchResult {
  return { name, ratio: one / other, limit, detail: `${Math.round(one)} ms against ${Math.round(other)} ms` }
}

function run(job: string): CommandLine {
  return [process.execPath, PYPE, 'run', job, '--log', 'none', '--quiet']
}

/** A run in a pseudo terminal of util-linux. */
function inTerminal(job: string, ...flags: readonly string[]): CommandLine {
  const command = [process.execPath, PYPE, 'run', job, '--log', 'none', ...flags].map((word) => `'${word}'`).join(' ')
  return ['script', '--quiet', '--return', '--command', `stty cols 160 rows 50; TERM=xterm-256color ${command}`, '/dev/null']
}

async function makeData(folder: string): Promise<{ readonly csv: string; readonly parquet: string }> {
  const files = { csv: path.join(folder, 'orders.csv'), parquet: path.join(folder, 'orders.parquet') }
  const connection = await (await DuckDBInstance.create(':memory:')).connect()
  await connection.run(`COPY (
    SELECT i AS id, 'customer ' || (i * 7919 % 1000003) AS name, (i % 50)::INTEGER AS qty, ((i * 31 % 100000) / 100.0)::DECIMAL(10,2) AS price
    FROM range(${ROWS}) t(i)) TO '${files.csv}' (FORMAT csv, HEADER)`)
  await connection.run(`COPY (FROM read_csv('${files.csv}')) TO '${files.parquet}' (FORMAT parquet)`)
  return files
}

function buildFlow(folder: string, format: 'csv' | 'parquet', file: string, counts: 'all' | 'known'): string {
  const name = `${format}_${counts}`
  const columns = format === 'csv' ? ', columns: { id: BIGINT, name: VARCHAR, qty: INTEGER, price: "DECIMAL(10,2)" }' : ''
  const flow = path.join(folder, `${name}.yaml`)
  writeFileSync(
    flow,
    `flow: { name: ${name}, version: 1.0.0, authors: [bench], created: "2026-01-01" }
settings: { memory_limit: 2GB, row_counts: ${counts} }
modules:
  - { id: orders, name: ${format}_source, configs: { file_path: ${file}${columns} } }
  - { id: many, name: filter_mod, configs: { condition: qty > 37 } }
  - { id: total, name: derive_mod, configs: { columns: { total: qty * price } } }
  - { id: large, name: filter_mod, configs: { condition: total > 5000 } }
  - { id: totals, name: parquet_sink, configs: { output_path: ${path.join(folder, `${name}-out.parquet`)} } }
connections:
  data: [orders.data - many.input, many.output - total.input, total.output - large.input, large.output - totals.input]
  control: []
`,
  )
  execFileSync(process.execPath, [PYPE, 'build', flow, '--out', path.join(folder, 'jobs')])
  return path.join(folder, 'jobs', name)
}
