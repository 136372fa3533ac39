import { open } from 'node:fs/promises'
import { PypeError } from '../../../core/errors.js'
import { type Compression, checkWhole, maxBytesOfZstd, readBytes } from './byte-stream.js'
import { CR, LF } from './csv-records.js'

/** Bytes that a record of a CSV file may have; the engine reads files in buffers of this size. */
export const MAX_RECORD_BYTES = 32_000_000

/** A long line covers the bytes between two probes. */
const PROBE_EVERY = MAX_RECORD_BYTES / 2
const PIECE = 1 << 16

/**
 * Throws FILE_CORRUPT for a file that is cut off, and BAD_ROW where a line is longer than {@link MAX_RECORD_BYTES}: the engine cannot read
 * such a line, and behind two buffers without an end of line it loses it when it gathers bad rows. A plain file is looked at only
 * where such a line would pass; a zstd file, which is slow to read, only when bad rows are gathered.
 */
export async function checkWholeLines(path: string, readable: string, compression: Compression, gathersBadRows: boolean): Promise<void> {
  if (compression === 'zstd') {
    await checkWhole(readable, compression)
    if (!gathersBadRows || (await maxBytesOfZstd(readable)) <= MAX_RECORD_BYTES) return
  }
  if (compression === 'none' && !(await mayHaveLongLine(readable))) return
  let offset = 0
  let lineStart = 0
  for await (const chunk of readBytes(readable, compression)) {
    const first = firstEnd(chunk)
    if (offset + (first ?? chunk.length) - lineStart > MAX_RECORD_BYTES) throw await tooLong(path, readable, compression, lineStart)
    if (first !== undefined) lineStart = offset + Math.max(chunk.lastIndexOf(LF), chunk.lastIndexOf(CR)) + 1
    offset += chunk.length
  }
}

/** True when between two probes there is no end of a line. */
async function mayHaveLongLine(path: string): Promise<boolean> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    const piece = Buffer.alloc(PIECE)
    for (let probe = 0; probe + PROBE_EVERY < size; probe += PROBE_EVERY) {
      let at = probe
      for (; at < probe + PROBE_EVERY; at += PIECE) {
        const { bytesRead } = await file.read(piece, 0, PIECE, at)
        if (firstEnd(piece.subarray(0, bytesRead)) !== undefined) break
      }
      if (at >= probe + PROBE_EVERY) return true
    }
    return false
  } finally {
    await file.close()
  }
}

function firstEnd(bytes: Uint8Array): number | undefined {
  const ends = [bytes.indexOf(LF), bytes.indexOf(CR)].filter((end) => end >= 0)
  return ends.length === 0 ? undefined : Math.min(...ends)
}

async function tooLong(path: string, readable: string, compression: Compression, lineStart: number): Promise<PypeError> {
  let [offset, lfs, crs] = [0, 0, 0]
  for await (const chunk of readBytes(readable, compression)) {
    for (const byte of chunk.subarray(0, Math.max(0, lineStart - offset))) {
      if (byte === LF) lfs++
      else if (byte === CR) crs++
    }
    offset += chunk.length
    if (offset >= lineStart) break
  }
  return new PypeError(
    'BAD_ROW',
    `${path}, line ${Math.max(lfs, crs) + 1}: the line is longer than ${MAX_RECORD_BYTES} bytes, the most that can be read.`,
    { hint: 'look whether this is a CSV file with ends of lines; such a line cannot leave by the reject port' },
  )
}
