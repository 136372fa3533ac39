import { parseDocument, type YAMLParseError, type YAMLWarning } from 'yaml'
import type { FlowValue } from '../../core/flow.js'
import type { SourceText, TextSpan } from '../../core/source-text.js'
import type { Findings } from '../findings.js'
import type { FileShape } from './file-shape.js'
import { readFlowValue, TOO_DEEP } from './flow-value.js'

/** Reads the YAML of a file; undefined, with the reasons among the findings, when it cannot be read. */
export function parseYaml(source: SourceText, shape: FileShape, findings: Findings): FlowValue | undefined {
  const document = parseDocument(source.text, { intAsBigInt: true, prettyErrors: false, strict: true })
  const lines = new Set<number>()
  for (const fault of document.errors) reportFault(fault, source, shape, findings, lines)
  for (const fault of document.warnings) reportTag(fault, source, findings)
  if (document.errors.some((fault) => fault.code !== 'DUPLICATE_KEY')) return undefined
  const value = readFlowValue(document, source.text, findings)
  if (value !== undefined) return value
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

/** One broken line often yields several faults: only its first one is reported. */
function reportFault(fault: YAMLParseError, source: SourceText, shape: FileShape, findings: Findings, lines: Set<number>): void {
  const span = { offset: Math.min(fault.pos[0], source.text.length), length: Math.max(1, fault.pos[1] - fault.pos[0]) }
  const line = source.text.lastIndexOf('\n', span.offset - 1)
  if (lines.has(line)) return
  lines.add(line)
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
  findings.error(
    'YAML_SYNTAX',
    span,
    `This is not valid YAML: ${fault.message.replace(/\.?\s*$/, '')}.`,
    wayOut(fault, isTabbed(source.text, span.offset)),
  )
}

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
