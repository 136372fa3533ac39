import { closeSync, existsSync, openSync, readSync } from 'node:fs'
import path from 'node:path'
import { StringDecoder } from 'node:string_decoder'
import { setTimeout as sleep } from 'node:timers/promises'
import { toDiskError } from '../checkpoint/files/disk.js'
import { LOG_FILE } from '../observe/log-lines.js'

const CHUNK = 256 * 1024
/** Characters of a line that are kept: a message may hold the output of a command. */
const LONGEST_LINE = 4 * 1024 * 1024
/** Milliseconds between two looks at a log that grows. */
const LOOK_EVERY = 200

/** How a log is read. */
export interface LogReading {
  /** Waits for more at the end of the log for as long as this says so; undefined: reads what is there. */
  readonly isGoingOn?: () => Promise<boolean>
  readonly signal?: AbortSignal
}

/**
 * The lines of the log of a run, in pieces of some at once, without their ends; the last one may be cut off. A piece without a line says that all that is there was
 * read. Holds one piece of the file at a time. Without a log there are none.
 */
export async function* readLogLines(runFolder: string, { isGoingOn, signal }: LogReading = {}): AsyncGenerator<readonly string[]> {
  const lines = new LineSplitter()
  const chunk = Buffer.alloc(CHUNK)
  let descriptor: number | undefined
  try {
    for (let goesOn = isGoingOn !== undefined; ; ) {
      // A run that has just begun may not have its log yet.
      descriptor ??= openLog(path.join(runFolder, LOG_FILE))
      const length = descriptor === undefined ? 0 : readSync(descriptor, chunk, 0, CHUNK, null)
      if (signal?.aborted === true) return
      if (length > 0) {
        const taken = lines.take(chunk.subarray(0, length))
        if (taken.length > 0) yield taken
        continue
      }
      if (!goesOn) break
      yield []
      // Asked for before the next look: what the run wrote until then is there by that look.
      goesOn = (await isGoingOn?.()) === true
      if (goesOn) await sleep(LOOK_EVERY, undefined, signal === undefined ? {} : { signal }).catch(() => undefined)
    }
    const rest = lines.end()
    if (rest !== '') yield [rest]
  } finally {
    if (descriptor !== undefined) closeSync(descriptor)
  }
}

function openLog(file: string): number | undefined {
  if (!existsSync(file)) return undefined
  try {
    return openSync(file, 'r')
  } catch (error) {
    throw toDiskError(file, error)
  }
}

/** Makes lines of pieces of a text. */
class LineSplitter {
  readonly #decoder = new StringDecoder('utf8')
  #open = ''

  take(bytes: Buffer): readonly string[] {
    const lines = (this.#open + this.#decoder.write(bytes)).split('\n')
    this.#open = (lines.pop() ?? '').slice(0, LONGEST_LINE)
    return lines.filter((line) => line !== '')
  }

  end(): string {
    return this.#open + this.#decoder.end()
  }
}
