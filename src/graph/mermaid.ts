import type { ModuleType, ValveType } from '../core/dag.js'
import type { ProgressStatus } from '../core/run-progress.js'
import { describeCounts, describeLoop, describePorts, describeSubFlow, describeValve } from './describe.js'
import type { Drawing, DrawnConnection, DrawnNode, DrawnPart } from './drawing.js'

const SHAPES: { readonly [type in ModuleType]: readonly [string, string] } = {
  source: ['([', '])'],
  mod: ['[', ']'],
  sink: ['[(', ')]'],
  solo: ['{{', '}}'],
}

/** Edges and texts of a middle lightness, and what is inside see-through, so that they show on light and on dark pages. */
const TYPES: { readonly [type in ModuleType]: string } = {
  source: 'fill:#0969da33,stroke:#218bff',
  mod: 'fill:#6e778122,stroke:#818b98',
  sink: 'fill:#1a7f3733,stroke:#2da44e',
  solo: 'fill:#bc4c0033,stroke:#e16f24',
}

const STATUSES: { readonly [status in ProgressStatus]: string } = {
  completed: 'fill:#1a7f3733,stroke:#2da44e',
  failed: 'fill:#cf222e44,stroke:#fa4549,stroke-width:3px',
  skipped: 'fill:#6e778122,stroke:#818b98,stroke-dasharray:4 3',
  blocked: 'fill:#bc4c0033,stroke:#e16f24',
  cancelled: 'fill:#9a670033,stroke:#bf8700',
  running: 'fill:#0969da33,stroke:#218bff,stroke-width:3px',
  killed: 'fill:#8250df33,stroke:#a475f9',
  'not begun': 'fill:#00000000,stroke:#818b98,stroke-dasharray:4 3',
}

const VALVES: { readonly [type in ValveType]: string } = {
  normal: 'stroke:#818b98',
  iterate: 'stroke:#a475f9,stroke-width:2px',
  start: 'stroke:#1b9aaa,stroke-dasharray:2 4',
  error: 'stroke:#fa4549',
  done: 'stroke:#bf8700',
}

/** The flow as a flowchart of Mermaid, which many pages draw by themselves. */
export function renderMermaid(drawing: Drawing): string {
  const connections = drawing.connections.map(writeConnection)
  const coloured = drawing.connections.flatMap(({ data, control }, i) =>
    data === undefined && control !== undefined ? [`  linkStyle ${i} ${VALVES[control.type]}`] : [],
  )
  const classes = drawing.run === undefined ? TYPES : STATUSES
  const used = new Set(drawing.nodes.map(classOf))
  return [
    'flowchart LR',
    ...writeParts(drawing.parts, '  '),
    ...connections.map((line) => `  ${line}`),
    ...Object.entries(classes).flatMap(([name, style]) => (used.has(wordOf(name)) ? [`  classDef ${wordOf(name)} ${style}`] : [])),
    ...coloured,
    '',
  ].join('\n')
}

function writeParts(parts: readonly DrawnPart[], indent: string): string[] {
  return parts.flatMap((part) => {
    if (part.kind === 'loop') {
      const { from, to } = part.connection
      const name = `loop_${from}__${to}`
      return [
        `${indent}subgraph ${name}[${quote(describeLoop(part))}]`,
        ...writeParts(part.parts, `${indent}  `),
        `${indent}end`,
        `${indent}style ${name} fill:#8250df11,stroke:#a475f9,stroke-dasharray:7 4`,
      ]
    }
    const nodes = part.nodes.map(writeNode)
    if (nodes.length === 1) return nodes.map((node) => indent + node)
    const title = part.progress?.passes === undefined ? ' ' : describeSubFlow(part.progress)
    return [
      `${indent}subgraph flow_${part.name}[${quote(title)}]`,
      ...nodes.map((node) => `${indent}  ${node}`),
      `${indent}end`,
      `${indent}style flow_${part.name} fill:#6e778111,stroke:#818b98`,
    ]
  })
}

function writeNode(drawn: DrawnNode): string {
  const { node, progress } = drawn
  const [open, close] = SHAPES[node.type]
  const counts = progress === undefined ? [] : [progress.status, describeCounts(progress)].filter((line) => line !== '')
  return `${nameOf(node.id)}${open}${quote([node.id, node.module, ...counts].join('\n'))}${close}:::${classOf(drawn)}`
}

function writeConnection(connection: DrawnConnection): string {
  const { from, to, data, control, isInner } = connection
  const text = [describePorts(connection), control === undefined ? '' : describeValve(control)]
  const label = text.filter((part) => part !== '').join(' ')
  const arrow = data === undefined ? '-.->' : isInner ? '-->' : '==>'
  return `${nameOf(from)} ${arrow}${label === '' ? '' : `|${quote(label)}|`} ${nameOf(to)}`
}

function classOf({ node, progress }: DrawnNode): string {
  return progress === undefined ? node.type : wordOf(progress.status)
}

function wordOf(status: string): string {
  return status.replace(' ', '_')
}

/** A node may be called like a word of Mermaid (`end`). */
function nameOf(id: string): string {
  return `node_${id}`
}

/** Between quotes Mermaid knows the entities of HTML and reads Markdown only between backticks. */
function quote(text: string): string {
  const escaped = text.replace(/[&"<>#`\\]/g, (char) => `#${char.charCodeAt(0)};`).replace(/\r?\n/g, '<br>')
  return `"${escaped}"`
}
