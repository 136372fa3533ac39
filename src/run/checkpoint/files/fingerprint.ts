import { createHash } from 'node:crypto'
import { createReadStream, readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'

/** Size in bytes and SHA-256 of a file, of a part of it, or of all files of a folder with their paths. */
export interface Fingerprint {
  readonly size: number
  readonly hash: string
}

/** Up to this size a file is read in one go. */
const LARGE_FILE = 4 * 1024 * 1024

/** The fingerprint of a file or folder. */
export async function fingerprint(target: string): Promise<Fingerprint> {
  const stat = statSync(target)
  if (!stat.isDirectory()) return fingerprintFiles([{ file: target, size: stat.size }])
  const hash = createHash('sha256')
  let size = 0
  for (const file of listFiles(target)) {
    const part = await fingerprint(file)
    hash.update(`${path.relative(target, file)}\0${part.size}\0${part.hash}\n`)
    size += part.size
  }
  return { size, hash: hash.digest('hex') }
}

/** The fingerprint of the bytes of several files one after the other; `start` skips the beginning of each. */
export async function fingerprintFiles(
  files: readonly { readonly file: string; readonly size: number; readonly start?: number }[],
): Promise<Fingerprint> {
  const hash = createHash('sha256')
  let total = 0
  for (const { file, size, start = 0 } of files) {
    const length = Math.max(0, size - start)
    total += length
    if (size <= LARGE_FILE) hash.update(readFileSync(file).subarray(start, size))
    else if (length > 0)
      for await (const chunk of createReadStream(file, { start, end: size - 1, highWaterMark: 1024 * 1024 })) hash.update(chunk)
  }
  return { size: total, hash: hash.digest('hex') }
}

/** All files below a folder, sorted by path. */
export function listFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort()
}

/** The folder and all folders below it, the deepest first. */
export function listFolders(folder: string): string[] {
  const below = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => path.join(entry.parentPath, entry.name))
  return [folder, ...below].sort((a, b) => b.length - a.length)
}
