import type { FlowValue } from '../../core/flow.js'
import type { TextSpan } from '../../core/source-text.js'
import { hasTemplate, parseTemplate, type TemplatePart, TemplateSyntaxError } from '../../core/template.js'
import { findConfigSpec, typesOf } from '../../registry/config-check.js'
import type { Findings } from '../findings.js'
import { spanInside } from '../load/span-inside.js'
import { definitionOf, type PlanControl, type PlanGraph, type PlanNode } from './graph.js'

/** A template and where it stands: in a config of `node`, or in the condition of `control`. */
export interface TemplateUse {
  readonly part: Extract<TemplatePart, { kind: 'ref' }>
  readonly at: TextSpan
  readonly owner: { readonly kind: 'config'; readonly node: PlanNode } | { readonly kind: 'condition'; readonly control: PlanControl }
  /** The config or the condition, in words. */
  readonly where: string
  /** Whether a secret can be kept there. */
  readonly keepsSecrets: boolean
}

/** All templates of a flow's configs and conditions; malformed ones are reported. */
export function collectTemplates(graph: PlanGraph, findings: Findings): readonly TemplateUse[] {
  const uses: TemplateUse[] = []
  const add = (text: string, scalar: TextSpan, rest: Omit<TemplateUse, 'part' | 'at'>): void => {
    const { source } = graph.flow
    for (const part of readParts(text, (span) => spanInside(source, scalar, text, span), findings)) {
      if (part.kind === 'ref') uses.push({ part, at: spanInside(source, scalar, text, part), ...rest })
    }
  }
  for (const node of graph.nodes) {
    for (const { key, value } of node.flow.configs) {
      const rest = { owner: { kind: 'config', node } as const, where: `the config "${key}"`, keepsSecrets: keepsSecrets(node, key) }
      for (const { text, at } of textsOf(value)) add(text, at, rest)
    }
  }
  for (const control of graph.control) {
    const { condition, spans } = control.flow
    if (condition !== null) add(condition, spans.body, { owner: { kind: 'condition', control }, where: 'a condition', keepsSecrets: false })
  }
  return uses
}

/** The parts of a text. A malformed template is reported and read over, so that those behind it are checked too. */
function readParts(text: string, place: (span: TextSpan) => TextSpan, findings: Findings): readonly TemplatePart[] {
  for (let rest = text; hasTemplate(rest); ) {
    try {
      return parseTemplate(rest)
    } catch (error) {
      if (!(error instanceof TemplateSyntaxError)) throw error
      findings.error(error.code, place(error), error.message, error.hint)
      rest = rest.slice(0, error.offset) + ' '.repeat(error.length) + rest.slice(error.offset + error.length)
    }
  }
  return []
}

function textsOf(value: FlowValue): { readonly text: string; readonly at: TextSpan }[] {
  if (value.kind === 'scalar') return typeof value.value === 'string' ? [{ text: value.value, at: value.at }] : []
  return (value.kind === 'list' ? value.items : value.entries.map((entry) => entry.value)).flatMap(textsOf)
}

function keepsSecrets(node: PlanNode, config: string): boolean {
  const specs = definitionOf(node)?.config
  const spec = specs && findConfigSpec(specs, config)
  // What is not known was reported as such.
  if (spec === undefined) return true
  return spec.of === 'secret' || typesOf(spec).some((type) => type === 'secret' || type === 'connection')
}
