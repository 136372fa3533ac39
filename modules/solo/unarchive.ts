/** Unpacks an archive into a folder. */
import { chmodSync, createWriteStream, mkdirSync, utimesSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { defineModule, PypeError } from 'pypeline/sdk'
import { FORMAT, findFormatFaults, formatOf } from '../_archives.js'
import { exists, look } from '../_paths.js'
import { type ArchiveEntry, readArchive, unsafeName } from '../_read-archive.js'
import { toWriteError } from '../_write-errors.js'

export default defineModule({
  name: 'unarchive',
  type: 'solo',
  version: '1.0.0',
  description:
    'Unpacks a zip or tar.gz archive into a folder, which appears whole when the sub flow has completed. In a folder that exists the other files stay. No entry gets out of the folder; links are refused.',
  category: 'Files',
  inputPorts: [],
  outputPorts: [],
  globals: {
    path: { type: 'str', description: 'Path of the folder.' },
    count: { type: 'int', description: 'Number of files that were unpacked.' },
  },
  packages: ['modern-tar', 'yauzl'],
  config: {
    required: {
      from: { type: 'path', description: 'Path of the archive.', example: 'in/orders.zip' },
      to: { type: 'path', description: 'Path of the folder. Folders on the way are made.', example: 'work/orders' },
    },
    optional: {
      format: FORMAT,
      mode: {
        type: 'enum',
        values: ['overwrite', 'error_if_exists', 'skip'],
        description: 'What to do with a file that exists in the folder. skip leaves it as it is.',
        example: 'skip',
        default: 'overwrite',
      },
    },
  },
  check: ({ from, format }) => findFormatFaults(from, format),
  run: async (_, ctx) => {
    const { from, to, mode, format } = ctx.config
    const archive = resolve(ctx.cwd, from)
    checkArchive(archive)
    const target = resolve(ctx.cwd, to)
    if (look(target)?.isDirectory() === false) throw isFile(target)
    const staged = await ctx.stageFile(to, 'merge')
    mkdirSync(staged)
    const folders: { readonly path: string; readonly entry: ArchiveEntry }[] = []
    let count = 0
    for await (const entry of readArchive(archive, formatOf(from, format))) {
      ctx.signal.throwIfAborted()
      const name = placeOf(entry.name, archive)
      const path = join(staged, name)
      if (entry.isFolder) {
        unpackFolder(path, entry, archive)
        folders.push({ path, entry })
        continue
      }
      if (name === '') throw unsafeName(archive, entry.name)
      if (mode !== 'overwrite' && exists(ctx, join(target, name))) {
        if (mode === 'skip') continue
        throw fileExists(join(target, name))
      }
      await unpackFile(path, entry, archive, ctx.signal)
      count++
    }
    // The deepest first, after all that changes them.
    for (const { path, entry } of folders.reverse()) finish(path, entry, 0o700)
    ctx.setGlobal('path', to)
    ctx.setGlobal('count', count)
  },
})

/** The path of an entry below the folder. Throws ARCHIVE_UNSAFE for one that leads out of it. */
function placeOf(name: string, archive: string): string {
  const parts = name.split('/').filter((part) => part !== '' && part !== '.')
  if (name.startsWith('/') || /^[a-zA-Z]:[\\/]/.test(name) || parts.includes('..') || name.includes('\0')) throw unsafeName(archive, name)
  return parts.join('/')
}

function unpackFolder(path: string, entry: ArchiveEntry, archive: string): void {
  try {
    mkdirSync(path, { recursive: true })
  } catch (error) {
    throw toUnpackError(error, path, entry, archive)
  }
}

async function unpackFile(path: string, entry: ArchiveEntry, archive: string, signal: AbortSignal): Promise<void> {
  try {
    mkdirSync(dirname(path), { recursive: true })
    // `wx`: an entry that stands twice, also in another case where the disk knows none, is an error.
    await pipeline(Readable.from(entry.bytes(), { objectMode: false }), createWriteStream(path, { flags: 'wx' }), { signal })
    finish(path, entry, 0o400)
  } catch (error) {
    signal.throwIfAborted()
    throw toUnpackError(error, path, entry, archive)
  }
}

/** Sets rights and time. Its owner always keeps some `rights`: what cannot be read or entered cannot be put in place. */
function finish(path: string, { mode, modified }: ArchiveEntry, rights: number): void {
  if (mode !== undefined) chmodSync(path, (mode & 0o777) | rights)
  utimesSync(path, modified, modified)
}

function toUnpackError(error: unknown, path: string, { name }: ArchiveEntry, archive: string): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code !== 'EEXIST' && code !== 'ENOTDIR' && code !== 'EISDIR') return toWriteError(error, path)
  return new PypeError('NAME_CLASH', `${archive} has the entry ${JSON.stringify(name)} twice, or as a file and as a folder.`, {
    cause: error,
    hint: 'nothing was unpacked; make the archive anew',
  })
}

function checkArchive(archive: string): void {
  const stat = look(archive)
  if (stat === undefined) {
    throw new PypeError('FILE_NOT_FOUND', `${archive} does not exist.`, {
      hint: 'check the path; relative paths start at the folder where pype run is called',
    })
  }
  if (!stat.isFile()) throw new PypeError('FILE_UNREADABLE', `${archive} is no file.`, { hint: 'give the path of one archive' })
  if (stat.size === 0) throw new PypeError('FILE_CORRUPT', `${archive} is empty.`, { hint: 'was it still being written?' })
}

function isFile(target: string): PypeError {
  return new PypeError('FILE_UNWRITABLE', `${target} is a file, expected a folder to unpack to.`, { hint: 'give the path of a folder' })
}

function fileExists(target: string): PypeError {
  return new PypeError('TARGET_EXISTS', `${target} exists already.`, { hint: 'remove it, or choose another mode' })
}
