import { type Document, parseDocument, type YAMLParseError, type YAMLWarning } from 'yaml'
import type { FlowValue } from '../../core/flow.js'
import type { SourceText, TextSpan } from '../../core/source-text.js'
import type { Findings } from '../findings.js'
import type { FileShape } from './file-shape.js'
import { findUnclosed } from './find-unclosed.js'
import { readFlowValue, TOO_DEEP } from './flow-value.js'

/** Reads the YAML of a file; undefined, with the reasons among the findings, when it cannot be read. */
export function parseYaml(source: SourceText, shape: FileShape, findings: Findings): FlowValue | undefined {
  const control = /[\0-\x08\x0b\x0c\x0e-\x1f]/.exec(source.text)
  if (control !== null) {
    const code = control[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')
    const message = `The control character U+${code} stands here, which no YAML file can have.`
    findings.error(
      'YAML_SYNTAX',
      { offset: control.index, length: 1 },
      message,
      'delete it; a file with many of them was saved in another encoding',
    )
    return undefined
  }
  const document = parseDocument(source.text, { intAsBigInt: true, prettyErrors: false, strict: true })
  reportFaults(document, source, shape, findings)
  if (document.errors.some((fault) => fault.code !== 'DUPLICATE_KEY')) return undefined
  const value = readFlowValue(document, source.text, findings)
  // Without what a broken alias stands for, much would seem to be missing; a value with a wrong tag is read as if it had none.
  const isBroken = findings.has('YAML_SYNTAX')
  for (const fault of document.warnings) reportTag(fault, source, findings)
  if (value !== undefined) return isBroken ? undefined : value
  findings.error('YAML_SYNTAX', { offset: 0, length: 1 }, `The file is empty; ${shape.expected} is expected.`, shape.advice)
  return undefined
}

/** The parser takes a value with an unknown tag for one without. */
function reportTag(fault: YAMLWarning, source: SourceText, findings: Findings): void {
  const [start, end] = fault.pos
  const tag = source.text.slice(start, end)
  findings.error(
    'YAML_SYNTAX',
    { offset: start, length: Math.max(1, end - start) },
    `The tag ${tag} is not known.`,
    'write the value without a tag',
  )
}

/** Behind a place that cannot be read the parser guesses: only the first one is reported, and keys that stand twice before it. */
function reportFaults(document: Document.Parsed, source: SourceText, shape: FileShape, findings: Findings): void {
  const inOrder = document.errors.toSorted((a, b) => a.pos[0] - b.pos[0])
  const first = inOrder.findIndex(({ code }) => code !== 'DUPLICATE_KEY')
  for (const fault of first < 0 ? inOrder : inOrder.slice(0, first + 1)) reportFault(fault, document, source, shape, findings)
}

function reportFault(fault: YAMLParseError, document: Document.Parsed, source: SourceText, shape: FileShape, findings: Findings): void {
  const span = { offset: Math.min(fault.pos[0], source.text.length), length: Math.max(1, fault.pos[1] - fault.pos[0]) }
  if (fault.code === 'DUPLICATE_KEY') {
    const key = /^[^:\s]*/.exec(source.text.slice(span.offset))?.[0] ?? ''
    findings.error(
      'DUPLICATE_KEY',
      { offset: span.offset, length: key.length },
      `The key ${JSON.stringify(key)} stands twice in this map.`,
      'remove one of the two',
    )
    return
  }
  if (fault.code === 'RESOURCE_EXHAUSTION') {
    findings.error('YAML_SYNTAX', span, ...TOO_DEEP)
    return
  }
  if (fault.code === 'MULTIPLE_DOCS') {
    findings.error(
      'YAML_SYNTAX',
      { offset: span.offset, length: 3 },
      `A second YAML document begins here, and a file holds one ${shape.noun}.`,
      `put each ${shape.noun} into a file of its own`,
    )
    return
  }
  const unquoted = findUnquotedTemplate(source.text, span.offset)
  if (unquoted !== undefined) {
    findings.error(
      'TEMPLATE_UNQUOTED',
      unquoted,
      'This value starts with {{ and has no quotes, so YAML reads it as a map.',
      'put the whole value in quotes: "{{…}}"',
    )
    return
  }
  const unclosed = findUnclosed(fault, document, source.text)
  if (unclosed !== undefined) {
    const sign = source.text[unclosed.offset] ?? ''
    findings.error(
      'YAML_SYNTAX',
      unclosed,
      `The ${sign} that opens here is not closed.`,
      `add ${CLOSING[sign] ?? sign} where the value ends`,
    )
    return
  }
  findings.error(
    'YAML_SYNTAX',
    span,
    `This is not valid YAML: ${fault.message.replace(/\.?\s*$/, '')}.`,
    wayOut(fault, isTabbed(source.text, span.offset)),
  )
}

const CLOSING: { readonly [sign: string]: string } = { '[': ']', '{': '}' }

function wayOut({ code }: YAMLParseError, tabbed: boolean): string {
  if (code === 'TAB_AS_INDENT' || tabbed) return 'YAML is indented with blanks: use blanks instead of tabs'
  if (code === 'BLOCK_AS_IMPLICIT_KEY') return 'put a text with a colon and a blank in it in quotes, or check the indentation'
  return 'check the indentation, the quotes and the brackets'
}

/** Whether the line of a fault begins with a tab. */
function isTabbed(text: string, offset: number): boolean {
  return /^ *\t/.test(text.slice(text.lastIndexOf('\n', offset - 1) + 1))
}

/** A value that starts with `{{` on the line of a fault or on the one before it. */
function findUnquotedTemplate(text: string, offset: number): TextSpan | undefined {
  const start = text.lastIndexOf('\n', text.lastIndexOf('\n', offset - 1) - 1) + 1
  const lineEnd = text.indexOf('\n', offset)
  const lines = text.slice(start, lineEnd < 0 ? text.length : lineEnd)
  const match = /(?:^|\n|[:\-,[]\s+|\[)[ \t]*(\{\{[^}\n]*\}\}[^\s,\]}]*)/.exec(lines)
  if (match?.[1] === undefined) return undefined
  return { offset: start + match.index + match[0].length - match[1].length, length: match[1].length }
}
