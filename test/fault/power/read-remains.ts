import type { Remains } from './durable-tree.js'
import { type NodeId, observeTree } from './observe-tree.js'

/** All that lies in a folder, to be laid out again. */
export function readRemains(folder: string): Remains {
  const { root, nodes } = observeTree(folder)
  const read = (id: NodeId): Remains => {
    const seen = nodes.get(id)
    if (seen?.kind === 'file') return { bytes: seen.bytes, seconds: seen.seconds }
    return { entries: Object.fromEntries([...(seen?.entries ?? [])].map(([name, node]) => [name, read(node)])) }
  }
  return read(root)
}

/** Texts by path; folders have none. */
export function listTexts(remains: Remains, at = ''): { [path: string]: string } {
  if ('bytes' in remains) return { [at]: remains.bytes.toString('latin1') }
  return Object.assign({ [`${at}/`]: '' }, ...Object.entries(remains.entries).map(([name, child]) => listTexts(child, `${at}/${name}`)))
}
