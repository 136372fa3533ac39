import { PypeError } from '../../../core/errors.js'
import { CONNECT_REJECT } from '../../../core/reject-hint.js'
import { clip } from './clip.js'
import { firstParagraph } from './engine-failure.js'
import type { Explained } from './explained.js'

/** The line and what is wrong with it. Where lines end with CR LF, the LF of the line before comes first. */
const ORIGINAL_LINE = /Original Line: (?:\n(?!Expected Number of Columns))?(.*)\n([\s\S]*?)\n/

const MIXED_ENDS = 'The lines of a CSV file end in different ways.'

/** True for an error of the engine's CSV reader that lines with different ends cause. */
export function hasMixedEnds(error: unknown): boolean {
  return error instanceof PypeError && error.message === MIXED_ENDS
}

/** CSV errors carry line and file in their text. */
export function explainCsvFailure(message: string): Explained | undefined {
  if (/CSV Parser state machine reached an invalid state/.test(message))
    return { code: 'BAD_ROW', message: MIXED_ENDS, hint: 'give all lines the same end, and quote values that have one in them' }
  if (/Parallel CSV Reader currently does not support/.test(message))
    return {
      code: 'BAD_ROW',
      message: 'A row of a CSV file is longer than the 32000000 bytes that can be read.',
      hint: 'look for a quote that is not closed',
    }
  const line = /CSV Error on Line: (\d+)/.exec(message)?.[1]
  if (line === undefined) return undefined
  const raw = ORIGINAL_LINE.exec(message)?.[1] ?? ''
  const file = /^\s*file = (.*)$/m.exec(message)?.[1] ?? 'the file'
  const what = ORIGINAL_LINE.exec(message)?.[2] ?? firstParagraph(message)
  return {
    code: 'BAD_ROW',
    message: `${file}, line ${line}: ${describeFault(what, message)} The line is: ${clip(raw)}`,
    hint: hintForBroken(/unicode|utf-8/i.test(message)),
  }
}

/** What to do about a row that cannot be read: because of its encoding, or of anything else. */
export function hintForBroken(isOtherEncoding: boolean): string {
  return `${isOtherEncoding ? 'set the config encoding (utf-8 unless it is set) to that of the file' : 'mend the file'}, or ${CONNECT_REJECT}`
}

function describeFault(what: string, message: string): string {
  const size = /Maximum line size of (\d+) bytes exceeded/.exec(message)
  if (size) return `the row is longer than ${size[1]} bytes, the most that can be read.`
  const columns = /Expected Number of Columns: (\d+) Found: (\d+)/.exec(message)
  if (columns) return `expected ${columns[1]} columns, got ${columns[2]}.`
  if (/unterminated quote/i.test(message)) return 'a quoted value is not closed.'
  if (/unicode|utf-8/i.test(message)) return 'the text is not valid in the encoding of the file.'
  return `${what.trim().replace(/\.$/, '')}.`
}
