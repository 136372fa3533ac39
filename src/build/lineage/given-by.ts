import { isObject } from '../../core/json.js'
import { hasTemplate, parseTemplate } from '../../core/template.js'
import type { Given } from '../../engine/lineage.js'
import { definitionOf, type PlanNode } from '../plan/graph.js'

/** What a column is made of that comes from no other one. */
export interface GivenBy {
  /** The rows themselves (`count(*)`), a function such as `now()`, a template, or a value that is written in the flow. */
  readonly kind: 'rows' | 'function' | 'template' | 'constant'
  /** The ports whose rows they are, or the templates as they are written. */
  readonly of: readonly string[]
}

/** What a column is made of that comes from no other one, with the ports or templates. `before` are the ports that the rows come through. */
export function nameGiven(
  given: Given,
  node: PlanNode,
  column: string,
  before: readonly { readonly node: string; readonly port: string }[],
): GivenBy {
  if (given === 'rows') return { kind: 'rows', of: [...new Set(before.map(({ node: id, port }) => `${id}.${port}`))] }
  const templates = listTemplates(node, column)
  if (templates.length > 0) return { kind: 'template', of: templates }
  return { kind: given === 'value' ? 'constant' : 'function', of: [] }
}

/** The templates in the SQL that makes a column, where the config has one text for each. Of a whole statement nobody can tell to which columns they go. */
function listTemplates(node: PlanNode, column: string): readonly string[] {
  const { required = {}, optional = {} } = definitionOf(node)?.config ?? {}
  const texts = Object.entries({ ...required, ...optional }).flatMap(([name, spec]) => {
    const written = node.configs[name]
    return spec.of === 'sql' && isObject(written) && Object.hasOwn(written, column) ? [written[column]] : []
  })
  const refs = texts.flatMap((text) => (typeof text === 'string' && hasTemplate(text) ? parseTemplate(text) : []))
  return [...new Set(refs.flatMap((part) => (part.kind === 'ref' ? [part.source] : [])))]
}
