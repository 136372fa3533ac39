import { readFileSync } from 'node:fs'
import { availableParallelism, totalmem } from 'node:os'

const MB = 1024 * 1024
/** What the process may take above the engine's limit. */
const HEADROOM = 400 * MB
const LEAST = 256 * MB

/** CPUs and memory that this process may use: those of its control group, or else of the machine. */
export interface Machine {
  readonly cpus: number
  /** Bytes. */
  readonly memory: number
}

/** Looks at the machine and at the control group of this process (for CPUs: of version 2). */
export function readMachine(): Machine {
  const [quota, period] = readGroup('cpu.max')
  const cpus = quota === undefined || period === undefined ? Number.POSITIVE_INFINITY : Math.ceil(quota / period)
  const constrained = process.constrainedMemory()
  const memory = constrained > 0 ? Math.min(totalmem(), constrained) : totalmem()
  return { cpus: Math.max(1, Math.min(availableParallelism(), cpus)), memory }
}

/** Half of the memory less what the process needs beside the engine, as the engine writes it. */
export function defaultMemoryLimit({ memory }: Machine): string {
  return `${Math.floor(Math.max(LEAST, memory / 2 - HEADROOM) / MB)}MiB`
}

/** The numbers in a file of the control group; `max` and a file that is not there give none. */
function readGroup(file: string): (number | undefined)[] {
  let text: string
  try {
    text = readFileSync(`/sys/fs/cgroup/${file}`, 'utf8')
  } catch {
    // No control group, or no version 2: the machine's own limits hold.
    return []
  }
  return text
    .trim()
    .split(/\s+/)
    .map((word) => (/^\d+$/.test(word) ? Number(word) : undefined))
}
