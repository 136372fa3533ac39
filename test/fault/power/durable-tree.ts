import type { Random } from '../interrupt/random.js'
import type { NodeId, Tree } from './observe-tree.js'

/** A change of names that happens whole or not at all. It lasts when its folder has been flushed; a rename, when that of the new name has. */
interface Naming {
  readonly changes: readonly { readonly folder: NodeId; readonly name: string; readonly node: NodeId | undefined }[]
  readonly folder: NodeId
  lasts: boolean
}

interface Content {
  durable: Buffer
  /** Newer contents that were not flushed. */
  readonly pending: Buffer[]
  seconds: number
}

/** What a power cut leaves of names and bytes that were not flushed. */
export type Loss = 'all' | 'data' | 'names' | 'none' | 'some'

/** What lies there after a power cut: bytes and time of files, and the names in folders. */
export type Remains = { readonly bytes: Buffer; readonly seconds: number } | { readonly entries: { readonly [name: string]: Remains } }

/**
 * A disk that keeps only what was flushed. A flush of a file makes its bytes last and not its name; one of a folder, the names in it.
 * Names that were not flushed are each kept or lost on their own, a rename whole. Bytes that were not flushed are kept, lost, torn or zero.
 */
export class DurableTree {
  readonly #root: NodeId
  readonly #folders = new Map<NodeId, Map<string, NodeId>>()
  readonly #contents = new Map<NodeId, Content>()
  readonly #namings: Naming[] = []

  /** What lies there in the beginning has lain there for long. */
  constructor(tree: Tree) {
    this.#root = tree.root
    this.see(tree)
    for (const folder of this.#folders.keys()) this.flush(folder)
    for (const file of this.#contents.keys()) this.flush(file)
  }

  /** Takes in what has changed since it was looked at last. */
  see(tree: Tree): void {
    const added = new Map<NodeId, Naming['changes'][number]>()
    const removed: (Naming['changes'][number] & { readonly was: NodeId })[] = []
    for (const [id, seen] of tree.nodes) {
      if (seen.kind === 'file') {
        this.#seeBytes(id, seen.bytes, seen.seconds)
        continue
      }
      const known = this.#folders.get(id) ?? new Map<string, NodeId>()
      this.#folders.set(id, new Map(seen.entries))
      for (const [name, node] of seen.entries) if (known.get(name) !== node) added.set(node, { folder: id, name, node })
      for (const [name, was] of known) if (!seen.entries.has(name)) removed.push({ folder: id, name, node: undefined, was })
    }
    for (const { was, ...change } of removed) {
      const to = added.get(was)
      added.delete(was)
      this.#name(to === undefined ? change : to, ...(to === undefined ? [] : [change]))
    }
    for (const change of added.values()) this.#name(change)
  }

  /** A flush of a file or of a folder. */
  flush(node: NodeId): void {
    const content = this.#contents.get(node)
    if (content !== undefined) content.durable = content.pending.splice(0).at(-1) ?? content.durable
    for (const naming of this.#namings) naming.lasts ||= naming.folder === node
  }

  /** The number of changes that a power cut may take back now. */
  get pending(): number {
    const contents = [...this.#contents.values()].filter(({ pending }) => pending.length > 0)
    return contents.length + this.#namings.filter(({ lasts }) => !lasts).length
  }

  /** Cuts the power; the root is a folder. */
  cut(loss: Loss, random: Random): Remains {
    const folders = new Map<NodeId, Map<string, NodeId>>()
    const isKept = (): boolean => (loss === 'some' ? random.chance(0.5) : loss === 'data' || loss === 'none')
    for (const { changes, lasts } of this.#namings) {
      if (!lasts && !isKept()) continue
      for (const { folder, name, node } of changes) {
        const entries = folders.get(folder) ?? new Map<string, NodeId>()
        folders.set(folder, entries)
        if (node === undefined) entries.delete(name)
        else entries.set(name, node)
      }
    }
    const build = (id: NodeId): Remains => {
      const content = this.#contents.get(id)
      if (content !== undefined) return { bytes: this.#bytesAfter(content, loss, random), seconds: content.seconds }
      return { entries: Object.fromEntries([...(folders.get(id) ?? [])].map(([name, node]) => [name, build(node)])) }
    }
    return build(this.#root)
  }

  #bytesAfter({ durable, pending }: Content, loss: Loss, random: Random): Buffer {
    const last = pending.at(-1)
    if (last === undefined || loss === 'all' || loss === 'data') return durable
    if (loss === 'names' || loss === 'none') return last
    const version = random.pick([durable, last, pending[random.int(0, pending.length - 1)] ?? last])
    if (version === durable || random.chance(0.5)) return version
    const kept = random.int(Math.min(durable.length, version.length), version.length)
    const torn = version.subarray(0, kept)
    return random.chance(0.5) ? torn : Buffer.concat([torn, Buffer.alloc(version.length - kept)])
  }

  #seeBytes(id: NodeId, bytes: Buffer, seconds: number): void {
    const content = this.#contents.get(id)
    if (content === undefined) {
      this.#contents.set(id, { durable: Buffer.alloc(0), pending: [bytes], seconds })
      return
    }
    content.seconds = seconds
    const newest = content.pending.at(-1) ?? content.durable
    if (!newest.equals(bytes)) content.pending.push(bytes)
  }

  #name(change: Naming['changes'][number], ...others: Naming['changes']): void {
    this.#namings.push({ changes: [change, ...others], folder: change.folder, lasts: false })
  }
}
