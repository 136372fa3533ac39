import type { Database } from '../../../database/database.js'
import { forgetIn } from './forget-in.js'

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

  /** Deletes what a run has noted in them. To be called when the end of its journal is flushed: nobody asks for its tokens any more. */
  async forget(run: string, warn: (message: string) => void): Promise<void> {
    for (const [database, name] of this.#names) {
      await forgetIn(async () => database.forgetTokens(await name, run), run, database.label, warn)
    }
  }
}
