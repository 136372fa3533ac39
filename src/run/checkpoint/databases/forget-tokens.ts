import type { ReplayedState } from '../journal/replay.js'
import { forgetIn } from './forget-in.js'
import type { SettleDatabases } from './settle-databases.js'

/** Deletes all tokens of a run whose end is flushed: nobody asks for them any more. */
export async function forgetTokens(
  { run, tokenTables }: Pick<ReplayedState, 'run' | 'tokenTables'>,
  open: SettleDatabases['open'],
  warn: (message: string) => void,
): Promise<void> {
  if (run === undefined) return
  for (const { connection, table } of tokenTables) {
    await forgetIn(async () => (await open(connection)).forgetTokens(table, run.run), run.run, connection.label, warn)
  }
}
