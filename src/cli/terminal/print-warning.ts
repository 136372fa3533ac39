import { escapeMessage } from '../../core/escape-controls.js'
import { hangText } from '../../core/wrap-text.js'
import type { Warning } from '../../run/observe/warning-printer.js'
import { openPage, type Page } from './open-page.js'

/** Prints a warning that is of no place in a flow to stderr. */
export function printWarning(message: string): void {
  process.stderr.write(formatWarning({ message }, openPage(process.stderr)))
}

/** A warning as it is printed; one with a code looks as it does when a build warns. */
export function formatWarning({ code, message, hint }: Warning, { paint, wrapAt, spellSigns }: Page): string {
  const say = (text: string) => spellSigns(escapeMessage(text))
  const title = paint('magenta', code === undefined ? 'warning' : `warning ${code}`)
  const lines = [hangText(`${title}  `, say(message), wrapAt), ...(hint === undefined ? [] : [hangText('  hint: ', say(hint), wrapAt)])]
  return lines.map((line) => `${line}\n`).join('')
}
