import { mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Readable } from 'node:stream'
import { expect, onTestFinished } from 'vitest'
import { openEngine } from '../../src/engine/duckdb/open-engine.js'
import type { Engine } from '../../src/engine/engine.js'
import type { Column, StreamRelation } from '../../src/sdk/relation.js'

/** An engine of a test's own, and what its statements leave behind. */
export interface StreamEngine {
  readonly engine: Engine
  readonly folder: string
}

/** Opens an engine; when the test has ended no pipe, descriptor or sender may be left. */
export async function openStreamEngine({ threads = 2, statements = 12, memoryLimit = '1GB' } = {}): Promise<StreamEngine> {
  const folder = mkdtempSync(path.join(tmpdir(), 'pype-streams-'))
  const spillDir = path.join(folder, 'spill')
  const engine = await openEngine({ spillDir, memoryLimit, threads, statements, timeZone: 'UTC', cwd: folder })
  onTestFinished(async () => {
    const left = { files: readdirSync(spillDir), pipes: openFiles().filter((file) => file.startsWith(folder)) }
    await engine.close()
    rmSync(folder, { recursive: true })
    expect(left).toEqual({ files: [], pipes: [] })
  })
  return { engine, folder }
}

function openFiles(): string[] {
  if (process.platform !== 'linux') return []
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/self/fd/${fd}`)]
    } catch {
      // The descriptor of this listing itself.
      return []
    }
  })
}

/** A sender, and what became of it. */
export interface TestStream extends StreamRelation {
  readonly sent: Readable[]
}

/** A stream with columns given as `name TYPE`; each opening sends the pieces anew. */
export function streamOf(
  columns: readonly string[],
  pieces: () => Iterable<string | Buffer> | AsyncIterable<string | Buffer>,
  expressions: { readonly [column: string]: string } = {},
): TestStream {
  const typed: Column[] = columns.map((text) => ({ name: text.split(' ')[0] ?? '', type: text.slice(text.indexOf(' ') + 1) }))
  const sent: Readable[] = []
  return {
    kind: 'stream',
    columns: typed,
    wire: typed.map(({ name }) => ({ name, ...(expressions[name] === undefined ? {} : { expression: expressions[name] }) })),
    origin: {},
    sent,
    open: async () => {
      const bytes = Readable.from(pieces(), { objectMode: false })
      sent.push(bytes)
      return bytes
    },
  }
}

/** All bytes of a stream. */
export async function readAll(bytes: Readable): Promise<string> {
  const pieces: Buffer[] = []
  for await (const piece of bytes) pieces.push(piece)
  return Buffer.concat(pieces).toString()
}
