import { messageOf } from '../../../core/errors.js'
import type { ReplayedState } from '../replay.js'
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

/** A failure is told and no more: tokens take room, and nothing depends on them. */
export async function forgetIn(forget: () => Promise<void>, run: string, label: string, warn: (message: string) => void): Promise<void> {
  try {
    await forget()
  } catch (error) {
    warn(`The notes of ${run} about its commits stay in ${label}: ${messageOf(error)}`)
  }
}
