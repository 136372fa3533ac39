import { type FramePath, nameInFrame, ROOT_FRAME } from '../../core/frame.js'
import type { BoundaryArtifact } from '../artifacts/boundary-file.js'
import type { BoundaryPort } from './boundary-readers.js'

interface Held {
  readonly artifact: BoundaryArtifact
  /** Those that have not ended. */
  readonly readers: Set<string>
}

/** The rows that have crossed boundaries, by port and frame, until their last reader has ended. */
export class BoundaryStore {
  readonly #ports: ReadonlyMap<string, readonly BoundaryPort[]>
  /** By node and port. */
  readonly #readersOf: ReadonlyMap<string, ReadonlySet<string>>
  /** The ports that each reader reads. */
  readonly #readBy = new Map<string, BoundaryPort[]>()
  readonly #held = new Map<string, Held>()

  /** `ports`: by sub flow. */
  constructor(ports: ReadonlyMap<string, readonly BoundaryPort[]>) {
    this.#ports = ports
    const all = [...ports.values()].flat()
    this.#readersOf = new Map(all.map((port) => [nameOf(port, ROOT_FRAME), port.readers]))
    for (const port of all) {
      for (const reader of port.readers) this.#readBy.set(reader, [...(this.#readBy.get(reader) ?? []), port])
    }
  }

  add(frame: FramePath, artifacts: readonly BoundaryArtifact[]): void {
    for (const artifact of artifacts) {
      this.#held.set(nameOf(artifact, frame), { artifact, readers: new Set(this.#readersOf.get(nameOf(artifact, ROOT_FRAME))) })
    }
  }

  /** Notes that a reader will not read any more in a frame; forgets and returns what nobody else will read. */
  endReader(reader: string, frame: FramePath): BoundaryArtifact[] {
    return (this.#readBy.get(reader) ?? []).flatMap((port) => {
      const held = this.#held.get(nameOf(port, frame))
      if (held === undefined || !held.readers.delete(reader) || held.readers.size > 0) return []
      this.#held.delete(nameOf(port, frame))
      return [held.artifact]
    })
  }

  /** Forgets what crossed boundaries inside of a pass of a loop that has ended, and returns it. */
  endFrame(subFlows: Iterable<string>, pass: FramePath): BoundaryArtifact[] {
    return [...subFlows].flatMap((subFlow) =>
      (this.#ports.get(subFlow) ?? []).flatMap((port) => {
        const held = this.#held.get(nameOf(port, pass))
        this.#held.delete(nameOf(port, pass))
        return held === undefined ? [] : [held.artifact]
      }),
    )
  }

  /** As seen from a frame: its own, else that of the nearest frame around it. */
  find(node: string, port: string, frame: FramePath): BoundaryArtifact | undefined {
    for (let depth = frame.length; depth >= 0; depth--) {
      const held = this.#held.get(nameOf({ node, port }, frame.slice(0, depth)))
      if (held !== undefined) return held.artifact
    }
    return undefined
  }
}

function nameOf({ node, port }: { readonly node: string; readonly port: string }, frame: FramePath): string {
  return nameInFrame(`${node}.${port}`, frame)
}
