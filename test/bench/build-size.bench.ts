import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { BenchResult } from './bench.js'
import { timeSideBySide } from './measure.js'

const PYPE = fileURLToPath(new URL('../../bin/pype.cjs', import.meta.url))
const ROUNDS = 3

/** How the time of a build grows with the flow: 1,000 modules against an empty Node program, 10,000 against 1,000. */
export default async function benchBuild(): Promise<readonly BenchResult[]> {
  const folder = mkdtempSync(path.join(tmpdir(), 'pype-bench-'))
  try {
    const small = writeFlow(folder, 1_000)
    const large = writeFlow(folder, 10_000)
    const build = (flow: string) => [process.execPath, PYPE, 'build', flow, '--out', path.join(folder, 'jobs')] as const
    const [one, bare] = timeSideBySide(build(small), [process.execPath, '-e', '0'], ROUNDS)
    const [ten, oneAgain] = timeSideBySide(build(large), build(small), ROUNDS)
    return [
      { name: 'build of 1,000 modules', ratio: one / bare, limit: 50, detail: `${one.toFixed(0)} ms, node -e 0: ${bare.toFixed(0)} ms` },
      {
        name: 'build of 10,000 modules against 1,000',
        ratio: ten / oneAgain,
        limit: 12,
        detail: `${ten.toFixed(0)} ms, ${oneAgain.toFixed(0)} ms`,
      },
    ]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A flow with a sub flow per five modules; every third sub flow is a join, and conditions and configs refer to globals. */
export function generateFlow(modules: number): string {
  const count = modules / 5
  const lines = [
    'flow: { name: size_NUMBER, version: 1.0.0, authors: [bench], created: "2025-01-15" }'.replace('NUMBER', String(modules)),
    'modules:',
  ]
  const data: string[] = []
  const control: string[] = []
  for (let i = 0; i < count; i++) {
    lines.push(`  - { id: load${i}, name: csv_source, configs: { file_path: "in/${i}.csv" } }`)
    const condition = i === 0 ? 'age > 18' : `age > {{load${Math.floor((i - 1) / 3)}__row_count}}`
    lines.push(`  - { id: keep${i}, name: filter_mod, configs: { condition: "${condition}" } }`)
    lines.push(`  - { id: sort${i}, name: sort_mod, configs: { by: [age desc] } }`)
    lines.push(`  - { id: few${i}, name: limit_mod, configs: { limit: 100 } }`)
    lines.push(`  - { id: write${i}, name: parquet_sink, configs: { output_path: "out/${i}.parquet" } }`)
    data.push(
      `load${i}.data - keep${i}.input`,
      `keep${i}.output - sort${i}.input`,
      `sort${i}.output - few${i}.input`,
      `few${i}.output - write${i}.input`,
    )
    if (i > 0) control.push(`write${Math.floor((i - 1) / 3)} (${i}|{{load${Math.floor((i - 1) / 3)}__row_count}} > 0) load${i}`)
    if (i > 0 && i % 3 === 0) control.push(`write${i - 1} (${i}|) load${i}`)
  }
  lines.push('connections:', '  data:', ...data.map((text) => `    - "${text}"`), '  control:', ...control.map((text) => `    - "${text}"`))
  return `${lines.join('\n')}\n`
}

function writeFlow(folder: string, modules: number): string {
  const file = path.join(folder, `size_${modules}.yaml`)
  writeFileSync(file, generateFlow(modules))
  return file
}
