import { crc32 } from 'node:zlib'
import { type JournalRecord, RECORD_KINDS } from './records.js'

/*
 * One record is one line:   <length> <checksum> <kind> <JSON>\n
 * The length is that of the JSON in bytes; the checksum is the CRC-32, in hex, of kind and JSON with the blank between them.
 */

const NEWLINE = 0x0a
/** Longer than any head of a line. */
const LONGEST_HEAD = 64
const HEAD = /^(\d{1,15}) ([0-9a-f]{8}) ([a-z]+) /

/** The line of a record. */
export function formatRecord(record: JournalRecord): Buffer {
  const { kind, ...rest } = record
  const json = JSON.stringify(rest)
  const body = Buffer.from(`${kind} ${json}\n`)
  const text = body.subarray(0, body.length - 1)
  const head = Buffer.from(`${text.length - kind.length - 1} ${checksum(text)} `)
  return Buffer.concat([head, body])
}

/** A whole record, and where it ends; one of a kind that is not wanted is checked, and left out. */
export interface ParsedRecord {
  readonly record: JournalRecord | undefined
  readonly end: number
}

/** What stands at `offset`, or undefined when it is no whole record. */
export function parseRecord(bytes: Buffer, offset: number, isWanted: (kind: string) => boolean = () => true): ParsedRecord | undefined {
  const head = HEAD.exec(bytes.toString('latin1', offset, offset + LONGEST_HEAD))
  const [whole, length, sum, kind] = head ?? []
  if (whole === undefined || length === undefined || kind === undefined || !RECORD_KINDS.has(kind)) return undefined
  const start = offset + whole.length
  const end = start + Number(length)
  if (end >= bytes.length || bytes[end] !== NEWLINE) return undefined
  if (checksum(bytes.subarray(start - kind.length - 1, end)) !== sum) return undefined
  if (!isWanted(kind)) return { record: undefined, end: end + 1 }
  const fields: unknown = JSON.parse(bytes.toString('utf8', start, end))
  // The checksum holds, so these are the bytes that formatRecord wrote.
  return { record: Object.assign({ kind }, fields) as JournalRecord, end: end + 1 }
}

/** How long the line of the record at the beginning of `bytes` is by its own account, in bytes, with its newline. */
export function claimedLength(bytes: Buffer): number | undefined {
  const [head, length] = HEAD.exec(bytes.toString('latin1', 0, LONGEST_HEAD)) ?? []
  return head === undefined ? undefined : head.length + Number(length) + 1
}

/** Where a damaged record at the beginning of `bytes` would end by its own account; the end of `bytes` when it gives none. */
export function claimedEnd(bytes: Buffer): number {
  return Math.min(bytes.length, claimedLength(bytes) ?? bytes.length)
}

function checksum(bytes: Uint8Array): string {
  return crc32(bytes).toString(16).padStart(8, '0')
}
