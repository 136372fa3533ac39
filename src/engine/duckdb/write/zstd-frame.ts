/** Bytes of content that a block may have (RFC 8878, 3.1.1.2.4). */
const LARGEST_BLOCK = 128 * 1024

/** A zstd frame that holds some bytes as they are (RFC 8878, 3.1.1): for a header of a few bytes nothing is gained by compressing. */
export function zstdFrame(bytes: Buffer): Buffer {
  const head = Buffer.alloc(9)
  head.writeUInt32LE(0xfd2fb528, 0)
  // One segment; its size in four bytes.
  head.writeUInt8(0xa0, 4)
  head.writeUInt32LE(bytes.length, 5)
  const blocks: Buffer[] = [head]
  for (let at = 0; at === 0 || at < bytes.length; at += LARGEST_BLOCK) {
    const piece = bytes.subarray(at, at + LARGEST_BLOCK)
    const isLast = at + LARGEST_BLOCK >= bytes.length
    const blockHead = Buffer.alloc(3)
    blockHead.writeUIntLE((piece.length << 3) | Number(isLast), 0, 3)
    blocks.push(blockHead, piece)
  }
  return Buffer.concat(blocks)
}
