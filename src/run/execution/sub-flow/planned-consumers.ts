import type { Relation } from '../../../sdk/relation.js'
import type { ArtifactManager } from '../../artifacts/artifact-manager.js'
import type { Consumer } from '../../artifacts/sharing.js'

/** The statements of an attempt that will be run or have been, by name: what several of them read is shared until the last is done. */
export class PlannedConsumers {
  readonly #artifacts: ArtifactManager
  readonly #consumers = new Map<string, Consumer>()

  constructor(artifacts: ArtifactManager) {
    this.#artifacts = artifacts
  }

  /** Plans what is shared by the statements that will still be run, as far as they are known. */
  async plan(statements: readonly (readonly [name: string, relation: Relation | undefined])[]): Promise<void> {
    const consumers: Consumer[] = []
    for (const [name, relation] of statements) {
      if (relation === undefined) continue
      const consumer = this.#consumers.get(name) ?? { name, relation }
      this.#consumers.set(name, consumer)
      consumers.push(consumer)
    }
    await this.#artifacts.plan(consumers)
  }

  /** A statement has been run. */
  async release(name: string): Promise<void> {
    const consumer = this.#consumers.get(name)
    if (consumer !== undefined) await this.#artifacts.release(consumer)
  }
}
