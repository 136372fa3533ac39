import type { ColumnOrigin } from '../../build/columns/flow-columns.js'
import type { DataSpec } from '../../core/data-connection.js'
import { PypeError } from '../../core/errors.js'
import { escapeControls } from '../../core/escape-controls.js'
import { listShort } from '../../core/list-short.js'
import { suggestNearest } from '../../core/suggest.js'
import type { Column } from '../../sdk/relation.js'
import { foldTable } from '../terminal/fold-table.js'

/** An output port with what is known of its columns, as `pype columns --json` prints it. */
export type DescribedPort = { readonly node: string; readonly port: string } & (
  | { readonly columns: readonly Column[]; readonly origin: ColumnOrigin; readonly files: readonly string[] }
  | { readonly columns: null; readonly reason: string }
)

/**
 * The ports of the node, or the one port, that `wanted` names; all of them when it is undefined. An input port, and a node that has no other,
 * stands for the ports whose rows come in there. Throws USAGE for a name that there is not.
 */
export function choosePorts(
  ports: readonly DescribedPort[],
  data: readonly DataSpec[],
  wanted: string | undefined,
): readonly DescribedPort[] {
  if (wanted === undefined) return ports
  const chosen = ports.filter(({ node, port }) => wanted === node || wanted === nameOf(node, port))
  if (chosen.length > 0) return chosen
  const entering = data.filter(({ to, toPort }) => wanted === to || wanted === nameOf(to, toPort))
  if (entering.length > 0) {
    const sources = new Set(entering.map(({ from, fromPort }) => nameOf(from, fromPort)))
    return ports.filter(({ node, port }) => sources.has(nameOf(node, port)))
  }
  const outputs = ports.flatMap(({ node, port }) => [node, nameOf(node, port)])
  const inputs = data.flatMap(({ to, toPort }) => [to, nameOf(to, toPort)])
  throw new PypeError('USAGE', `No node with ports, and no port, is called "${wanted}".`, {
    hint: suggestNearest(wanted, [...outputs, ...inputs], `ports are: ${listShort(ports.map(({ node, port }) => nameOf(node, port)))}`),
  })
}

/** A table of all columns, port by port, in lines of at most `columns`; of a port of which nothing is known it has the reason. */
export function formatColumns(ports: readonly DescribedPort[], columns: number): string {
  const rows = ports.flatMap((described) => {
    const name = nameOf(described.node, described.port)
    if (described.columns === null) return [[name, '-', '-', `not known: ${described.reason}`]]
    const origin = describeOrigin(described.origin, described.files)
    return described.columns.map((column, i) => [i === 0 ? name : '', column.name, column.type, i === 0 ? origin : ''])
  })
  const table = [['port', 'column', 'type', 'from'], ...rows.map((row) => row.map(escapeControls))]
  return foldTable(table, { columns, folded: [2, 3] })
    .map((line) => `${line}\n`)
    .join('')
}

function describeOrigin(origin: ColumnOrigin, files: readonly string[]): string {
  if (origin !== 'file') return origin
  return files.length > 1 ? `${files[0]} and others` : (files[0] ?? origin)
}

function nameOf(node: string, port: string): string {
  return `${node}.${port}`
}
