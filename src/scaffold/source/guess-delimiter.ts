import { open } from 'node:fs/promises'

const CANDIDATES = [',', ';', '\t', '|']
/** Of the file; a longer first line is not looked at to its end. */
const BYTES = 64 * 1024
/** At the beginning; the byte order mark of UTF-8 may stand before them. */
const BLANK_LINES = /^(?:\u00ef\u00bb\u00bf)?[\r\n]+/

/** The delimiter of a CSV file: the one that stands most often in its first line that is not blank, outside of quotes. */
export async function guessDelimiter(file: string): Promise<string> {
  const handle = await open(file)
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(BYTES), 0, BYTES, 0)
    const [line = ''] = buffer
      .toString('latin1', 0, bytesRead)
      .replace(BLANK_LINES, '')
      .split(/\r\n|\r|\n/, 1)
    const bare = line.replace(/"[^"]*"/g, '')
    const counts = CANDIDATES.map((delimiter) => bare.split(delimiter).length)
    return CANDIDATES[counts.indexOf(Math.max(...counts))] ?? ','
  } finally {
    await handle.close()
  }
}
