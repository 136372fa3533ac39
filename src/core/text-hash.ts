import { createHash } from 'node:crypto'

const BYTE_ORDER_MARK = '\uFEFF'

/** SHA-256 of a text, in hexadecimal digits. It is the same whatever the ends of its lines are, which Git may change, and with and without a byte order mark. */
export function hashText(text: string): string {
  const plain = text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text
  return createHash('sha256')
    .update(plain.includes('\r') ? plain.replaceAll('\r\n', '\n') : plain)
    .digest('hex')
}
