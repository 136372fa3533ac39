import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import path from 'node:path'
import { crc32 } from 'node:zlib'
import { PypeError } from '../../core/errors.js'
import { systemCodeOf } from '../../core/system-code.js'
import type { Engine } from '../../engine/engine.js'
import type { Column, StoredRelation } from '../../sdk/relation.js'
import type { Disk } from '../checkpoint/files/disk.js'

/** What tells a boundary artifact from another file, and from part of itself: a Parquet file ends with a footer that describes all of it. */
export interface FileSeal {
  /** Bytes. */
  readonly size: number
  /** CRC-32 of the footer, in hex. */
  readonly footer: string
}

/** Rows that crossed a boundary: a Parquet file in the run's `artifacts/`. */
export interface BoundaryArtifact extends FileSeal {
  readonly node: string
  readonly port: string
  readonly path: string
  readonly columns: readonly Column[]
  readonly rows: number
}

/** A Parquet file ends with the length of its footer, in four bytes, and this. */
const MAGIC = 'PAR1'
const TAIL = 8

/** Gives a boundary artifact that was written beside its place its name; from then on it survives a power cut. */
export async function placeBoundaryFile(disk: Disk, written: string, file: string): Promise<void> {
  await disk.flushFile(written)
  disk.rename(written, file)
  disk.flushFolder(path.dirname(file))
}

/** Takes the seal of a boundary artifact. Throws ARTIFACT_DAMAGED when the file is not there, or is no whole Parquet file. */
export function sealBoundaryFile(file: string): FileSeal {
  const seal = readSeal(file)
  if (seal === undefined) throw damaged(file)
  return seal
}

/** Whether the file of a boundary artifact is there and is the one that was recorded. */
export function isIntact({ path: file, size, footer }: BoundaryArtifact): boolean {
  const found = readSeal(file)
  return found !== undefined && found.size === size && found.footer === footer
}

/** The rows of a boundary artifact. Throws ARTIFACT_DAMAGED when its file is gone or another one. */
export function openBoundary(engine: Engine, artifact: BoundaryArtifact): StoredRelation {
  if (!isIntact(artifact)) throw damaged(artifact.path)
  return engine.open(artifact.path, artifact.columns, artifact.rows)
}

/** Undefined: there is no file, or none that is whole. */
function readSeal(file: string): FileSeal | undefined {
  const descriptor = openIfThere(file)
  if (descriptor === undefined) return undefined
  try {
    const { size } = fstatSync(descriptor)
    const tail = readAt(descriptor, Math.max(0, size - TAIL), Math.min(size, TAIL))
    if (tail.length < TAIL || tail.toString('latin1', 4) !== MAGIC) return undefined
    const length = tail.readUInt32LE(0)
    if (length + TAIL > size) return undefined
    const footer = readAt(descriptor, size - TAIL - length, length)
    return { size, footer: crc32(footer).toString(16).padStart(8, '0') }
  } finally {
    closeSync(descriptor)
  }
}

function openIfThere(file: string): number | undefined {
  try {
    return openSync(file, 'r')
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

function readAt(descriptor: number, position: number, length: number): Buffer {
  const bytes = Buffer.alloc(length)
  return bytes.subarray(0, readSync(descriptor, bytes, 0, length, position))
}

function damaged(file: string): PypeError {
  return new PypeError('ARTIFACT_DAMAGED', `The rows in ${file} are gone or not the ones that were written.`, {
    hint: 'run the job again, or resume it with --again for the node that made them',
  })
}
