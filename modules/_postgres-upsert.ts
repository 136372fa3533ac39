/** Inserts rows into a table of PostgreSQL, or updates those that have the same key. */
import { type DatabaseSession, PypeError } from 'pypeline/sdk'
import type { Match } from './_postgres-match.js'
import { quoteName } from './_postgres-names.js'
import { makeSideTable } from './_postgres-side-table.js'
import type { Table } from './_postgres-table.js'

/** Upserts what `load` copies into a side table; returns the number of rows. Throws KEY_INVALID for a key that is NULL or comes twice. */
export async function upsertRows(
  session: DatabaseSession,
  target: Table,
  matches: readonly Match[],
  keys: readonly string[],
  load: (side: string) => Promise<number>,
): Promise<number> {
  const names = keys.map((key) => nameOfKey(key, matches, target))
  await checkUnique(session, target, names)
  const side = await makeSideTable(session, target, matches, names)
  const count = await loadKeys(side, names, load)
  const columns = matches.map(({ to }) => quoteName(to.name))
  const conflict = names.map(quoteName).join(', ')
  const others = columns.filter((column) => !names.map(quoteName).includes(column))
  const change = others.length === 0 ? 'NOTHING' : `UPDATE SET ${others.map((column) => `${column} = EXCLUDED.${column}`).join(', ')}`
  if (others.length === 0) await refuseDuplicates(session, side, names)
  await session.query('SAVEPOINT before_upsert')
  try {
    await session.query(
      `INSERT INTO ${target.quoted} (${columns.join(', ')}) OVERRIDING SYSTEM VALUE SELECT ${columns.join(', ')} FROM ${side}
       ON CONFLICT (${conflict}) DO ${change}`,
    )
  } catch (error) {
    // The server says that a row came twice, and not which. Looking for it first would cost every run.
    if (error instanceof PypeError && error.code === 'KEY_INVALID') {
      await session.query('ROLLBACK TO before_upsert')
      await refuseDuplicates(session, side, names)
    }
    throw error
  }
  return count
}

function nameOfKey(key: string, matches: readonly Match[], target: Table): string {
  const match = matches.find(({ to }) => to.name === key) ?? matches.find(({ from }) => from.name === key)
  if (match !== undefined) return match.to.name
  throw new PypeError('SCHEMA_MISMATCH', `The key ${key} is no column of the rows for ${target.quoted}.`, {
    hint: `the rows have ${matches.map(({ from }) => from.name).join(', ')}`,
  })
}

/** The server needs a unique index on the keys to find the rows that are there. */
async function checkUnique(session: DatabaseSession, target: Table, keys: readonly string[]): Promise<void> {
  const { rows } = await session.query(
    `SELECT array_to_json(array_agg(a.attname::text)) FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey[0:i.indnkeyatts - 1])
     WHERE i.indrelid = $1::oid AND i.indisunique AND i.indimmediate AND i.indpred IS NULL AND i.indexprs IS NULL GROUP BY i.indexrelid`,
    [target.id],
  )
  const wanted = JSON.stringify([...keys].sort())
  const isUnique = rows.some(([names]) => names !== null && names !== undefined && JSON.stringify(JSON.parse(names).sort()) === wanted)
  if (isUnique) return
  throw new PypeError('SCHEMA_MISMATCH', `${target.quoted} has no primary key or unique index on exactly ${keys.join(', ')}.`, {
    hint: `make one: CREATE UNIQUE INDEX ON ${target.quoted} (${keys.map(quoteName).join(', ')})`,
  })
}

async function loadKeys(side: string, keys: readonly string[], load: (side: string) => Promise<number>): Promise<number> {
  try {
    return await load(side)
  } catch (error) {
    // The side table has no other constraint than that its keys are not NULL.
    if (!(error instanceof PypeError && error.code === 'CONSTRAINT_VIOLATED')) throw error
    throw new PypeError('KEY_INVALID', `A row has NULL in its key (${keys.join(', ')}): ${error.message}`, {
      hint: 'filter such rows before they come here, with filter_mod',
      cause: error,
    })
  }
}

async function refuseDuplicates(session: DatabaseSession, side: string, keys: readonly string[]): Promise<void> {
  const columns = keys.map(quoteName).join(', ')
  const { rows } = await session.query(
    `SELECT ${columns}, count(*) FROM ${side} GROUP BY ${columns} HAVING count(*) > 1 ORDER BY count(*) DESC LIMIT 3`,
  )
  if (rows.length === 0) return
  const found = rows.map((row) => `${keys.map((key, i) => `${key} = ${row[i]}`).join(', ')} (${row.at(-1)} rows)`)
  throw new PypeError('KEY_INVALID', `Several rows have the same key: ${found.join('; ')}.`, {
    hint: 'leave one row of each key, e.g. with sql_mod: SELECT DISTINCT ON (…) … ORDER BY …',
  })
}
