import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import pg from 'pg'
import { inject } from 'vitest'
import type { ConnectionSpec } from '../../src/database/database.js'
import { PASSWORD, USER } from './start-server.js'

/** A database of a test's own on the server of the test run. */
export interface TestDatabase {
  readonly name: string
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  /** With the password: `postgres://postgres:only-for-tests@127.0.0.1:54321/test_1_1`. */
  readonly url: string
  readonly spec: ConnectionSpec
  /** Runs a statement, or several without `params`; the rows, as the driver gives them, of the last one. */
  query(text: string, params?: readonly unknown[]): Promise<Record<string, unknown>[]>
  /** Another connection of the test's own, to be closed by the test. */
  connect(): Promise<pg.Client>
}

let count = 0

/** Makes an empty database, owned by a superuser; it goes with the server, at the end of the test run. */
export async function createDatabase(): Promise<TestDatabase> {
  const address = { host: '127.0.0.1', port: await askPort() }
  const name = `test_${process.pid}_${++count}`
  await runIn({ ...address, database: 'postgres' }, `CREATE DATABASE ${name}`)
  const login = { ...address, database: name, user: USER, password: PASSWORD }
  return {
    name,
    ...login,
    url: `postgres://${USER}:${PASSWORD}@${address.host}:${address.port}/${name}`,
    spec: { system: 'postgres', ...login, ssl: false, options: {}, tokenTable: undefined },
    query: (statement, params) => runIn({ ...address, database: name }, statement, params),
    connect: async () => {
      const client = new pg.Client(login)
      await client.connect()
      return client
    },
  }
}

interface Address {
  readonly host: string
  readonly port: number
  readonly database: string
}

async function askPort(): Promise<number> {
  const answer: { readonly port: number } | { readonly error: string } = JSON.parse(
    await text(connect(inject('postgresDesk'), '127.0.0.1')),
  )
  if ('error' in answer) throw new Error(answer.error)
  return answer.port
}

async function runIn(address: Address, statement: string, params?: readonly unknown[]): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ ...address, user: USER, password: PASSWORD })
  await client.connect()
  try {
    const result: pg.QueryResult | pg.QueryResult[] = await client.query(statement, params === undefined ? undefined : [...params])
    return (Array.isArray(result) ? result.at(-1) : result)?.rows ?? []
  } finally {
    await client.end()
  }
}
