import type { DuckDBConnection, DuckDBInstance, DuckDBMaterializedResult } from '@duckdb/node-api'
import pLimit, { type LimitFunction } from 'p-limit'
import { PypeError } from '../../core/errors.js'
import type { EngineOptions } from '../engine.js'
import { duckdb } from './duckdb.js'
import { isFatal, toPypeError } from './failure/to-pype-error.js'
import { quoteText } from './statement/literal.js'

/** How often a cancelled statement is interrupted again: an interrupt that comes before the statement starts is lost. */
const INTERRUPT_EVERY_MS = 20

/**
 * One in-memory database and its connections. Each statement has a connection of its own while it runs; at most
 * `statements` run at once, the others wait. After a fatal error the database is opened anew, empty.
 */
export class Session {
  readonly #options: EngineOptions
  readonly #limit: LimitFunction
  readonly version = duckdb.version()
  #instance: DuckDBInstance
  #idle: DuckDBConnection[] = []
  /** Counts the databases: rows that were stored in an earlier one are gone. */
  generation = 1
  #reopening: Promise<void> | undefined

  private constructor(options: EngineOptions, instance: DuckDBInstance) {
    this.#options = options
    this.#instance = instance
    this.#limit = pLimit(options.statements)
  }

  static async open(options: EngineOptions): Promise<Session> {
    const session = new Session(options, await createInstance(options))
    await session.#configure()
    return session
  }

  /** Runs a statement to its end and returns what it yields. Throws PypeErrors only. */
  async run(statement: string, signal?: AbortSignal): Promise<DuckDBMaterializedResult> {
    return this.use((connection) => connection.run(statement), signal, statement)
  }

  /** Runs a statement that yields a number of rows: CREATE TABLE AS, COPY. */
  async count(statement: string, signal?: AbortSignal): Promise<number> {
    return countOf(await this.run(statement, signal))
  }

  /** Lends a connection for one or more statements one after the other. */
  async use<T>(work: (connection: DuckDBConnection) => Promise<T>, signal?: AbortSignal, statement?: string): Promise<T> {
    return this.#limit(async () => {
      await this.#reopening
      throwIfAborted(signal)
      const connection = this.#idle.pop() ?? (await this.#connect())
      const generation = this.generation
      const stopInterrupting = interruptWhenAborted(connection, signal)
      try {
        const result = await work(connection)
        throwIfAborted(signal)
        return result
      } catch (error) {
        throwIfAborted(signal)
        if (isFatal(error)) await this.#reopen(generation)
        throw toPypeError(error, statement)
      } finally {
        stopInterrupting()
        if (generation === this.generation) this.#idle.push(connection)
      }
    })
  }

  /** A connection of its own, for reading or appending over a longer time; the caller closes it. */
  async connect(): Promise<DuckDBConnection> {
    await this.#reopening
    return this.#connect()
  }

  close(): void {
    for (const connection of this.#idle) connection.closeSync()
    this.#idle = []
    this.#instance.closeSync()
  }

  async #reopen(generation: number): Promise<void> {
    if (generation !== this.generation) return
    this.generation++
    this.#idle = []
    this.#reopening = (async () => {
      this.#instance = await createInstance(this.#options)
      await this.#configure()
    })()
    await this.#reopening
    this.#reopening = undefined
  }

  async #configure(): Promise<void> {
    const connection = await this.#connect()
    await connection.run(`SET GLOBAL TimeZone = ${quoteText(this.#options.timeZone)}`)
    this.#idle.push(connection)
  }

  async #connect(): Promise<DuckDBConnection> {
    const connection = await this.#instance.connect()
    // A setting of each connection, unlike the time zone.
    if (this.#options.optimizer === false) await connection.run('PRAGMA disable_optimizer')
    return connection
  }
}

async function createInstance(options: EngineOptions): Promise<DuckDBInstance> {
  return duckdb.DuckDBInstance.create(':memory:', {
    threads: String(options.threads),
    memory_limit: options.memoryLimit,
    temp_directory: options.spillDir,
    // Extensions are never looked for on the network.
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    // A cached footer may be that of a file's older content.
    enable_external_file_cache: 'false',
    errors_as_json: 'true',
  })
}

/** The number that a statement has yielded. Reads it at once: `getRows` waits for a thread twice, which takes longer than a small statement. */
export function countOf(result: DuckDBMaterializedResult): number {
  return result.chunkCount === 0 ? 0 : Number(result.getChunk(0).getRows()[0]?.[0] ?? 0)
}

/** Throws the reason of an abort: a PypeError when the run cancelled. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (!signal?.aborted) return
  if (signal.reason instanceof PypeError) throw signal.reason
  throw new PypeError('CANCELLED', 'The statement was cancelled.', { cause: signal.reason })
}

function interruptWhenAborted(connection: DuckDBConnection, signal: AbortSignal | undefined): () => void {
  if (signal === undefined) return () => {}
  let timer: NodeJS.Timeout | undefined
  const interrupt = () => {
    connection.interrupt()
    timer = setInterval(() => connection.interrupt(), INTERRUPT_EVERY_MS)
  }
  signal.addEventListener('abort', interrupt, { once: true })
  return () => {
    signal.removeEventListener('abort', interrupt)
    clearInterval(timer)
  }
}
