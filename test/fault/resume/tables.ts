import pg from 'pg'
import type { JsonObject } from '../../../src/core/json.js'
import { PASSWORD, type Server, USER } from '../../postgres/start-server.js'

/** Names of the databases that flows write to. */
const DATABASES = ['one', 'two'] as const

/** Secrets come from here, so that none stands in a flow, a context or a journal. */
export const SECRETS = { SECRET_DB_PASSWORD: PASSWORD } as const

/** A connection in a flow to one of the databases, in the schema of the place. */
export function connectionTo(database: (typeof DATABASES)[number]): object {
  const where = { host: '127.0.0.1', port: '{{context.port}}', database, user: USER, password: '{{secret.db#password}}' }
  return { ...where, options: { search_path: '{{context.schema}}', application_name: '{{context.schema}}' } }
}

/** Makes the databases on a server. */
export async function createDatabases(server: Server): Promise<void> {
  await use(server, 'postgres', async (client) => {
    for (const name of DATABASES) await client.query(`CREATE DATABASE ${name}`)
  })
}

/** A server, and the port by which runs reach it when that is another one. */
type Reached = Pick<Server, 'host' | 'port'> & { readonly proxied?: number }

/** The tables of one place: a schema in each database. */
export class Tables {
  readonly #server: Reached
  readonly #schema: string

  constructor(server: Reached, schema: string) {
    this.#server = server
    this.#schema = schema
  }

  /** What a run is told of them. */
  get context(): JsonObject {
    return { port: this.#server.proxied ?? this.#server.port, schema: this.#schema }
  }

  async create(): Promise<void> {
    await this.#each((client) =>
      client.query(`
        CREATE SCHEMA ${this.#schema};
        SET search_path TO ${this.#schema};
        CREATE TABLE grown (unit text, row bigint, half bigint, above text, state text);
        CREATE TABLE source AS SELECT i AS id, 'row ' || i AS text FROM generate_series(1, 5) i`),
    )
  }

  /** Waits until the server has let go of all runs: it ends the session of a dead one when it comes to notice. */
  async waitForRest(): Promise<void> {
    await this.#each((client) =>
      client.query(`
        DO $$ BEGIN
          WHILE EXISTS (SELECT FROM pg_stat_activity WHERE application_name = '${this.#schema}') LOOP
            PERFORM pg_sleep(0.005);
            PERFORM pg_stat_clear_snapshot();
          END LOOP;
        END $$`),
    )
  }

  /** The rows of each table, sorted. */
  async snapshot(): Promise<{ [table: string]: string }> {
    const found: { [table: string]: string } = {}
    await this.#each(async (client, database) => {
      const tables = await client.query<{ name: string }>('SELECT tablename AS name FROM pg_tables WHERE schemaname = $1 ORDER BY 1', [
        this.#schema,
      ])
      for (const { name } of tables.rows) {
        // Of what pype keeps there, the cursors: who has lost one reads rows again.
        const columns = name === 'pype_commits' ? "concat_ws(' ', id, value) AS row" : 't::text AS row'
        const condition = name === 'pype_commits' ? 'value IS NOT NULL' : 'true'
        const { rows } = await client.query<{ row: string }>(
          `SELECT ${columns} FROM ${this.#schema}."${name}" t WHERE ${condition} ORDER BY 1`,
        )
        found[`${database}.${name}`] = rows.map(({ row }) => row).join('\n')
      }
    })
    return found
  }

  async drop(): Promise<void> {
    await this.#each((client) => client.query(`DROP SCHEMA ${this.#schema} CASCADE`))
  }

  async #each(work: (client: pg.Client, database: string) => Promise<unknown>): Promise<void> {
    for (const database of DATABASES) await use(this.#server, database, (client) => work(client, database))
  }
}

async function use(server: Reached, database: string, work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ host: server.host, port: server.port, user: USER, password: PASSWORD, database })
  await client.connect()
  try {
    await work(client)
  } finally {
    await client.end()
  }
}
