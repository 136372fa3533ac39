import { readFileSync } from 'node:fs'
import type { Diagnostic } from '../../core/errors.js'
import type { EventError } from '../../core/events.js'
import { formatQuantity } from '../../core/quantity.js'
import { hashText } from '../../core/text-hash.js'
import { type FrameStyle, formatDiagnostic, type ShownSource } from './code-frame.js'
import { openPage } from './open-page.js'

/** Errors of a run that are shown one by one. */
const MOST_ERRORS = 20

/** Prints findings to stderr, each with its source line, and how many there are. Colours only on a terminal without NO_COLOR. */
export function printDiagnostics(diagnostics: readonly Diagnostic[]): void {
  process.stderr.write(formatDiagnostics(diagnostics, openStyle(process.stderr)))
}

/** Findings as they are printed. */
export function formatDiagnostics(diagnostics: readonly Diagnostic[], style: FrameStyle): string {
  const frames = diagnostics.map((diagnostic) => formatDiagnostic(diagnostic, style))
  const total = diagnostics.length > 1 ? [countFindings(diagnostics)] : []
  return `${[...frames, ...total].join('\n\n')}\n`
}

/** Prints errors in the same way, each with the node that failed. Of many, such as those of a loop, the first ones. */
export function printErrors(errors: readonly EventError[]): void {
  process.stderr.write(formatErrors(errors, openStyle(process.stderr)))
}

/** Errors as they are printed. */
export function formatErrors(errors: readonly EventError[], style: FrameStyle): string {
  const shown = errors.slice(0, MOST_ERRORS).map(
    ({ node, message, ...rest }): Diagnostic => ({
      severity: 'error',
      message: node === undefined ? message : `node ${node}: ${message}`,
      ...rest,
    }),
  )
  const more = errors.length - MOST_ERRORS
  return `${formatDiagnostics(shown, style)}${more > 0 ? `\n${style.spellSigns('…')} and ${formatQuantity(more, 'more error')}, in the log.\n` : ''}`
}

function countFindings(diagnostics: readonly Diagnostic[]): string {
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length
  const warnings = diagnostics.length - errors
  const counts = [...(errors > 0 ? [formatQuantity(errors, 'error')] : []), ...(warnings > 0 ? [formatQuantity(warnings, 'warning')] : [])]
  return `${counts.join(', ')}.`
}

/** How findings are written to a stream: colours only on a terminal without NO_COLOR, and line breaks only on a terminal. */
export function openStyle(stream: NodeJS.WriteStream): FrameStyle {
  const files = new Map<string, ShownSource | undefined>()
  return {
    ...openPage(stream),
    readSource: (file) => {
      if (!files.has(file)) files.set(file, readSource(file))
      return files.get(file)
    },
  }
}

/** The lines of a text file, or undefined when it cannot be read. */
export function readSource(file: string): ShownSource | undefined {
  try {
    const text = readFileSync(file, 'utf8')
    return { lines: text.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/), hash: hashText(text) }
  } catch {
    return undefined // The finding itself says what is wrong; its frame is an extra.
  }
}
