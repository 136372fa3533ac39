import type { Database } from '../../../database/database.js'

/** The tables of tokens of a run, each made sure of once. */
export class TokenTables {
  readonly #names = new Map<Database, Promise<string>>()

  /** The quoted name of the table of tokens of a database. */
  nameOf(database: Database): Promise<string> {
    const known = this.#names.get(database)
    if (known !== undefined) return known
    const name = database.prepareTokens()
    this.#names.set(database, name)
    // The next attempt asks again.
    name.catch(() => this.#names.delete(database))
    return name
  }
}
