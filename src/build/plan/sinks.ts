import path from 'node:path'
import type { Json } from '../../core/json.js'
import type { TextSpan } from '../../core/source-text.js'
import { containsTemplate, parseTemplate, TemplateSyntaxError } from '../../core/template.js'
import { typesOf } from '../../registry/config-check.js'
import { modeOf } from '../../registry/sink-configs.js'
import type { Findings } from '../findings.js'
import { definitionOf, type PlanNode } from './graph.js'
import type { Scopes } from './scopes.js'
import type { SubFlows } from './sub-flows.js'

interface Target {
  /** Equal for the same target; undefined when a template stands in it. */
  readonly key: string | undefined
  /** Whether it may be another one in each frame of a loop. */
  readonly varies: boolean
  readonly text: string
  readonly at: TextSpan
}

interface Walk {
  readonly subFlows: SubFlows
  readonly scopes: Scopes
}

/** Two sinks must not write to one target, nor one sink in every frame of a loop; in append mode both are allowed. */
export function checkSinks(nodes: readonly PlanNode[], walk: Walk | undefined, findings: Findings): void {
  const writers = new Map<string, { readonly node: PlanNode; readonly appends: boolean }>()
  for (const node of nodes) {
    const target = targetOf(node)
    if (target === undefined) continue
    const appends = modeOf(definitionOf(node), node.configs) === 'append'
    checkLoop(node, target, appends, walk, findings)
    if (target.key === undefined) continue
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
  }
}

function checkLoop(node: PlanNode, target: Target, appends: boolean, walk: Walk | undefined, findings: Findings): void {
  const [loop] = walk === undefined ? [] : walk.scopes.around(walk.subFlows.of(node))
  if (loop === undefined || appends || target.varies) return
  findings.error(
    'TARGET_IN_LOOP',
    target.at,
    `"${node.flow.id}" is inside the loop of "${loop.control.flow.from}" and writes to ${target.text} in every frame.`,
    'put a template into the target that differs between the frames, such as {{iter.index}}, or use `mode: append`',
  )
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
    varies: variesInLoop(target),
    text: JSON.stringify(target),
    at,
  }
}

/** Templates of the run, the context, the flow and the environment have one value in the whole run. */
function variesInLoop(value: Json): boolean {
  if (typeof value !== 'string') return value !== null && typeof value === 'object' && Object.values(value).some(variesInLoop)
  try {
    return parseTemplate(value).some((part) => part.kind === 'ref' && (part.ref.scope === 'iter' || part.ref.scope === 'global'))
  } catch (error) {
    // Reported where templates are checked; what was meant is not known.
    if (error instanceof TemplateSyntaxError) return true
    throw error
  }
}

function normalise(value: Json): Json {
  return typeof value === 'string' ? path.posix.normalize(value) : value
}
