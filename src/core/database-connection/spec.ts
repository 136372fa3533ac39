import { isObject } from '../json.js'
import { suggestNearest } from '../suggest.js'
import { ConnectionFault } from './fault.js'
import { readDatabaseUrl } from './url.js'

/** A connection with all that logging in takes. Never written down, and never in a message. */
export interface ConnectionSpec {
  readonly system: 'postgres'
  /** A name, an address, or the folder of a Unix socket. */
  readonly host: string
  readonly port: number
  readonly database: string
  readonly user: string
  readonly password: string | undefined
  /** `ca`: certificates as PEM. */
  readonly ssl: boolean | { readonly rejectUnauthorized: boolean; readonly ca?: string }
  /** Run-time parameters of the session, by name. */
  readonly options: { readonly [name: string]: string }
  /** Name of the table of commit tokens, with or without its schema; `pype_commits` when undefined. Without a schema: in the one that the session makes tables in. */
  readonly tokenTable: string | undefined
}

/** The parts of a connection as they were written, in a URL or in an object. */
export type ConnectionParts = { readonly [key: string]: unknown }

const KEYS = ['host', 'port', 'database', 'user', 'password', 'ssl', 'options', 'token_table']
const DEFAULT_PORT = 5432
const SHAPE =
  'write it as postgres://user:password@host:5432/database, or as { host, port, database, user, password, ssl, options }; a password best comes from {{secret.path#field}}'

/** Reads a connection from a URL or an object. Throws DATABASE_CONNECTION_INVALID; the message holds no password. */
export function parseConnection(value: unknown): ConnectionSpec {
  const parts = typeof value === 'string' ? readDatabaseUrl(value) : readObject(value)
  return {
    system: 'postgres',
    host: readName(parts, 'host'),
    port: readPort(parts.port),
    database: readName(parts, 'database'),
    user: readName(parts, 'user'),
    password: readPassword(parts.password),
    ssl: readSsl(parts.ssl),
    options: readOptions(parts.options),
    tokenTable: parts.token_table === undefined ? undefined : readName(parts, 'token_table'),
  }
}

/** What is wrong with a connection, in words that fit behind "got"; undefined when nothing is. */
export function findConnectionFault(value: unknown): string | undefined {
  try {
    parseConnection(value)
    return undefined
  } catch (error) {
    if (!(error instanceof ConnectionFault)) throw error
    return error.found
  }
}

/** A connection in messages: everything but its password and its options. */
export function labelConnection({ system, user, host, port, database }: ConnectionSpec): string {
  const shown = host.startsWith('/') ? encodeURIComponent(host) : host.includes(':') ? `[${host}]` : host
  return `${system}://${encodeURIComponent(user)}@${shown}:${port}/${encodeURIComponent(database)}`
}

function readObject(value: unknown): ConnectionParts {
  if (!isObject(value)) throw fault(value === null || value === undefined ? 'no value' : 'neither a URL nor an object')
  for (const key of Object.keys(value)) {
    if (!KEYS.includes(key))
      throw fault(`an object with the unknown key "${key}"`, suggestNearest(key, KEYS, `known are ${KEYS.join(', ')}`))
  }
  // `password:` with nothing behind it is no password.
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== null))
}

function readName(parts: ConnectionParts, key: string): string {
  const name = parts[key]
  if (name === undefined || name === '') throw fault(`one without a ${key}`)
  if (typeof name === 'string' && !name.includes('\0')) return name
  throw fault(`one whose ${key} is no text`)
}

function readPort(port: unknown): number {
  if (port === undefined) return DEFAULT_PORT
  const number = typeof port === 'string' && /^\d{1,5}$/.test(port) ? Number(port) : port
  if (typeof number === 'number' && Number.isInteger(number) && number >= 1 && number <= 65535) return number
  throw fault('one whose port is no whole number from 1 to 65535')
}

function readPassword(password: unknown): string | undefined {
  if (password === undefined || password === '') return undefined
  if (typeof password === 'string' && !password.includes('\0')) return password
  throw fault('one whose password is no text', 'put it in quotes')
}

const SSL_HINT = 'ssl is false, true (the server must prove who it is), or { rejectUnauthorized, ca }, ca being a file or its text'

/** As libpq reads `sslmode`, but for the modes that would quietly go without encryption. */
const SSL_MODES: { readonly [mode: string]: ConnectionSpec['ssl'] } = {
  disable: false,
  false: false,
  require: { rejectUnauthorized: false },
  'verify-full': true,
  true: true,
}

function readSsl(ssl: unknown): ConnectionSpec['ssl'] {
  if (ssl === undefined) return false
  if (typeof ssl === 'boolean') return ssl
  if (typeof ssl === 'string') {
    const mode = Object.hasOwn(SSL_MODES, ssl) ? SSL_MODES[ssl] : undefined
    if (mode !== undefined) return mode
    throw fault('one whose sslmode is not known', 'use disable, require or verify-full')
  }
  if (!isObject(ssl)) throw fault('one whose ssl cannot be read', SSL_HINT)
  const unknown = Object.keys(ssl).find((key) => key !== 'rejectUnauthorized' && key !== 'ca')
  if (unknown !== undefined) throw fault(`one whose ssl has the unknown key "${unknown}"`, SSL_HINT)
  const verify = readTruth(ssl.rejectUnauthorized ?? true)
  const { ca } = ssl
  if (verify === undefined || (ca !== undefined && typeof ca !== 'string')) throw fault('one whose ssl cannot be read', SSL_HINT)
  return { rejectUnauthorized: verify, ...(ca === undefined ? {} : { ca }) }
}

function readTruth(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value
  return value === 'true' ? true : value === 'false' ? false : undefined
}

function readOptions(options: unknown): ConnectionSpec['options'] {
  if (options === undefined) return {}
  if (!isObject(options)) throw fault('one whose options are no object', 'options are run-time parameters: { search_path: sales }')
  const read: { [name: string]: string } = {}
  for (const [name, value] of Object.entries(options)) {
    if (!/^[a-z_][a-z0-9_.]*$/i.test(name)) throw fault(`one with an option called ${JSON.stringify(name)}`)
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean')
      throw fault(`one whose option ${name} is no text`)
    read[name] = String(value)
  }
  return read
}

function fault(found: string, hint: string = SHAPE): ConnectionFault {
  return new ConnectionFault(found, hint)
}
