import type { Relation } from '../../../sdk/relation.js'

/** The rows of ports that were counted when they moved in an attempt of a sub flow. */
export class PortCounts {
  readonly #names: ReadonlyMap<Relation, string>
  readonly #rows = new Map<string, number>()

  constructor(names: ReadonlyMap<Relation, string>) {
    this.#names = names
  }

  /** Whether a relation is what a port puts out; a part of it inside of its node has a name with a blank. */
  isPort(relation: Relation): boolean {
    return this.#names.get(relation)?.includes(' ') === false
  }

  /** So many rows of a relation moved. A statement may have left off before it had seen all of them; another one has. */
  add(relation: Relation, rows: number): void {
    const name = this.#names.get(relation)
    if (name !== undefined && this.isPort(relation)) this.#rows.set(name, Math.max(rows, this.#rows.get(name) ?? 0))
  }

  /** Rows of a port by its name in its frame, `orders.data#3`; undefined: they were not counted. */
  get(name: string): number | undefined {
    return this.#rows.get(name)
  }
}
