import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** A command for the measurement: the program and its arguments. */
export type CommandLine = readonly [program: string, ...args: string[]]

/** Median wall times in milliseconds of two commands that are run in turns, so that both meet the same machine. */
export function timeSideBySide(one: CommandLine, other: CommandLine, times: number): readonly [one: number, other: number] {
  const samples: [number[], number[]] = [[], []]
  // The first round warms the file cache.
  for (let round = 0; round <= times; round++) {
    const pair = [timeOnce(one), timeOnce(other)] as const
    if (round === 0) continue
    samples[0].push(pair[0])
    samples[1].push(pair[1])
  }
  return [median(samples[0]), median(samples[1])]
}

/** What one run of a command took. */
export interface Cost {
  readonly milliseconds: number
  /** Kibibytes at the peak; NaN for what is no Node program. */
  readonly memory: number
}

/** Median costs of several commands that are run in turns, each after `prepare`. */
export function measureSideBySide(commands: readonly CommandLine[], times: number, prepare: () => void = () => {}): readonly Cost[] {
  const samples: Cost[][] = commands.map(() => [])
  for (let round = 0; round <= times; round++) {
    commands.forEach((command, i) => {
      prepare()
      const cost = measureOnce(command)
      if (round > 0) samples[i]?.push(cost)
    })
  }
  return samples.map((costs) => ({
    milliseconds: median(costs.map((cost) => cost.milliseconds)),
    memory: median(costs.map((cost) => cost.memory)),
  }))
}

/** Bytes of output: a run writes two lines for each of its nodes. Node ends what writes more. */
const MOST_OUTPUT = 1 << 28

/** Required, not imported: that would set up the loader of ES modules once more, for a tenth of a start. */
const PRELOAD = fileURLToPath(new URL('peak-memory.cjs', import.meta.url))

function measureOnce([program, ...args]: CommandLine): Cost {
  const start = performance.now()
  const isNode = program === process.execPath
  const { status, stderr, output } = spawnSync(program, isNode ? ['--require', PRELOAD, ...args] : args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    maxBuffer: MOST_OUTPUT,
  })
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${status}: ${stderr}`)
  return { milliseconds: performance.now() - start, memory: isNode ? Number(output[3]) : Number.NaN }
}

function timeOnce([program, ...args]: CommandLine): number {
  const start = performance.now()
  const { status, stderr } = spawnSync(program, args, { encoding: 'utf8', maxBuffer: MOST_OUTPUT })
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${status}: ${stderr}`)
  return performance.now() - start
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}
