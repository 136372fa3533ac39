import type { Dag, DagNode } from '../../core/dag.js'
import { PypeError } from '../../core/errors.js'
import { listShort } from '../../core/list-short.js'
import { suggestNearest } from '../../core/suggest.js'
import type { PortName } from '../execution/sub-flow/sub-flow-graph.js'

/**
 * The output port that `wanted` stands for: `node.port`, `node` for its first output port, and for an input port or a sink the port
 * whose rows come in there. Throws USAGE for no name and one that there is not, and PREVIEW_REFUSED for a solo, which has no rows.
 */
export function choosePort(dag: Dag, wanted: string | undefined): PortName {
  if (wanted === undefined) throw new PypeError('USAGE', 'Which node? Its rows are what is looked at.', { hint: listNodes(dag) })
  const [id = '', port, ...more] = wanted.split('.')
  const node = dag.nodes.find((each) => each.id === id)
  if (node === undefined || more.length > 0) throw noSuchNode(dag, wanted, id)
  if (node.type === 'solo')
    throw new PypeError('PREVIEW_REFUSED', `${id} is a ${node.module}, a solo: it has no rows to look at.`, {
      hint: 'name a source, a mod or a sink; what a solo does is seen in a run',
      node: id,
    })
  if (port !== undefined) return findOutput(node, port) ?? findInput(dag, node, port) ?? throwNoSuchPort(dag, node, port)
  const [first] = node.output_ports
  if (first !== undefined) return { node: id, port: first }
  const inputs = entering(dag, node)
  const [only] = inputs
  if (only !== undefined && inputs.length === 1) return { node: only.from, port: only.from_port }
  throw new PypeError('USAGE', `The sink ${id} has several input ports.`, {
    hint: `name one: ${inputs.map(({ to_port }) => `${id}.${to_port}`).join(', ')}`,
  })
}

function findOutput(node: DagNode, port: string): PortName | undefined {
  return node.output_ports.includes(port) ? { node: node.id, port } : undefined
}

function findInput(dag: Dag, node: DagNode, port: string): PortName | undefined {
  const connection = entering(dag, node).find(({ to_port }) => to_port === port)
  return connection && { node: connection.from, port: connection.from_port }
}

function entering(dag: Dag, { id }: DagNode) {
  return dag.data.filter(({ to }) => to === id)
}

function throwNoSuchPort(dag: Dag, node: DagNode, port: string): never {
  const ports = [...node.output_ports, ...entering(dag, node).map(({ to_port }) => to_port)]
  throw new PypeError('USAGE', `${node.id} has no connected port "${port}".`, {
    hint: suggestNearest(port, ports, `its ports are ${listShort(ports.map((each) => `${node.id}.${each}`))}`),
  })
}

function noSuchNode(dag: Dag, wanted: string, id: string): PypeError {
  const nodes = nodesWithRows(dag)
  return new PypeError('USAGE', `No node is called "${id}"${wanted === id ? '' : ` (in ${wanted})`}.`, {
    hint: suggestNearest(id, nodes, listNodes(dag)),
  })
}

function listNodes(dag: Dag): string {
  return `the nodes with rows are ${listShort(nodesWithRows(dag))}`
}

function nodesWithRows(dag: Dag): readonly string[] {
  return dag.nodes.filter(({ type }) => type !== 'solo').map(({ id }) => id)
}
