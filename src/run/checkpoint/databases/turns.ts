import type { Database } from '../../../database/database.js'

interface AtWork {
  readonly position: number
  readonly databases: ReadonlySet<Database>
  readonly left: Promise<void>
  readonly leave: () => void
}

/** Lets the nodes that are at work at once write over one connection in their order of declaration. */
export class Turns {
  readonly #atWork = new Map<string, AtWork>()

  /** Nodes that start at once enter in their order of declaration, each before it waits for anything. */
  enter(node: string, position: number, databases: Iterable<Database>): void {
    let leave = () => {}
    const left = new Promise<void>((resolve) => {
      leave = resolve
    })
    this.#atWork.set(node, { position, databases: new Set(databases), left, leave })
  }

  leave(node: string): void {
    this.#atWork.get(node)?.leave()
    this.#atWork.delete(node)
  }

  /** Resolves when no node that was declared before this one is at work with the database. */
  async wait(node: string, database: Database): Promise<void> {
    const own = this.#atWork.get(node)
    if (own === undefined) return
    for (;;) {
      const before = [...this.#atWork.values()].find((other) => other.position < own.position && other.databases.has(database))
      if (before === undefined) return
      await before.left
    }
  }
}
