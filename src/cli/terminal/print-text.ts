import { escapeMessage } from '../../core/escape-controls.js'
import { wrapText } from '../../core/wrap-text.js'
import { openPage } from './open-page.js'

/** Prints sentences: on a terminal they are broken at blanks, but for lines that begin with one. */
export function printText(text: string, stream: NodeJS.WriteStream = process.stdout): void {
  const { wrapAt, spellSigns } = openPage(stream)
  stream.write(wrapText(spellSigns(escapeMessage(text)), { columns: wrapAt }))
}
