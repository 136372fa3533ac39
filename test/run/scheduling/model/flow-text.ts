import { Findings } from '../../../../src/build/findings.js'
import { readFlow } from '../../../../src/build/load/load-flow.js'
import { planFlow } from '../../../../src/build/plan/plan.js'
import type { Dag, ExecutionMetadata } from '../../../../src/core/dag.js'
import type { ControlLongForm } from '../../../../src/core/valve.js'
import { MODULE_SHAPES } from './module-shapes.js'

/** A control connection, and the data connection beside it. */
export interface Valve extends ControlLongForm {
  readonly rows?: string
}

/** The parts of a flow: nodes as `id: module`, data connections within sub flows. */
export interface FlowParts {
  readonly settings: { readonly fail_strategy: 'halt' | 'continue'; readonly retries: number; readonly retry_delay: number }
  readonly nodes: readonly { readonly id: string; readonly name: string; readonly configs?: { readonly wait: string } }[]
  readonly data: readonly string[]
  readonly valves: readonly Valve[]
}

/** What a build writes. */
export interface Job {
  readonly dag: Dag
  readonly metadata: ExecutionMetadata
}

/** One error of a build: its code, and the valve that it is about, if it is about one. */
export interface BuildError {
  readonly code: string
  readonly message: string
  readonly valve: Valve | undefined
}

/** Writes the flow as YAML, one connection a line. */
export function writeFlowText({ settings, nodes, data, valves }: FlowParts): string {
  const list = (items: readonly unknown[], indent: string) =>
    items.length === 0 ? ' []' : items.map((item) => `\n${indent}- ${JSON.stringify(item)}`).join('')
  const rows = valves.flatMap((valve) => valve.rows ?? [])
  const control = valves.map(({ rows: _, ...form }) => form)
  return [
    'flow: { name: walked, version: 1.0.0, authors: [me], created: "2026-01-15" }',
    `settings: ${JSON.stringify(settings)}`,
    `modules:${list(nodes, '  ')}`,
    'connections:',
    `  data:${list([...data, ...rows], '    ')}`,
    `  control:${list(control, '    ')}`,
    '',
  ].join('\n')
}

/** Builds a flow in memory, with the real build. */
export async function buildParts(parts: FlowParts): Promise<Job | readonly BuildError[]> {
  const text = writeFlowText(parts)
  const { flow, findings } = readFlow('walked.yaml', text)
  if (flow === undefined) throw new Error(text)
  const plan = await planFlow(flow, { catalogue: MODULE_SHAPES, contextNames: null }, findings)
  if (plan !== undefined && !findings.hasErrors) return { dag: plan.dag, metadata: plan.metadata }
  return listErrors(findings, parts, text)
}

function listErrors(findings: Findings, { valves }: FlowParts, text: string): readonly BuildError[] {
  const first = text.split('\n').findIndex((line) => line.startsWith('  control:')) + 2
  return findings
    .list()
    .filter(({ severity }) => severity === 'error')
    .map(({ code, message, at }) => ({ code, message, valve: at === undefined ? undefined : valves[at.line - first] }))
}
