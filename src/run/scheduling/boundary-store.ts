import { type FramePath, nameInFrame } from '../../core/frame.js'
import type { BoundaryArtifact } from '../execution/sub-flow.js'

/** The rows that have crossed boundaries, by port and frame. */
export class BoundaryStore {
  readonly #artifacts = new Map<string, BoundaryArtifact>()

  add(frame: FramePath, artifacts: readonly BoundaryArtifact[]): void {
    for (const artifact of artifacts) this.#artifacts.set(nameInFrame(`${artifact.node}.${artifact.port}`, frame), artifact)
  }

  /** Forgets what crossed boundaries inside of a pass of a loop that has ended, and returns it. */
  endFrame(ports: Iterable<{ readonly node: string; readonly port: string }>, pass: FramePath): BoundaryArtifact[] {
    const ended: BoundaryArtifact[] = []
    for (const { node, port } of ports) {
      const name = nameInFrame(`${node}.${port}`, pass)
      const artifact = this.#artifacts.get(name)
      if (artifact !== undefined) ended.push(artifact)
      this.#artifacts.delete(name)
    }
    return ended
  }

  /** As seen from a frame: its own, else that of the nearest frame around it. */
  find(node: string, port: string, frame: FramePath): BoundaryArtifact | undefined {
    for (let depth = frame.length; depth >= 0; depth--) {
      const found = this.#artifacts.get(nameInFrame(`${node}.${port}`, frame.slice(0, depth)))
      if (found !== undefined) return found
    }
    return undefined
  }
}
