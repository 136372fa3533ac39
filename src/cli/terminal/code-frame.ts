import path from 'node:path'
import stringWidth from 'string-width'
import type { Diagnostic, Place } from '../../core/errors.js'
import { escapeMessage } from '../../core/escape-controls.js'
import { listShort } from '../../core/list-short.js'
import { makePrintable } from '../../core/make-printable.js'
import { cutText, cutTextStart } from '../../core/text-width.js'
import { hangText } from '../../core/wrap-text.js'
import type { Page } from './open-page.js'

/** How a finding is written out. */
export interface FrameStyle extends Page {
  /** A file as it is now, or undefined when it cannot be read. */
  readonly readSource: (file: string) => ShownSource | undefined
}

/** A text file whose lines are shown. */
export interface ShownSource {
  readonly lines: readonly string[]
  /** By which a place tells whether it is the file that was meant. */
  readonly hash: string
}

/** A finding with its place, the source line, clipped around the span where it is too long, a caret under the span and the hint. */
export function formatDiagnostic(diagnostic: Diagnostic, style: FrameStyle): string {
  const { severity, code, message, hint, at } = diagnostic
  const say = (text: string) => style.spellSigns(escapeMessage(text))
  const place = at === undefined ? '' : `${style.paint('bold', `${say(at.file)}:${at.line}:${at.column}`)}  `
  const title = style.paint(severity === 'error' ? 'red' : 'magenta', `${severity} ${code}`)
  return [
    hangText(`${place}${title}  `, say(message), style.wrapAt),
    ...(at === undefined ? [] : formatSource(at, style)),
    ...formatAlso(diagnostic),
    ...(hint === undefined ? [] : [hangText('  hint: ', say(hint), style.wrapAt)]),
  ].join('\n')
}

function formatAlso({ at, also = [] }: Diagnostic): string[] {
  const lines = [...new Set(also.map(({ line }) => line))].filter((line) => line !== at?.line)
  return lines.length === 0 ? [] : [`  also in ${lines.length === 1 ? 'line' : 'lines'} ${listShort(lines.map(String))}`]
}

function formatSource(at: Place, style: FrameStyle): string[] {
  const file = style.readSource(at.file)
  const line = file?.lines[at.line - 1]
  if (at.hash !== undefined && file !== undefined && file.hash !== at.hash)
    return [`  the line is not shown: ${path.basename(at.file)} is not as it was when the job was built, and what was built is what runs`]
  if (line === undefined) return []
  const source = hidePasswords(line)
  const margin = `  ${at.line} | `
  const start = Math.min(Math.max(at.column - 1, 0), source.length)
  const end = Math.min(Math.max(start + (at.length ?? 1), start + 1), Math.max(source.length, start + 1))
  const { before, span, after } = clip(
    {
      before: makePrintable(source.slice(0, start)),
      span: makePrintable(source.slice(start, end)),
      after: makePrintable(source.slice(end)),
    },
    Math.max(style.width - margin.length, 20),
    style.spell('…'),
  )
  const caret = ' '.repeat(stringWidth(before)) + style.paint('red', '^'.repeat(Math.max(stringWidth(span), 1)))
  return [`${style.paint('dim', margin)}${before}${span}${after}`.trimEnd(), `${style.paint('dim', margin.replace(/\d/g, ' '))}${caret}`]
}

/** A source line whose passwords are stars, each as wide as what it stands for: terminals and logs of builds keep what is printed. */
function hidePasswords(line: string): string {
  return line
    .replaceAll(/(:\/\/[^\s:@/]*:)(?!\{\{)([^\s"']+)(?=@)/g, hideSecond)
    .replaceAll(/(\bpassword["']?\s*:\s*)(?!["']?\{\{)("[^"]*"|'[^']*'|[^\s,}]+)/gi, hideSecond)
}

function hideSecond(_: string, before: string, password: string): string {
  return before + '*'.repeat(password.length)
}

interface Line {
  readonly before: string
  readonly span: string
  readonly after: string
}

/** Shortens a line to `width` columns with the span in sight; `mark` stands for what is left out. */
function clip({ before, span, after }: Line, width: number, mark: string): Line {
  if (stringWidth(before + span + after) <= width) return { before, span, after }
  const shortSpan = cutText(span, Math.floor(width / 2), mark)
  const room = width - stringWidth(shortSpan)
  const shortBefore = cutTextStart(before, Math.max(room - stringWidth(after), Math.floor(room / 2)), mark)
  return { before: shortBefore, span: shortSpan, after: cutText(after, room - stringWidth(shortBefore), mark) }
}
