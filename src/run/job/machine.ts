import { availableParallelism, totalmem } from 'node:os'
import { type GroupLimits, readGroupLimits } from './control-group.js'

const MB = 1024 * 1024
/** What the process may take above the engine's limit. */
const HEADROOM = 400 * MB
const LEAST = 256 * MB

/** CPUs and memory that this process may use: those of its control groups, or else of the machine. */
export interface Machine {
  readonly cpus: number
  /** Bytes. */
  readonly memory: number
}

/** Looks at the machine and at the control groups of this process. A part of a CPU counts as one. */
export function readMachine(limits: GroupLimits = readGroupLimits()): Machine {
  const cpus = Math.min(availableParallelism(), Math.ceil(limits.cpus ?? Number.POSITIVE_INFINITY))
  return { cpus: Math.max(1, cpus), memory: Math.min(totalmem(), limits.memory ?? Number.POSITIVE_INFINITY) }
}

/** Bytes that the engine takes at most, where no setting says: half of the memory less what the process needs beside it, in whole MiB. */
export function defaultMemoryLimit({ memory }: Pick<Machine, 'memory'>): number {
  return Math.floor(Math.max(LEAST, memory / 2 - HEADROOM) / MB) * MB
}

/** The same as the engine writes it. */
export function writeMemoryLimit(machine: Pick<Machine, 'memory'>): string {
  return `${defaultMemoryLimit(machine) / MB}MiB`
}
