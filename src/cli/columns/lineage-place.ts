import { ANY, type ColumnPlace, type LineagePort } from '../../build/lineage/flow-lineage.js'
import { PypeError } from '../../core/errors.js'
import { listShort } from '../../core/list-short.js'
import { suggestNearest } from '../../core/suggest.js'

/**
 * The columns that a text names: `node`, `node.port` or `node.port.column`, the port being left out where the node has one only. A name of
 * a column is found without regard to case, and may have dots. Throws USAGE for what there is not.
 */
export function chooseColumns(ports: readonly LineagePort[], wanted: string): readonly ColumnPlace[] {
  const places = ports.flatMap((port) => port.columns.map(({ name }) => ({ node: port.node.flow.id, port: port.port, column: name })))
  const [node = '', port = '', ...column] = wanted.split('.')
  const own = ports.filter((each) => each.node.flow.id === node)
  const ofPort = own.filter((each) => each.port === port)
  const isIn = (list: readonly LineagePort[]) => (place: ColumnPlace) =>
    list.some((each) => each.node.flow.id === place.node && each.port === place.port)
  if (own.length > 0 && port === '') return places.filter(isIn(own))
  if (ofPort.length > 0 && column.length === 0) return places.filter(isIn(ofPort))
  const name = ofPort.length > 0 ? column.join('.') : [port, ...column].join('.')
  const among = places.filter(isIn(ofPort.length > 0 ? ofPort : own))
  const found = among.filter((place) => place.column === name)
  const chosen = found.length > 0 ? found : among.filter((place) => place.column.toLowerCase() === name.toLowerCase())
  if (chosen.length > 0) return chosen
  const unknown = own.find(({ columns, doubt }) => doubt !== undefined && columns.some((each) => each.name === ANY))
  if (unknown !== undefined && port !== '')
    throw new PypeError('USAGE', `The columns of ${node}.${unknown.port} are not known: ${unknown.doubt}.`, {
      hint: `\`pype lineage … ${node}.${unknown.port}\` shows what they may come from`,
    })
  const known = own.length > 0 ? among.map((place) => nameOf(place)) : ports.map((each) => each.node.flow.id)
  throw new PypeError(
    'USAGE',
    `There is no ${own.length > 0 ? 'port or column' : 'node'} called "${wanted}" whose rows are known to the lineage.`,
    {
      hint: suggestNearest(wanted, known, `there are ${listShort([...new Set(known)])}`),
    },
  )
}

/** `node.port.column`. */
export function nameOf({ node, port, column }: ColumnPlace): string {
  return `${node}.${port}.${column}`
}
