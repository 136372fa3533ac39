import type { CommitToken, Database } from '../../../database/database.js'

/** How long a commit that is in doubt waits for its database. */
export interface Patience {
  /** Waits before the database is asked again; resolves at once when nobody wants to wait any longer. */
  pause(seconds: number): Promise<void>
}

/** Seconds before each time that a database is asked again: a minute in all, in which a server restarts or another one takes over. */
const PAUSES = [0.1, 0.4, 1, 2, 4, 8, 15, 30]

/** Whether a transaction has committed; asks again while its database is away. Throws what the last try threw. */
export async function askCommitted(database: Database, token: CommitToken, { pause }: Patience): Promise<boolean> {
  for (const seconds of PAUSES) {
    try {
      return await database.hasCommitted(token)
    } catch {
      // The last failure is the one to report.
      await pause(seconds)
    }
  }
  return database.hasCommitted(token)
}
