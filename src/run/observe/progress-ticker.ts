import { readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import type { Emit } from '../../core/events.js'
import { RunningStatements } from './running-statements.js'

/** Tells from time to time what a run is doing. */
export interface Ticker {
  /** Undefined: nobody asks. */
  readonly statements: RunningStatements | undefined
  readonly stop: () => void
}

/** Tells every so many milliseconds which statements are running and how far they are; never when `every` is undefined. */
export function startTicker(every: number | undefined, spillFolder: string, emit: Emit): Ticker {
  if (every === undefined) return { statements: undefined, stop: () => {} }
  const statements = new RunningStatements()
  const tell = () =>
    emit({ type: 'run.progress', statements: statements.list(), spilled: sizeOf(spillFolder), memory: process.memoryUsage.rss() })
  const timer = setInterval(tell, every)
  timer.unref()
  return { statements, stop: () => clearInterval(timer) }
}

/** Bytes of the files in a folder; 0 when it is not there (yet, or any more). */
function sizeOf(folder: string): number {
  try {
    return readdirSync(folder).reduce((sum, file) => sum + (statSync(path.join(folder, file), { throwIfNoEntry: false })?.size ?? 0), 0)
  } catch {
    // A figure for people: a folder that cannot be read is for those to report who need it.
    return 0
  }
}
