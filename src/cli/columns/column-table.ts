import type { ColumnOrigin } from '../../build/columns/flow-columns.js'
import { PypeError } from '../../core/errors.js'
import { escapeControls } from '../../core/escape-controls.js'
import { suggestNearest } from '../../core/suggest.js'
import type { Column } from '../../sdk/relation.js'
import { foldTable } from '../terminal/fold-table.js'

/** An output port with what is known of its columns, as `pype columns --json` prints it. */
export type DescribedPort = { readonly node: string; readonly port: string } & (
  | { readonly columns: readonly Column[]; readonly origin: ColumnOrigin; readonly files: readonly string[] }
  | { readonly columns: null; readonly reason: string }
)

/** The ports of the node, or the one port, that `wanted` names; all of them when it is undefined. Throws USAGE for a name that there is not. */
export function choosePorts(ports: readonly DescribedPort[], wanted: string | undefined): readonly DescribedPort[] {
  if (wanted === undefined) return ports
  const chosen = ports.filter(({ node, port }) => wanted === node || wanted === nameOf(node, port))
  if (chosen.length > 0) return chosen
  const names = ports.flatMap(({ node, port }) => [node, nameOf(node, port)])
  throw new PypeError('USAGE', `No node with output ports, and no output port, is called "${wanted}".`, {
    hint: suggestNearest(wanted, names, `ports are: ${ports.map(({ node, port }) => nameOf(node, port)).join(', ')}`),
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
