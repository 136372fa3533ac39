import type { ModuleType } from '../core/dag.js'
import type { ProgressStatus } from '../core/run-progress.js'
import { describeCounts, describeFlow, describeLoop, describePorts, describeRun, describeSubFlow, describeValve } from './describe.js'
import type { Drawing, DrawnConnection, DrawnNode, DrawnPart } from './drawing.js'

const SHAPES: { readonly [type in ModuleType]: string } = {
  source: 'shape=cds fillcolor="#ddf4ff" color="#0969da"',
  mod: 'shape=box fillcolor="#ffffff" color="#6e7781"',
  sink: 'shape=cylinder fillcolor="#dafbe1" color="#1a7f37"',
  solo: 'shape=hexagon fillcolor="#fff1e5" color="#bc4c00"',
}

const STATUSES: { readonly [status in ProgressStatus]: string } = {
  completed: 'fillcolor="#dafbe1" color="#1a7f37"',
  failed: 'fillcolor="#ffdce0" color="#cf222e" penwidth=2',
  skipped: 'fillcolor="#eaeef2" color="#818b98" style="filled,dashed"',
  blocked: 'fillcolor="#fff1e5" color="#bc4c00"',
  cancelled: 'fillcolor="#fff8c5" color="#9a6700"',
  running: 'fillcolor="#ddf4ff" color="#0969da" penwidth=2',
  killed: 'fillcolor="#fbefff" color="#8250df"',
  'not begun': 'fillcolor="#ffffff" color="#b7bfc7" style="filled,dashed"',
}

/** The flow in the language of Graphviz: sub flows and loops are clusters. */
export function renderDot(drawing: Drawing): string {
  const title = [describeFlow(drawing), ...(drawing.run === undefined ? [] : [describeRun(drawing.run)])].join('\n')
  return [
    `digraph ${quote(drawing.flow.name)} {`,
    `  graph [rankdir=LR compound=true labelloc=t label=${quote(title)} fontname="Helvetica"]`,
    '  node [fontname="Helvetica" fontsize=11 style=filled]',
    '  edge [fontname="Helvetica" fontsize=9]',
    ...writeParts(drawing.parts, '  '),
    ...drawing.connections.map((connection) => `  ${quote(connection.from)} -> ${quote(connection.to)} [${writeConnection(connection)}]`),
    '}',
    '',
  ].join('\n')
}

function writeParts(parts: readonly DrawnPart[], indent: string): string[] {
  return parts.flatMap((part) => {
    const inside = `${indent}  `
    if (part.kind === 'loop') {
      const { from, to } = part.connection
      const style = 'style="rounded,dashed" color="#8250df"'
      return [
        `${indent}subgraph ${quote(`cluster_loop_${from}__${to}`)} {`,
        `${inside}graph [label=${quote(describeLoop(part))} ${style}]`,
        ...writeParts(part.parts, inside),
        `${indent}}`,
      ]
    }
    const nodes = part.nodes.map((node) => `${quote(node.node.id)} [${writeNode(node)}]`)
    if (nodes.length === 1) return nodes.map((node) => indent + node)
    const label = part.progress?.passes === undefined ? '' : describeSubFlow(part.progress)
    return [
      `${indent}subgraph ${quote(`cluster_${part.name}`)} {`,
      `${inside}graph [label=${quote(label)} style="rounded" color="#818b98"]`,
      ...nodes.map((node) => inside + node),
      `${indent}}`,
    ]
  })
}

function writeNode({ node, progress }: DrawnNode): string {
  if (progress === undefined) return `label=${quote(`${node.id}\n${node.module}`)} ${SHAPES[node.type]}`
  const lines = [node.id, node.module, progress.status, describeCounts(progress)].filter((line) => line !== '')
  const shape = SHAPES[node.type].split(' ')[0]
  return `label=${quote(lines.join('\n'))} ${shape} ${STATUSES[progress.status]}`
}

const VALVES = {
  normal: 'style=dashed color="#6e7781"',
  iterate: 'style=dashed penwidth=2 color="#8250df"',
  start: 'style=dotted penwidth=2 color="#0a7d8c"',
  error: 'style=dashed color="#cf222e"',
  done: 'style=dashed color="#9a6700"',
}

function writeConnection(connection: DrawnConnection): string {
  const { data, control, isInner, verdict } = connection
  const label = [describePorts(connection), control === undefined ? '' : describeValve(control)]
  const style = data === undefined ? VALVES[control?.type ?? 'normal'] : isInner ? 'color="#424a53"' : 'color="#424a53" penwidth=3'
  const text = label.filter((part) => part !== '').join('\n')
  const notTaken = verdict === 'not taken' || verdict === 'blocking' ? [`tooltip=${quote(verdict)}`, 'arrowhead=empty'] : []
  return [style, ...(text === '' ? [] : [`label=${quote(text)}`]), ...notTaken].join(' ')
}

/** Graphviz reads the entities of HTML in quoted texts too. */
function quote(text: string): string {
  return `"${text.replaceAll('&', '&amp;').replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\r?\n/g, '\\n')}"`
}
