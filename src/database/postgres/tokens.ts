import { PypeError } from '../../core/errors.js'
import type { DatabaseSession } from '../../sdk/database.js'
import type { CommitToken } from '../database.js'
import { sqlStateOf } from './sql-state.js'
import { quoteQualified } from './token-table-name.js'

const DEFAULT_TABLE = 'pype_commits'
/** Cursors are rows of the same table, without a run: one table to make, one right to grant. */
const COLUMNS = 'id text PRIMARY KEY, run text, sub_flow text, frame text, value text, about text, at timestamptz NOT NULL DEFAULT now()'
/** A killed run's transaction ends when its server notices; who asks does not wait for ever. */
const LONGEST_WAIT = '30s'

const RIGHTS = ['SELECT', 'INSERT', 'UPDATE', 'DELETE']

const NO_RIGHT = '42501'
const NO_SCHEMA = '3F000'

/**
 * Makes the table of tokens when it is missing and returns its quoted name with its schema. `written` is the name that the
 * connection gives it. Throws TOKENS_UNAVAILABLE when it is missing and may not be made, DATABASE_REFUSED when it may not be used.
 */
export async function prepareTokenTable(session: DatabaseSession, written: string | undefined): Promise<string> {
  const name = quoteQualified(written ?? DEFAULT_TABLE)
  try {
    const found = await findTable(session, name)
    if (found === undefined) return await makeTable(session, name)
    await checkRights(session, found)
    return found
  } catch (error) {
    const state = sqlStateOf(error)
    if (state !== NO_RIGHT && state !== NO_SCHEMA) throw error
    throw new PypeError('TOKENS_UNAVAILABLE', `The table ${name}, which commits are noted in, is not there and cannot be made.`, {
      hint: `let somebody who may run \`CREATE TABLE ${name} (${COLUMNS})\` and grant SELECT, INSERT, UPDATE and DELETE on it; or name another table with the connection's option token_table`,
      cause: error,
    })
  }
}

async function findTable(session: DatabaseSession, name: string): Promise<string | undefined> {
  const { rows } = await session.query(
    `SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = to_regclass($1)`,
    [name],
  )
  return rows[0]?.[0] ?? undefined
}

/** Looked at before anything is written: later, a part of the work would be done. */
async function checkRights(session: DatabaseSession, name: string): Promise<void> {
  const { rows } = await session.query(
    `SELECT r.name, format('%I', current_user) FROM unnest($1::text[]) AS r (name) WHERE NOT has_table_privilege($2::text, r.name)`,
    [`{${RIGHTS.join(',')}}`, name],
  )
  const [first] = rows
  if (first === undefined) return
  const missing = rows.map(([right]) => right).join(', ')
  throw new PypeError(
    'DATABASE_REFUSED',
    `The user ${first[1]} has no right to ${missing} on ${name}, the table that commits are noted in.`,
    {
      hint: `let its owner run \`GRANT ${RIGHTS.join(', ')} ON ${name} TO ${first[1]}\`; or name another table with the connection's option token_table`,
    },
  )
}

async function makeTable(session: DatabaseSession, name: string): Promise<string> {
  // IF NOT EXISTS alone is no protection: two that look at once both try, and one of them violates a key of the catalogue.
  await inTransaction(session, async () => {
    await session.query(`SELECT pg_advisory_xact_lock(hashtextextended('pype: ' || $1::text, 0))`, [name])
    await session.script(`CREATE TABLE IF NOT EXISTS ${name} (${COLUMNS})`)
  })
  const made = await findTable(session, name)
  if (made === undefined) throw new PypeError('INTERNAL', `The table ${name} was made and is not there.`)
  return made
}

/**
 * Notes the token in the transaction that is open, as its first statement: under a lock on the token that lasts as long as the
 * transaction, also when its client is dead.
 */
export async function writeToken(session: DatabaseSession, { id, run, subFlow, frame, table }: CommitToken): Promise<void> {
  await session.query(
    `WITH locked AS (SELECT pg_advisory_xact_lock(hashtextextended($1::text, 0)))
     INSERT INTO ${table} (id, run, sub_flow, frame) SELECT $1::text, $2::text, $3::text, $4::text FROM locked`,
    [id, run, subFlow, frame],
  )
}

/** Whether the transaction of a token has committed; waits for one that is still going on. */
export async function hasToken(session: DatabaseSession, { id, table }: CommitToken): Promise<boolean> {
  return inTransaction(session, async () => {
    await session.script(`SET LOCAL lock_timeout = '${LONGEST_WAIT}'`)
    await session.query('SELECT pg_advisory_xact_lock(hashtextextended($1::text, 0))', [id])
    // A statement of its own: it has to see what was committed while the lock was waited for.
    const { rows } = await session.query(`SELECT 1 FROM ${table} WHERE id = $1`, [id])
    return rows.length > 0
  })
}

/** Deletes the tokens of a run, none of which is asked for any more. */
export async function deleteTokens(session: DatabaseSession, table: string, run: string): Promise<void> {
  await session.query(`DELETE FROM ${table} WHERE run = $1`, [run])
}

/** In the level at which each statement sees what was committed before it, whatever the default of the server. */
async function inTransaction<T>(session: DatabaseSession, work: () => Promise<T>): Promise<T> {
  await session.script('BEGIN ISOLATION LEVEL READ COMMITTED')
  try {
    const result = await work()
    await session.script('COMMIT')
    return result
  } catch (error) {
    // The first failure is the one to report; a session that cannot roll back is thrown away by its pool.
    await session.script('ROLLBACK').catch(() => undefined)
    throw error
  }
}
