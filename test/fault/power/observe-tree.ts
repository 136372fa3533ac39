import { type BigIntStats, lstatSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

/** A file or a folder, whatever its names are. */
export type NodeId = string

/** What was seen of a file or a folder: bytes, or the names in it. */
export type Seen =
  | { readonly kind: 'file'; readonly bytes: Buffer; readonly seconds: number }
  | { readonly kind: 'folder'; readonly entries: ReadonlyMap<string, NodeId> }

/** All that lies below a folder at one time. */
export interface Tree {
  readonly root: NodeId
  readonly nodes: ReadonlyMap<NodeId, Seen>
}

/** Locks and pipes are the kernel's, and not kept by a disk. Who reads a pipe waits for who writes it. */
const IGNORED = /\.(duckdb|fifo)$/

/** Looks at everything below a folder. */
export function observeTree(folder: string): Tree {
  const nodes = new Map<NodeId, Seen>()
  const look = (file: string): NodeId => {
    const stat = lstatSync(file, { bigint: true })
    const id = identify(stat)
    if (!stat.isDirectory()) {
      nodes.set(id, { kind: 'file', bytes: readFileSync(file), seconds: Number(stat.mtimeNs / 1_000_000_000n) })
      return id
    }
    const names = readdirSync(file).filter((name) => !IGNORED.test(name))
    nodes.set(id, { kind: 'folder', entries: new Map(names.map((name) => [name, look(path.join(file, name))])) })
    return id
  }
  return { root: look(folder), nodes }
}

/** What a path leads to now. */
export function findNode(file: string): NodeId | undefined {
  const stat = lstatSync(file, { bigint: true, throwIfNoEntry: false })
  return stat === undefined ? undefined : identify(stat)
}

/** The number of an inode is used again as soon as it is free. */
function identify({ ino, birthtimeNs }: BigIntStats): NodeId {
  return `${ino}-${birthtimeNs}`
}
