import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { PypeError } from '../../../core/errors.js'
import { toDiskError } from '../files/disk.js'
import { claimedEnd, claimedLength, parseRecord } from './format.js'
import type { JournalRecord } from './records.js'

const CHUNK = 1024 * 1024
const NEWLINE = 0x0a

/**
 * Hands the records of a journal over one after the other and returns the length of its whole records: what follows is a
 * record that was torn when the process or the machine stopped. A damaged record that others follow throws
 * JOURNAL_BROKEN. Holds one piece of the file at a time. Records of kinds that are not wanted are only checked.
 */
export function readJournal(file: string, onRecord: (record: JournalRecord) => void, isWanted?: (kind: string) => boolean): number {
  const descriptor = openJournalFile(file)
  try {
    const size = fstatSync(descriptor).size
    let bytes = Buffer.alloc(0)
    /** Where `bytes` begins in the file. */
    let base = 0
    let offset = 0
    for (;;) {
      const parsed = parseRecord(bytes, offset, isWanted)
      if (parsed !== undefined) {
        if (parsed.record !== undefined) onRecord(parsed.record)
        offset = parsed.end
        continue
      }
      const read = base + bytes.length
      if (read >= size) break
      const next = Buffer.alloc(Math.min(size - read, Math.max(CHUNK, bytes.length - offset)))
      const got = readSync(descriptor, next, 0, next.length, read)
      base += offset
      bytes = Buffer.concat([bytes.subarray(offset), next.subarray(0, got)])
      offset = 0
      if (got === 0) break
    }
    const rest = bytes.subarray(offset)
    if (isFollowed(rest)) throw broken(file, base + offset)
    return base + offset
  } finally {
    closeSync(descriptor)
  }
}

/** Longer than the first record of most journals. */
const HEAD = 32 * 1024

/** The first record of a journal when it is whole, without reading much more. */
export function readFirstRecord(file: string): JournalRecord | undefined {
  const descriptor = openJournalFile(file)
  try {
    const size = fstatSync(descriptor).size
    const head = readStart(descriptor, Math.min(size, HEAD))
    const length = Math.min(size, claimedLength(head) ?? 0)
    return parseRecord(length <= head.length ? head : readStart(descriptor, length), 0)?.record
  } finally {
    closeSync(descriptor)
  }
}

function readStart(descriptor: number, length: number): Buffer {
  const bytes = Buffer.alloc(length)
  readSync(descriptor, bytes, 0, length, 0)
  return bytes
}

/** Longer than the record of an end. */
const TAIL = 4096

/** The last record of a journal when it is whole and short, without reading the rest: enough to see that a run has ended. */
export function readLastRecord(file: string): JournalRecord | undefined {
  const descriptor = openJournalFile(file)
  try {
    const size = fstatSync(descriptor).size
    const tail = Buffer.alloc(Math.min(size, TAIL))
    readSync(descriptor, tail, 0, tail.length, size - tail.length)
    const start = tail.lastIndexOf(NEWLINE, tail.length - 2) + 1
    return parseRecord(tail, start)?.record
  } finally {
    closeSync(descriptor)
  }
}

/** Whether something other than zeros (which a power cut may leave) follows the line at the start. */
function isFollowed(rest: Buffer): boolean {
  const newline = rest.indexOf(NEWLINE)
  if (newline < 0) return false
  // The newline of the record itself may be what is damaged: then its length says where it would have been.
  return isWritten(rest.subarray(newline + 1)) || isWritten(rest.subarray(claimedEnd(rest)))
}

function isWritten(bytes: Buffer): boolean {
  return bytes.some((byte) => byte !== 0)
}

function openJournalFile(file: string): number {
  try {
    return openSync(file, 'r')
  } catch (error) {
    throw toDiskError(file, error)
  }
}

function broken(file: string, offset: number): PypeError {
  return new PypeError('JOURNAL_BROKEN', `${file} has a damaged record at byte ${offset}, and others after it.`, {
    hint: 'restore the file, or move its run folder away and look after what that run had staged by hand',
  })
}
