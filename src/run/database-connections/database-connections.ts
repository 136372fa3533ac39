import { readFileSync } from 'node:fs'
import path from 'node:path'
import { withholdPassword } from '../../core/database-connection/password.js'
import { type ConnectionSpec, labelConnection, parseConnection } from '../../core/database-connection/spec.js'
import { PypeError } from '../../core/errors.js'
import type { Json } from '../../core/json.js'
import type { Database, OpenDatabase, SealedConnection } from '../../database/database.js'
import type { Connection } from '../../sdk/database.js'
import type { Lookup } from '../templating/lookup.js'
import { seal, unseal } from './seal.js'

/** What the connections of a run stand on. */
export interface ConnectionsDeps {
  readonly openDatabase: OpenDatabase
  /** Run-time parameters of every session, unless a connection says otherwise. */
  readonly session?: ConnectionSpec['options']
  /** Absolute. Where the path of a certificate starts. */
  readonly cwd: string
  /** Values, as written, that a connection whose password was withheld may be found in. */
  readonly candidates: readonly Json[]
  /** Told every password before it is used. */
  readonly onPassword: (password: string) => void
}

interface Entry {
  readonly connection: Connection
  readonly spec: ConnectionSpec
  readonly sealed: SealedConnection
}

/** The connections to databases that a run has met, and one database for equal ones. */
export class DatabaseConnections {
  readonly #deps: ConnectionsDeps
  readonly #entries = new Map<string, Entry>()
  readonly #byConnection = new Map<Connection, Entry>()
  readonly #databases = new Map<string, Database>()

  constructor(deps: ConnectionsDeps) {
    this.#deps = deps
  }

  /** The connection that a config gives. Equal ones are one and the same. Throws DATABASE_CONNECTION_INVALID and what its templates throw. */
  resolve(written: Json, lookup: Lookup): Connection {
    const sealed = seal(written, lookup)
    const spec = this.#parse(unseal(sealed, lookup))
    const { written: kept, withheld } = withholdPassword(sealed)
    return this.#enter(spec, { label: labelConnection(spec), written: kept, ...(withheld ? { withheld } : {}) })
  }

  /** The connection that a journal holds. `lookup` needs to know secrets and the environment, and what candidates refer to. */
  connect(sealed: SealedConnection, lookup: Lookup): Connection {
    const spec = this.#parse(unseal(sealed.written, lookup))
    return this.#enter(sealed.withheld === true ? { ...spec, password: this.#findPassword(sealed.label, lookup) } : spec, sealed)
  }

  #enter(spec: ConnectionSpec, sealed: SealedConnection): Connection {
    const key = keyOf(spec)
    const known = this.#entries.get(key)
    if (known !== undefined) return known.connection
    const connection: Connection = Object.freeze({ kind: 'connection', system: spec.system, label: sealed.label })
    const entry = { connection, spec, sealed }
    this.#entries.set(key, entry)
    this.#byConnection.set(connection, entry)
    return connection
  }

  /** Tells the passwords of all candidates that can be read by now, before anything is written. */
  learnPasswords(lookup: Lookup): void {
    for (const candidate of this.#deps.candidates) this.#tryParse(candidate, lookup)
  }

  /** The database of a connection, the same for equal ones. Throws MODULE_FAILED for a connection that is not of this run. */
  databaseOf(connection: Connection): Database {
    return this.#open(this.#find(connection).spec)
  }

  /** The connection as a journal may hold it. */
  sealedOf(connection: Connection): SealedConnection {
    return this.#find(connection).sealed
  }

  /** The database of a connection that a journal holds; see {@link connect}. */
  open(sealed: SealedConnection, lookup: Lookup): Database {
    return this.databaseOf(this.connect(sealed, lookup))
  }

  /** Closes all databases. */
  async close(): Promise<void> {
    const databases = [...this.#databases.values()]
    this.#databases.clear()
    await Promise.all(databases.map((database) => database.close()))
  }

  #open(spec: ConnectionSpec): Database {
    const key = keyOf(spec)
    const database = this.#databases.get(key) ?? this.#deps.openDatabase({ ...spec, options: { ...this.#deps.session, ...spec.options } })
    this.#databases.set(key, database)
    return database
  }

  #find(connection: Connection): Entry {
    const entry = this.#byConnection.get(connection)
    if (entry !== undefined) return entry
    throw new PypeError('MODULE_FAILED', 'A module used a connection that the run did not give it.', {
      hint: 'take it from a config of type connection: ctx.config.connection',
    })
  }

  #parse(value: Json): ConnectionSpec {
    const spec = parseConnection(value)
    if (spec.password !== undefined) this.#deps.onPassword(spec.password)
    const { ssl } = spec
    return typeof ssl === 'object' && ssl.ca !== undefined ? { ...spec, ssl: { ...ssl, ca: this.#readCertificate(ssl.ca) } } : spec
  }

  #readCertificate(ca: string): string {
    if (ca.includes('-----BEGIN')) return ca
    const file = path.resolve(this.#deps.cwd, ca)
    try {
      return readFileSync(file, 'utf8')
    } catch (error) {
      throw new PypeError('FILE_UNREADABLE', `The certificate ${file} of a connection cannot be read.`, {
        hint: 'give the path of a PEM file, or its text',
        cause: error,
      })
    }
  }

  /** A password that was not written down because it stands in the context or in the flow anyway. */
  #findPassword(label: string, lookup: Lookup): string | undefined {
    for (const candidate of this.#deps.candidates) {
      const spec = this.#tryParse(candidate, lookup)
      if (spec !== undefined && labelConnection(spec) === label) return spec.password
    }
    throw new PypeError('DATABASE_CONNECTION_INVALID', `The password of ${label} stands neither in the context nor in the flow any more.`, {
      hint: 'put it back until the run is settled, or take it from {{secret.path#field}} from now on',
    })
  }

  #tryParse(candidate: Json, lookup: Lookup): ConnectionSpec | undefined {
    try {
      return this.#parse(unseal(seal(candidate, lookup), lookup))
    } catch (error) {
      // Most values of a context are no connection, and those of a flow may need what is known only later.
      if (error instanceof PypeError) return undefined
      throw error
    }
  }
}

function keyOf(spec: ConnectionSpec): string {
  const { system, host, port, database, user, password, ssl, options, tokenTable } = spec
  const sorted = Object.entries(options).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return JSON.stringify([system, host, port, database, user, password ?? null, ssl, sorted, tokenTable ?? null])
}
