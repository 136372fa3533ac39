import { type Findings, suggestName } from '../../build/findings.js'
import { toJson } from '../../build/load/flow-value.js'
import type { DagNode } from '../../core/dag.js'
import type { FlowValue } from '../../core/flow.js'
import type { JsonObject } from '../../core/json.js'
import type { TextSpan } from '../../core/source-text.js'
import type { TestEntry } from '../load/test-file.js'
import type { TestedFlow } from './build-for-tests.js'
import { findNode } from './find-node.js'

/** A global of a node. */
export interface GlobalName {
  readonly node: DagNode
  readonly name: string
}

/** `node__global`, taken apart; what the flow does not have is reported. */
export function readGlobalName(key: string, at: TextSpan, flow: TestedFlow, findings: Findings): GlobalName | undefined {
  const [, id, name] = /^(.+?)__(.+)$/.exec(key) ?? []
  if (id === undefined || name === undefined) {
    findings.error('TEST_INVALID', at, `${key} is not of the form node__global.`, 'e.g. `orders__row_count`')
    return undefined
  }
  const node = findNode(id, at, flow, findings)
  return node !== undefined && checkGlobal(node, name, at, flow, findings) ? { node, name } : undefined
}

/** Whether a node publishes a global. */
export function checkGlobal(
  { id, module, globals, configs }: DagNode,
  name: string,
  at: TextSpan,
  flow: TestedFlow,
  findings: Findings,
): boolean {
  const dynamic = flow.definitions.get(id)?.dynamicGlobals?.(configs) ?? []
  if (globals.includes(name) || dynamic.includes('*')) return true
  const known = globals.length === 0 ? `${module} publishes none` : `it publishes ${globals.join(', ')}`
  findings.error('UNKNOWN_GLOBAL', at, `${id} publishes no global "${name}".`, suggestName(name, globals, known))
  return false
}

/** Values in the place of what nodes publish that do run, by node and name. */
export function planGlobals(
  entries: readonly TestEntry<FlowValue>[],
  replaced: ReadonlySet<string>,
  flow: TestedFlow,
  findings: Findings,
): { readonly [node: string]: JsonObject } {
  const values = new Map<string, Record<string, JsonObject[string]>>()
  for (const { key, keyAt, value } of entries) {
    const found = readGlobalName(key, keyAt, flow, findings)
    if (found === undefined) continue
    const { id } = found.node
    if (replaced.has(id))
      findings.error(
        'TEST_INVALID',
        keyAt,
        `${id} is replaced: its globals stand there.`,
        `replace: { ${id}: { globals: { ${found.name}: … } } }`,
      )
    const ofNode = values.get(id) ?? {}
    ofNode[found.name] = toJson(value)
    values.set(id, ofNode)
  }
  return Object.fromEntries(values)
}
