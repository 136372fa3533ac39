import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type FolderLock, tryFolderLock } from '../../../src/engine/duckdb/folder-lock.js'

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

async function take(place: string, file?: string): Promise<FolderLock> {
  const lock = await tryFolderLock(place, file)
  if (lock === undefined) throw new Error('the lock is held')
  return lock
}

describe('the lock of a folder', () => {
  it('is held once in this process, by whatever name the folder is called', async () => {
    const link = `${folder}-link`
    symlinkSync(folder, link)
    const lock = await take(folder)
    expect(await tryFolderLock(folder)).toBeUndefined()
    expect(await tryFolderLock(link)).toBeUndefined()
    await lock.release()
    await lock.release()
    const again = await take(link)
    await again.release()
    rmSync(link)
  })

  it('is taken by one of many that ask at once, and leaves no file but its own', async () => {
    const locks = await Promise.all(Array.from({ length: 20 }, () => tryFolderLock(path.join(folder, "it's new"))))
    const taken = locks.filter((lock) => lock !== undefined)
    expect(taken).toHaveLength(1)
    await taken[0]?.release()
    expect(readdirSync(path.join(folder, "it's new"))).toEqual(['.lock.duckdb'])
  })

  it('stands apart from its other locks', async () => {
    const locks = [await take(folder), await take(folder, '.other.duckdb')]
    for (const lock of locks) await lock.release()
  })

  it('of another process is respected, and free at once when that process is killed', async () => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', HOLDER, path.join(folder, '.lock.duckdb')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(child.stdout, 'data')
    expect(await tryFolderLock(folder)).toBeUndefined()
    const closed = once(child, 'close')
    child.kill('SIGKILL')
    await closed
    const lock = await take(folder)
    await lock.release()
  })

  it.each(['', 'rubbish', 'more rubbish '.repeat(5000)])('is no lock when its file holds rubbish (%#)', async (content) => {
    writeFileSync(path.join(folder, '.lock.duckdb'), content)
    await expect(tryFolderLock(folder)).rejects.toMatchObject({ code: 'FILE_CORRUPT', hint: expect.stringContaining('.lock.duckdb') })
  })

  it('is no lock when its file is a folder', async () => {
    mkdirSync(path.join(folder, '.lock.duckdb'))
    await expect(tryFolderLock(folder)).rejects.toMatchObject({ code: 'FILE_CORRUPT' })
  })

  it('cannot be where a file stands', async () => {
    writeFileSync(path.join(folder, 'block'), '')
    await expect(tryFolderLock(path.join(folder, 'block'))).rejects.toMatchObject({ code: 'FILE_UNWRITABLE' })
  })
})
