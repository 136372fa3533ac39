import type { Settings } from '../../core/dag.js'
import { type Machine, writeMemoryLimit } from './machine.js'

/** What of the machine the engine of one run may use. */
export interface EngineShare {
  /** As the engine writes it. */
  readonly memoryLimit: string
  readonly threads: number
  /** Statements at once. */
  readonly statements: number
}

const UNITS: { readonly [prefix: string]: number } = { K: 1, M: 2, G: 3, T: 4 }
/** Less is too little for any query, in bytes. */
const LEAST_MEMORY = 64 * 1024 * 1024
/** Threads of libuv that stay free for files. */
const FOR_FILES = 4

/** The threads of libuv, which statements and files share. */
export function countPoolThreads(env: { readonly [name: string]: string | undefined }): number {
  const pool = Number(env.UV_THREADPOOL_SIZE ?? 4)
  return Number.isInteger(pool) ? pool : 4
}

/**
 * Shares memory, CPUs and statements out among `share` runs of this process. A run that a node of another one has started gets its
 * memory divided by `memoryShare` beside that.
 */
export function shareEngine(
  settings: Settings,
  machine: Machine,
  env: { readonly [name: string]: string | undefined },
  share: number,
  memoryShare = 1,
): EngineShare {
  const whole = settings.memory_limit ?? writeMemoryLimit(machine)
  return {
    memoryLimit: share * memoryShare === 1 ? whole : divide(whole, share * memoryShare),
    threads: Math.max(1, Math.floor(machine.cpus / share)),
    // Each holds one thread of the pool.
    statements: Math.max(1, Math.floor((countPoolThreads(env) - FOR_FILES) / share)),
  }
}

/** A size such as `4GB` or `512MiB`, divided. */
function divide(size: string, share: number): string {
  const [, number = '', prefix = '', binary = ''] = /^(\d+(?:\.\d+)?)\s*([KMGT])(i?)B$/.exec(size) ?? []
  const bytes = Number(number) * (binary === '' ? 1000 : 1024) ** (UNITS[prefix] ?? 0)
  return `${Math.floor(Math.max(Math.min(bytes, LEAST_MEMORY), bytes / share) / 1024)}KiB`
}
