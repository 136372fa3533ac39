/** The columns of tables and queries of PostgreSQL. */
import { type DatabaseSession, nearest, PypeError } from 'pypeline/sdk'
import { parseTableName, quoteName, type TableName } from './_postgres-names.js'
import type { PostgresColumn } from './_postgres-types.js'

/** A column of a table, with what decides whether rows may lack it. */
export interface TableColumn extends PostgresColumn {
  readonly isRequired: boolean
  readonly isGenerated: boolean
}

/** A table, a view, or what else rows can be read from or written to. */
export interface Table {
  /** Quoted, with its schema. */
  readonly quoted: string
  readonly id: string
  readonly kind: 'table' | 'partitioned' | 'view' | 'materialized view' | 'foreign table'
  readonly columns: readonly TableColumn[]
}

/** By pg_class.relkind. */
const KINDS: { readonly [relkind: string]: Table['kind'] } = {
  r: 'table',
  p: 'partitioned',
  v: 'view',
  m: 'materialized view',
  f: 'foreign table',
}

/** The table of a name as it is written in a config; undefined when there is none. */
export async function lookUpTable(session: DatabaseSession, written: string): Promise<Table | undefined> {
  const { rows } = await session.query(
    `SELECT c.oid, n.nspname, c.relname, c.relkind FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.oid = to_regclass($1) AND c.relkind IN ('r', 'p', 'v', 'm', 'f')`,
    [parseTableName(written).quoted],
  )
  const [id, schema, name, kind] = rows[0] ?? []
  if (typeof id !== 'string') return undefined
  return {
    id,
    quoted: `${quoteName(schema ?? '')}.${quoteName(name ?? '')}`,
    kind: KINDS[kind ?? ''] ?? 'table',
    columns: await readColumns(session, id),
  }
}

/** As {@link lookUpTable}; throws TABLE_NOT_FOUND, with the names that are like it. */
export async function findTable(session: DatabaseSession, written: string): Promise<Table> {
  const found = await lookUpTable(session, written)
  if (found !== undefined) return found
  throw new PypeError('TABLE_NOT_FOUND', `There is no table ${written} in the database.`, {
    hint:
      (await hintAtTable(session, parseTableName(written))) ??
      'check the name and the schema; a sink makes the table with create_table: true',
  })
}

/** So many names are looked at for one that is near. */
const MOST_NAMES = 10_000

/** Names that differ by case or by their schema only, else the nearest one; undefined when none is near. */
async function hintAtTable(session: DatabaseSession, { schema, name }: Pick<TableName, 'schema' | 'name'>): Promise<string | undefined> {
  const { rows } = await session.query(
    `SELECT format('%I.%I', n.nspname, c.relname), n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
       AND (lower(c.relname) = lower($1) OR (NOT c.relispartition AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'))
     ORDER BY lower(c.relname) <> lower($1), 1 LIMIT ${MOST_NAMES}`,
    [name],
  )
  const tables = rows.map(([quoted, folder, own]) => ({ quoted: quoted ?? '', folder: folder ?? '', name: own ?? '' }))
  const alike = tables.filter((table) => table.name.toLowerCase() === name.toLowerCase()).slice(0, 5)
  if (alike.length > 0) return `did you mean ${alike.map(({ quoted }) => quoted).join(' or ')}?`
  // By the name as it is written: with its schema, or without.
  const named = (table: (typeof tables)[number]) => (schema === undefined ? table.name : `${table.folder}.${table.name}`)
  const near = nearest(schema === undefined ? name : `${schema}.${name}`, tables.map(named))
  const meant = tables.find((table) => named(table) === near)
  return meant === undefined ? undefined : `did you mean ${meant.quoted}?`
}

async function readColumns(session: DatabaseSession, id: string): Promise<TableColumn[]> {
  const { rows } = await session.query(
    `SELECT a.attname, base.oid, format_type(a.atttypid, a.atttypmod),
            ${elementOf('base')},
            CASE WHEN t.typtype = 'd' THEN t.typtypmod ELSE a.atttypmod END, a.attndims,
            a.attnotnull AND NOT a.atthasdef AND a.attidentity = '' AND t.typdefault IS NULL, a.attgenerated <> ''
     FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid JOIN pg_type base ON base.oid = COALESCE(NULLIF(t.typbasetype, 0), t.oid)
     WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`,
    [id],
  )
  return rows.map(([name, typeId, typeName, element, modifier, dimensions, isRequired, isGenerated]) => ({
    name: name ?? '',
    typeId: Number(typeId),
    typeName: typeName ?? '',
    element: readElement(element),
    modifier: Number(modifier),
    dimensions: Math.max(1, Number(dimensions)),
    isRequired: isRequired === 't',
    isGenerated: isGenerated === 't',
  }))
}

/** The columns of a query, which is not run. */
export async function describeQuery(session: DatabaseSession, query: string): Promise<PostgresColumn[]> {
  const { columns } = await session.query(`SELECT * FROM (${query}\n) AS rows LIMIT 0`).catch(async (error: unknown) => {
    throw await hintAtMissing(session, error)
  })
  const { rows } = await session.query(
    `SELECT format_type(c.id, c.modifier), ${elementOf('t')}
     FROM unnest($1::oid[], $2::int[]) WITH ORDINALITY AS c (id, modifier, place) JOIN pg_type t ON t.oid = c.id ORDER BY c.place`,
    [`{${columns.map(({ typeId }) => typeId).join(',')}}`, `{${columns.map(({ typeModifier }) => typeModifier).join(',')}}`],
  )
  return columns.map(({ name, typeId, typeModifier }, i) => {
    const [typeName, element] = rows[i] ?? []
    return {
      name,
      typeId,
      typeName: typeName ?? 'text',
      element: readElement(element),
      modifier: typeModifier,
      dimensions: 1,
    }
  })
}

/** The error of a query, with the tables that may have been meant where one of its tables is not there. */
async function hintAtMissing(session: DatabaseSession, error: unknown): Promise<unknown> {
  if (!(error instanceof PypeError) || error.code !== 'TABLE_NOT_FOUND' || !(error.cause instanceof Error)) return error
  // The server quotes the name as its language does, and writes it without quotes of SQL.
  const written = /["«»„“](.+)["«»„“]/.exec(error.cause.message)?.[1]
  if (written === undefined) return error
  const [, schema, name = written] = /^([^.]+)\.(.+)$/.exec(written) ?? []
  // A transaction in which something has failed answers nothing any more.
  await session.query('ROLLBACK')
  const hint = await hintAtTable(session, { schema, name })
  return hint === undefined ? error : new PypeError(error.code, error.message, { ...error, hint, cause: error.cause })
}

/** SQL for the type of the elements of an array, NULL of other types. */
function elementOf(type: string): string {
  return `CASE WHEN ${type}.typcategory = 'A' AND ${type}.typarray = 0 AND left(${type}.typname, 1) = '_' THEN ${type}.typelem END`
}

function readElement(id: string | null | undefined): number | undefined {
  return id === null || id === undefined ? undefined : Number(id)
}
