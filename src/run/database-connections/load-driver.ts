import type { OpenDatabase } from '../../database/database.js'

/** The driver of the databases. A run whose flow has no connections does without it: it takes as long to load as a small flow to run. */
export async function loadDriver(): Promise<OpenDatabase> {
  return (await import('../../database/postgres/postgres.js')).openPostgres
}
