import { ShellLexer } from '../../core/shell-lexer.js'
import { parseTemplate, type TemplatePart, TemplateSyntaxError } from '../../core/template.js'
import { findConfigSpec, typesOf } from '../../registry/config-check.js'
import type { ConfigType } from '../../sdk/define-module.js'
import type { Findings } from '../findings.js'
import { spanInside } from '../load/span-inside.js'
import { definitionOf, type PlanGraph, type PlanNode } from './graph.js'

/** Checks that each template in a command stands where a shell takes it as one word, and that quotes are closed. */
export function checkCommands(graph: PlanGraph, findings: Findings): void {
  const { source } = graph.flow
  for (const node of graph.nodes) {
    for (const { key, value } of node.flow.configs) {
      if (!takes(node, key, 'command') || value.kind !== 'scalar') continue
      const text = node.configs[key]
      if (typeof text !== 'string') continue
      const lexer = new ShellLexer()
      for (const part of readParts(text)) {
        if (part.kind === 'text') {
          lexer.read(part.text)
          continue
        }
        const { place } = lexer
        if (place.kind === 'refused') {
          findings.error(
            'TEMPLATE_IN_COMMAND',
            spanInside(source, value.at, text, part),
            `${part.source} stands ${place.where}.`,
            place.hint,
          )
        }
        lexer.skipValue()
      }
      if (lexer.openQuotes !== undefined)
        findings.error('CONFIG_INVALID', value.at, `The config "${key}" has ${lexer.openQuotes} quotes that are not closed.`, 'close them')
    }
  }
}

/** The parts of a text; none when a template in it is malformed, which is reported elsewhere. */
function readParts(text: string): readonly TemplatePart[] {
  try {
    return parseTemplate(text)
  } catch (error) {
    if (error instanceof TemplateSyntaxError) return []
    throw error
  }
}

function takes(node: PlanNode, config: string, type: ConfigType): boolean {
  const specs = definitionOf(node)?.config
  const spec = specs && findConfigSpec(specs, config)
  return spec !== undefined && typesOf(spec).includes(type)
}
