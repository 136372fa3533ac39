import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { BenchResult } from './bench.js'
import { timeSideBySide } from './measure.js'

const PYPE = fileURLToPath(new URL('../../bin/pype.cjs', import.meta.url))
const ROUNDS = 15

/** How long commands take to start, as multiples of an empty Node program. */
export default async function benchStart(): Promise<readonly BenchResult[]> {
  const folder = mkdtempSync(path.join(tmpdir(), 'pype-bench-'))
  try {
    const flow = path.join(folder, 'sample_etl.yaml')
    writeFileSync(flow, sampleFlow(folder))
    writeFileSync(path.join(folder, 'input.csv'), 'name,age\nAda,36\nTim,12\n')
    execFileSync(process.execPath, [PYPE, 'build', flow, '--out', folder])
    return [
      measure('pype --version', ['--version'], 2.5),
      measure('pype validate of the sample', ['validate', flow], 6),
      measure('pype run of the sample', ['run', path.join(folder, 'sample_etl')], 10),
    ]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function measure(name: string, args: readonly string[], limit: number): BenchResult {
  const [pype, bare] = timeSideBySide([process.execPath, PYPE, ...args], [process.execPath, '-e', '0'], ROUNDS)
  return { name, ratio: pype / bare, limit, detail: `${pype.toFixed(0)} ms, node -e 0: ${bare.toFixed(0)} ms` }
}

/** Three nodes in three sub flows: both data connections are boundaries. */
function sampleFlow(folder: string): string {
  return `flow: { name: sample_etl, version: 1.0.0, authors: ["developer"], created: "2025-01-15" }
settings: { timeout: 3600, retries: 1, fail_strategy: halt, threads: 8 }
modules:
  - { id: source_csv, name: csv_source, configs: { required: { file_path: "${folder}/input.csv" }, optional: { encoding: "utf-8" } } }
  - { id: transform_data, name: filter_mod, configs: { required: { condition: "age > 18" } } }
  - { id: output_parquet, name: parquet_sink, configs: { required: { output_path: "${folder}/output.parquet" } } }
connections:
  data: ["source_csv.data - transform_data.input", "transform_data.output - output_parquet.input"]
  control: ["source_csv (1|) transform_data", "transform_data (2|) output_parquet"]
`
}
