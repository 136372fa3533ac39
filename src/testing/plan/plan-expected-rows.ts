import path from 'node:path'
import { type Findings, suggestName } from '../../build/findings.js'
import type { DagNode } from '../../core/dag.js'
import { formatFrame } from '../../core/frame.js'
import { listShort } from '../../core/list-short.js'
import type { Column } from '../../sdk/relation.js'
import type { ExpectedRowsSpec, TestEntry } from '../load/test-file.js'
import type { Capture } from '../rehearse/lay-out-case.js'
import type { TestedFlow } from './build-for-tests.js'
import { checkFrame, findNode, readNodeInFrame } from './find-node.js'
import { findFile } from './plan-files.js'

/** Rows that are expected, and where those that are found are written down. */
export interface PlannedRows {
  readonly key: string
  readonly spec: ExpectedRowsSpec
  /** What the captured files are called. */
  readonly name: string
  /** The pass of a loop that is meant; undefined: all of them. */
  readonly frame: string | undefined
  /** The sub flow that has to complete for rows to be there. */
  readonly subFlow: string
  /** Absolute. */
  readonly file: string | undefined
}

/** Finds the ports and sinks whose rows are expected, and what to add to the flow to see them. */
export function planRows(
  entries: readonly TestEntry<ExpectedRowsSpec>[],
  flow: TestedFlow,
  folder: string,
  findings: Findings,
): { readonly rows: readonly PlannedRows[]; readonly captures: readonly (Capture & { readonly name: string })[] } {
  const rows: PlannedRows[] = []
  const captures = new Map<string, Capture & { readonly name: string }>()
  for (const { key, keyAt, value: spec } of entries) {
    const { name, frame } = readNodeInFrame({ text: key, at: keyAt }, findings)
    const [id = '', port] = name.split('.', 2)
    const node = findNode(id, keyAt, flow, findings)
    const seen = node === undefined ? undefined : findRows(node, port, keyAt, flow, findings)
    const file = spec.file === undefined ? undefined : findFile(spec.file, folder, findings)
    if (seen === undefined) continue
    const known = captures.get(seen.name) ?? { ...seen, node: nameNode(flow, captures.size) }
    captures.set(seen.name, known)
    const inFrame = key.includes('#') ? formatFrame(frame) : undefined
    if (node !== undefined) checkFrame(node, inFrame === undefined ? undefined : frame, keyAt, flow, findings)
    checkIgnored(spec, flow.columns.get(`${seen.from}.${seen.fromPort}`), findings)
    rows.push({ key, spec, name: seen.name, frame: inFrame, subFlow: seen.subFlow, file })
  }
  return { rows, captures: [...captures.values()] }
}

/** Where the columns are known before a run, one that is left out has to be among them. */
function checkIgnored({ ignore, ignoreAt }: ExpectedRowsSpec, columns: readonly Column[] | undefined, findings: Findings): void {
  if (columns === undefined || ignore === '*') return
  const names = columns.map(({ name }) => name)
  for (const [i, name] of ignore.entries()) {
    const at = ignoreAt[i]
    if (at !== undefined && !names.includes(name))
      findings.error(
        'SCHEMA_MISMATCH',
        at,
        `There is no column "${name}" to leave out.`,
        name === '*'
          ? 'write ignore: "*" to leave out all columns that the rows do not name'
          : suggestName(name, names, `the columns are ${listShort(names)}`),
      )
  }
}

type Seen = Omit<Capture, 'node'> & { readonly name: string }

function findRows(
  node: DagNode,
  port: string | undefined,
  at: ExpectedRowsSpec['at'],
  flow: TestedFlow,
  findings: Findings,
): Seen | undefined {
  const { id, output_ports: outputs, input_ports: inputs, sub_flow: subFlow } = node
  const into = flow.dag.data.filter(({ to, to_port }) => to === id && (port === undefined || to_port === port))
  const [first] = into
  if (outputs.length === 0 && first !== undefined) {
    return { name: id, from: first.from, fromPort: first.from_port, subFlow, boundary: first.boundary }
  }
  if (outputs.length === 0) {
    const hint = inputs.length === 0 ? `a ${node.type} has none` : suggestName(port ?? '', inputs, `it has ${inputs.join(', ')}`)
    findings.error(
      inputs.length === 0 ? 'TEST_INVALID' : 'UNKNOWN_PORT',
      at,
      `${id} has no rows${port === undefined ? '' : ` at a port "${port}"`}.`,
      hint,
    )
    return undefined
  }
  const connected = [...new Set(flow.dag.data.filter(({ from }) => from === id).map(({ from_port }) => from_port))]
  if (port === undefined) {
    findings.error('TEST_INVALID', at, `${id} has output ports: which one is meant?`, connected.map((each) => `${id}.${each}`).join(' or '))
    return undefined
  }
  if (!outputs.includes(port)) {
    findings.error(
      'UNKNOWN_PORT',
      at,
      `${node.module} has no output port "${port}".`,
      suggestName(port, outputs, `it has ${outputs.join(', ')}`),
    )
    return undefined
  }
  if (connected.includes(port)) return { name: `${id}.${port}`, from: id, fromPort: port, subFlow, boundary: false }
  findings.error(
    'TEST_INVALID',
    at,
    `Nothing in the flow reads ${id}.${port}, so no rows leave by it.`,
    connected.length === 0 ? 'expect rows of another node' : `connected are: ${connected.map((each) => `${id}.${each}`).join(', ')}`,
  )
  return undefined
}

/** An id that no node of the flow has. */
function nameNode({ nodes }: TestedFlow, index: number): string {
  let name = `test_rows${index}`
  while ([...nodes.keys()].some((id) => id.toLowerCase() === name)) name = `test_${name}`
  return name
}

/** The name of a file with expected rows as a message says it. */
export function nameFile(file: string): string {
  const relative = path.relative('.', file)
  return relative.startsWith('..') ? file : relative
}
