import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import type { Disk } from '../../../../src/run/checkpoint/files/disk.js'
import type { CountsFlush } from '../../power/recording-disk.js'
import type { FaultPoints } from './fault-points.js'
import { recordKind } from './mortal-disk.js'

/** A protection that is taken out, to see that the tests miss it. */
export type Weakness =
  /** Records of this kind are not written. */
  | { readonly without: 'record'; readonly kind: string }
  /** Files come into place byte by byte. */
  | { readonly without: 'rename' }
  /** Nobody finds a token. */
  | { readonly without: 'token' }
  /** The token comes last. */
  | { readonly without: 'first token' }
  /** The journal is not flushed after records of this kind. */
  | { readonly without: 'flush'; readonly record: string }

/** A disk that lacks a protection. */
export function weakenDisk(disk: Disk, weakness: Weakness, points: FaultPoints): Disk {
  if (weakness.without === 'rename') return { ...disk, rename: (from, to) => copySlowly(disk, from, to, points) }
  if (weakness.without !== 'record') return disk
  return {
    ...disk,
    append: (file, bytes) => {
      if (recordKind(bytes) !== weakness.kind) disk.append(file, bytes)
    },
  }
}

/** Which flushes are of use in a power cut. */
export function countFlushes(weakness: Weakness | undefined): CountsFlush {
  return ({ kind, record }) => weakness?.without !== 'flush' || kind !== 'journal' || record !== weakness.record
}

function copySlowly(disk: Disk, from: string, to: string, points: FaultPoints): void {
  if (statSync(from).isDirectory()) {
    disk.rename(from, to)
    return
  }
  const bytes = readFileSync(from)
  points.reach('copy', () => writeFileSync(to, bytes.subarray(0, bytes.length / 2)))
  writeFileSync(to, bytes)
  rmSync(from)
}
