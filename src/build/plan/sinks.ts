import path from 'node:path'
import type { Json } from '../../core/json.js'
import type { TextSpan } from '../../core/source-text.js'
import { typesOf } from '../../registry/config-check.js'
import type { Findings } from '../findings.js'
import { containsTemplate } from './configs.js'
import { definitionOf, type PlanNode } from './graph.js'
import type { Scopes } from './scopes.js'
import type { SubFlows } from './sub-flows.js'

interface Target {
  /** Equal for the same target; undefined when a template stands in it. */
  readonly key: string | undefined
  readonly text: string
  readonly at: TextSpan
}

/** Two sinks must not write to one target, nor one sink in every frame of a loop; in append mode both are allowed. */
export function checkSinks(
  nodes: readonly PlanNode[],
  walk: { readonly subFlows: SubFlows; readonly scopes: Scopes } | undefined,
  findings: Findings,
): void {
  const writers = new Map<string, { readonly node: PlanNode; readonly appends: boolean }>()
  for (const node of nodes) {
    const target = targetOf(node)
    if (target?.key === undefined) continue
    const appends = modeOf(node) === 'append'
    const earlier = writers.get(target.key)
    if (earlier !== undefined && !(appends && earlier.appends)) {
      findings.error(
        'TARGET_SHARED',
        target.at,
        `"${node.flow.id}" writes to ${target.text}, and so does "${earlier.node.flow.id}".`,
        'give each sink a target of its own, or give both `mode: append`',
      )
    }
    if (earlier === undefined) writers.set(target.key, { node, appends })
    const loops = walk === undefined ? [] : walk.scopes.around(walk.subFlows.of(node))
    if (loops[0] !== undefined && !appends) {
      findings.error(
        'TARGET_IN_LOOP',
        target.at,
        `"${node.flow.id}" is inside the loop of "${loops[0].control.flow.from}" and writes to ${target.text} in every frame.`,
        'put a template into the target, such as {{iter.index}}, or use `mode: append`',
      )
    }
  }
}

/** What a sink writes to: its required paths, or else its table on its connection. */
function targetOf(node: PlanNode): Target | undefined {
  const definition = definitionOf(node)
  if (definition?.type !== 'sink') return undefined
  const paths = Object.entries(definition.config.required)
    .filter(([, spec]) => typesOf(spec).includes('path'))
    .map(([name]) => name)
  const names = paths.length > 0 ? paths : ['connection', 'table']
  const values = names.map((name) => node.configs[name])
  const last = names.at(-1) ?? ''
  const at = node.flow.configs.find((entry) => entry.key === last)?.value.at
  if (at === undefined || values.includes(undefined)) return undefined
  const target = values.at(-1) ?? null
  // One template for the connection is one connection; the table or the path is what has to differ.
  return {
    key: containsTemplate(target) ? undefined : JSON.stringify(values.map((value) => normalise(value ?? null))),
    text: JSON.stringify(target),
    at,
  }
}

function normalise(value: Json): Json {
  return typeof value === 'string' ? path.posix.normalize(value) : value
}

function modeOf(node: PlanNode): unknown {
  return node.configs.mode ?? definitionOf(node)?.config.optional.mode?.default
}
