import { execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { BenchResult } from './bench.js'

const PYPE = fileURLToPath(new URL('../../bin/pype.cjs', import.meta.url))
const RECORDED = 10_000
const FRAMES = 100_000
const ROUNDS = 3

/** How much later the first new sub flow starts in a resume than in a fresh run of the same job. */
export default async function benchResume(): Promise<readonly BenchResult[]> {
  const folder = mkdtempSync(path.join(tmpdir(), 'pype-bench-resume-'))
  try {
    const nodes = Array.from({ length: RECORDED }, (_, i) => `n${i}`)
    const chain: FlowParts = {
      modules: [...nodes.map((id) => `{ id: ${id}, name: gate }`), LAST],
      control: [...nodes.slice(1), 'last'].map((id, i) => `n${i} (1|) ${id}`),
    }
    const loop: FlowParts = {
      modules: [
        `{ id: list, name: inline_source, configs: { rows: [${Array.from({ length: FRAMES }, (_, i) => `{ i: ${i} }`).join(', ')}] } }`,
        '{ id: each, name: gate }',
        LAST,
      ],
      control: ['list (1|iterate) each', 'list (2|) last'],
    }
    return [
      measure(folder, 'chain', chain, `resume behind ${RECORDED} recorded sub flows`, 1000),
      measure(folder, 'loop', loop, `resume behind ${FRAMES} recorded passes`, 3000),
    ]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Fails, and tells of its start before that. */
const LAST = '{ id: last, name: fail, configs: { message: here } }'

interface FlowParts {
  readonly modules: readonly string[]
  readonly control: readonly string[]
}

function measure(folder: string, name: string, { modules, control }: FlowParts, title: string, limit: number): BenchResult {
  const list = (items: readonly string[]) => items.map((item) => `\n    - ${item}`).join('')
  const flow = path.join(folder, `${name}.yaml`)
  const head = `flow: { name: ${name}, version: 1.0.0, authors: [bench], created: "2026-01-01" }`
  writeFileSync(flow, `${head}\nmodules:${list(modules)}\nconnections:\n  data: []\n  control:${list(control)}\n`)
  execFileSync(process.execPath, [PYPE, 'build', flow, '--out', path.join(folder, 'jobs')])
  const job = path.join(folder, 'jobs', name)
  run(folder, job, [])
  const runs = path.join(job, 'runs')
  const [first = ''] = readdirSync(runs).filter((entry) => /^\d/.test(entry))
  const journal = path.join(runs, first, 'journal.log')
  copyFileSync(journal, path.join(folder, 'journal.log'))
  const fresh: number[] = []
  const resumed: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    copyFileSync(path.join(folder, 'journal.log'), journal)
    resumed.push(run(folder, job, ['--resume', first, '--force']))
    fresh.push(startOfWalk(folder, job))
  }
  const [later, bare] = [median(resumed), median(fresh)]
  return { name: title, ratio: later - bare, limit, unit: 'ms', detail: `${Math.round(later)} ms, a fresh run ${Math.round(bare)} ms` }
}

/** Milliseconds from the call of the command to the end of its first new sub flow, which fails at once. */
function run(folder: string, job: string, args: readonly string[]): number {
  const begun = Date.now()
  const log = logOf(folder, job, args)
  return Date.parse(log.find(({ event, subFlow }) => event === 'subflow.failed' && subFlow === 'last')?.time ?? '') - begun
}

/** Milliseconds from the call of the command to the end of its first sub flow. */
function startOfWalk(folder: string, job: string): number {
  const begun = Date.now()
  const log = logOf(folder, job, [])
  return Date.parse(log.find(({ event }) => event === 'subflow.completed')?.time ?? '') - begun
}

interface LogLine {
  readonly event: string
  readonly subFlow?: string
  readonly time: string
}

function logOf(cwd: string, job: string, args: readonly string[]): readonly LogLine[] {
  const { stdout } = spawnSync(process.execPath, [PYPE, 'run', job, ...args, '--json'], { cwd, encoding: 'utf8', maxBuffer: 2 ** 28 })
  const log = path.join(JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '').folder, 'log.jsonl')
  const lines = readFileSync(log, 'utf8').trimEnd().split('\n')
  // A run that is gone on with writes behind what it wrote before.
  const last = lines.findLastIndex((line) => line.includes('"event":"run.started"'))
  return lines.slice(last).map((line): LogLine => JSON.parse(line))
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}
