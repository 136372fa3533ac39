import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { acquireFolderLock } from '../../../src/engine/duckdb/folder-lock.js'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'pype-lock-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** A process that holds the lock file open as a run does. */
const HOLDER = `import { DuckDBInstance } from '@duckdb/node-api'
const instance = await DuckDBInstance.create(process.argv[1])
console.log('held')
setInterval(() => instance, 1000)`

describe('the lock of a runs folder', () => {
  it('is held by one run of this process at a time', async () => {
    const lock = await acquireFolderLock(folder)
    await expect(acquireFolderLock(folder)).rejects.toMatchObject({ code: 'RUN_BUSY' })
    lock.release()
    const again = await acquireFolderLock(folder)
    again.release()
  })

  it('of another process is respected, and free at once when that process is killed', async () => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', HOLDER, path.join(folder, '.lock.duckdb')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(child.stdout, 'data')
    await expect(acquireFolderLock(folder)).rejects.toMatchObject({ code: 'RUN_BUSY' })
    const closed = once(child, 'close')
    child.kill('SIGKILL')
    await closed
    const lock = await acquireFolderLock(folder)
    lock.release()
  })
})
