import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { BenchResult } from './bench.js'
import { type CommandLine, type Cost, measureSideBySide } from './measure.js'

const PYPE = fileURLToPath(new URL('../../bin/pype.cjs', import.meta.url))
const BARE = fileURLToPath(new URL('bare-journal.mjs', import.meta.url))
const MANY = 10_000
const FEW = 2_000
const ROUNDS = 3
const MEMORY_LIMIT = 300

/** What a node and a frame cost, against a bare loop that appends the same journal with as many flushes. */
export default async function benchWalk(): Promise<readonly BenchResult[]> {
  const folder = mkdtempSync(path.join(tmpdir(), 'pype-bench-walk-'))
  try {
    return [...benchChains(folder), ...benchFanOut(folder), ...benchLoops(folder)]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function benchChains(folder: string): BenchResult[] {
  const chain = prepare(folder, 'chain', chainOf(MANY))
  const [pype, bare] = measureSideBySide([chain.run, bareLoop(chain.journal, 1)], ROUNDS)
  const long = prepare(folder, 'long_chain', chainOf(10 * MANY))
  const [tenfold] = measureSideBySide([long.run], 1)
  if (pype === undefined || bare === undefined || tenfold === undefined) return []
  return [
    each('chain of 10,000 nodes', pype, MANY, 0.3),
    ratio('chain of 10,000 against a bare loop', pype, bare, 15),
    ratio('chain of 100,000 against 10,000', tenfold, pype, 12),
    memory('chain of 10,000 nodes', pype),
    memory('chain of 100,000 nodes', tenfold),
  ]
}

function benchFanOut(folder: string): BenchResult[] {
  const nodes = Array.from({ length: MANY }, (_, i) => `n${i + 1}`)
  const control = nodes.map((node) => `n0 (1|) ${node}`)
  const fan = prepare(folder, 'fan_out', { modules: ['n0', ...nodes].map(gate), data: [], control })
  const [pype] = measureSideBySide([fan.run], ROUNDS)
  return pype === undefined ? [] : [each('fan-out of 10,000 nodes', pype, MANY, 0.3), memory('fan-out of 10,000 nodes', pype)]
}

function benchLoops(folder: string): BenchResult[] {
  const looped = (sink: string, frames = MANY): FlowParts => ({
    modules: [
      `{ id: list, name: inline_source, configs: { rows: [${Array.from({ length: frames }, (_, i) => `{ i: ${i} }`).join(', ')}] } }`,
      '{ id: rows, name: inline_source, configs: { rows: [{ a: 1, b: 0 }, { a: 2, b: "{{iter.item.i}}" }] } }',
      sink,
    ],
    data: ['rows.data - sink.input'],
    control: ['list (1|iterate) rows'],
  })
  const logged = prepare(folder, 'logged', looped('{ id: sink, name: log_sink, configs: { level: debug } }'))
  const out = path.join(folder, 'out')
  const bareOut = path.join(folder, 'bare')
  mkdirSync(bareOut)
  const sink = `{ id: sink, name: csv_sink, configs: { output_path: "${out}/{{iter.index}}.csv" } }`
  const written = prepare(folder, 'written', looped(sink))
  // The disk of a machine that is not alone is fast and slow by turns: many short rounds meet it alike, and two long ones do not.
  const short = prepare(folder, 'short', looped(sink, FEW))
  const [log] = measureSideBySide([logged.run], 1)
  const [most] = measureSideBySide([written.run], 1)
  const [pype, bare] = measureSideBySide([short.run, [...bareLoop(short.journal, FEW), 'copy', String(FEW), bareOut]], 7)
  if (log === undefined || most === undefined || pype === undefined || bare === undefined) return []
  return [
    each('10,000 frames with a log_sink', log, MANY, 1.5),
    memory('10,000 frames with a log_sink', log),
    ratio('frames with a csv_sink against a bare loop', pype, bare, 1.6),
    memory('10,000 frames with a csv_sink', most),
  ]
}

interface FlowParts {
  readonly modules: readonly string[]
  readonly data: readonly string[]
  readonly control: readonly string[]
}

function chainOf(length: number): FlowParts {
  const nodes = Array.from({ length }, (_, i) => `n${i}`)
  return { modules: nodes.map(gate), data: [], control: nodes.slice(1).map((node, i) => `n${i} (1|) ${node}`) }
}

/** A node that does nothing. */
function gate(id: string): string {
  return `{ id: ${id}, name: gate }`
}

/** Builds a flow and runs it once, for its journal. */
function prepare(folder: string, name: string, { modules, data, control }: FlowParts): { run: CommandLine; journal: string } {
  const list = (items: readonly string[]) => (items.length === 0 ? ' []' : `\n${items.map((item) => `    - ${item}`).join('\n')}`)
  const head = `flow: { name: ${name}, version: 1.0.0, authors: [bench], created: "2026-01-01" }`
  const flow = path.join(folder, `${name}.yaml`)
  writeFileSync(
    flow,
    `${head}\nmodules:\n${modules.map((module) => `  - ${module}`).join('\n')}\nconnections:\n  data:${list(data)}\n  control:${list(control)}\n`,
  )
  const job = path.join(folder, 'jobs', name)
  execFileSync(process.execPath, [PYPE, 'build', flow, '--out', path.join(folder, 'jobs')])
  const run: CommandLine = [process.execPath, PYPE, 'run', job, '--log', 'none']
  execFileSync(run[0], run.slice(1), { stdio: 'ignore' })
  const [first = ''] = readdirSync(path.join(job, 'runs')).filter((entry) => /^\d/.test(entry))
  return { run, journal: path.join(job, 'runs', first, 'journal.log') }
}

function bareLoop(journal: string, flushes: number): CommandLine {
  return [process.execPath, BARE, journal, String(flushes)]
}

function ratio(name: string, a: Cost, b: Cost, limit: number): BenchResult {
  return {
    name,
    ratio: a.milliseconds / b.milliseconds,
    limit,
    detail: `${Math.round(a.milliseconds)} ms, ${Math.round(b.milliseconds)} ms`,
  }
}

function each(name: string, cost: Cost, times: number, limit: number): BenchResult {
  return { name: `${name}: each`, ratio: cost.milliseconds / times, limit, unit: 'ms' }
}

function memory(name: string, cost: Cost): BenchResult {
  return { name: `${name}: memory`, ratio: cost.memory / 1024, limit: MEMORY_LIMIT, unit: 'MiB' }
}
