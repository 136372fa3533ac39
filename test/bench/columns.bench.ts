import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { BenchResult } from './bench.js'
import { timeSideBySide } from './measure.js'

const PYPE = fileURLToPath(new URL('../../bin/pype.cjs', import.meta.url))
const ROUNDS = 9
const NODES = 200
/** Nodes of one sub flow: a source, its mods and a sink. */
const CHAIN = 10
/** Sources whose columns are found in files of their own; the others declare theirs. */
const FOUND = 5

/** How long it takes to check a flow with the columns of all of its rows, as a multiple of an empty Node program. */
export default async function benchColumns(): Promise<readonly BenchResult[]> {
  const folder = mkdtempSync(path.join(tmpdir(), 'pype-bench-'))
  try {
    const flow = path.join(folder, 'wide.yaml')
    const rows = `id,name,age,born\n${'1,Ada,36,1815-12-10\n'.repeat(1000)}`
    for (let i = 0; i < FOUND; i++) writeFileSync(path.join(folder, `people${i}.csv`), rows)
    writeFileSync(flow, generateFlow(folder))
    const [pype, bare] = timeSideBySide([process.execPath, PYPE, 'validate', flow], [process.execPath, '-e', '0'], ROUNDS)
    const detail = `${pype.toFixed(0)} ms, node -e 0: ${bare.toFixed(0)} ms`
    return [{ name: `validate of ${NODES} nodes with columns`, ratio: pype / bare, limit: 15, detail }]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Chains one after the other. */
function generateFlow(folder: string): string {
  const modules: string[] = []
  const data: string[] = []
  const control: string[] = []
  const declared = { id: 'BIGINT', name: 'VARCHAR', age: 'BIGINT', born: 'DATE' }
  for (let i = 0; i < NODES / CHAIN; i++) {
    const file = path.join(folder, `people${i}.csv`)
    const columns = i < FOUND ? '' : `, columns: ${JSON.stringify(declared)}`
    const chain = [
      `csv_source, configs: { file_path: ${JSON.stringify(file)}${columns} }`,
      'filter_mod, configs: { condition: "age > 18 AND name <> \'Tim\'" }',
      'derive_mod, configs: { columns: { year: "year(born)", label: "name || \' (\' || age || \')\'" } }',
      'select_mod, configs: { drop: [born], rename: { year: born_in } }',
      "filter_mod, configs: { condition: \"label IN ('a', 'b') OR born_in = 1900\" }",
      'sort_mod, configs: { by: [name, age desc] }',
      'limit_mod, configs: { limit: 1000 }',
      'aggregate_mod, configs: { group_by: [born_in], aggregates: { people: "count(*)", oldest: "max(age)" } }',
      'sql_mod, configs: { sql: "SELECT *, people * 2 AS twice FROM input WHERE oldest > 30" }',
      `parquet_sink, configs: { output_path: "out/${i}.parquet" }`,
    ]
    chain.forEach((module, k) => {
      modules.push(`  - { id: n${i}x${k}, name: ${module} }`)
      if (k > 0) data.push(`    - n${i}x${k - 1}.${k === 1 ? 'data' : 'output'} - n${i}x${k}.input`)
    })
    if (i > 0) control.push(`    - "n${i - 1}x${CHAIN - 1} (1|) n${i}x0"`)
  }
  const head = 'flow: { name: wide, version: 1.0.0, authors: [bench], created: "2025-01-15" }'
  return `${[head, 'modules:', ...modules, 'connections:', '  data:', ...data, '  control:', ...control].join('\n')}\n`
}
