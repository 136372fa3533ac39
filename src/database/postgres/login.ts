import type { ClientConfig } from 'pg'
import type { ConnectionSpec } from '../database.js'

/** Milliseconds that a server may take to let a client in. */
const CONNECT_TIMEOUT = 15_000

/** What the driver needs to log in. Values come back as the texts that the server sends. */
export function loginOf(spec: ConnectionSpec): ClientConfig {
  return {
    host: spec.host,
    port: spec.port,
    database: spec.database,
    user: spec.user,
    // As a function the driver neither takes another one from the environment nor prints it.
    password: () => spec.password ?? '',
    ssl: spec.ssl,
    options: '',
    application_name: spec.options['application_name'] ?? 'pype',
    connectionTimeoutMillis: CONNECT_TIMEOUT,
    keepAlive: true,
    keepAliveInitialDelayMillis: 30_000,
    types: { getTypeParser: () => asText },
  }
}

function asText(value: string): string {
  return value
}

/**
 * How values are written and read; rows depend on it, whatever the user, the database or the connection sets. Messages come in any
 * case: one says that a name was cut off.
 */
const FORMS = {
  array_nulls: 'on',
  client_encoding: 'UTF8',
  client_min_messages: 'notice',
  DateStyle: 'ISO, MDY',
  IntervalStyle: 'postgres',
  bytea_output: 'hex',
  extra_float_digits: '1',
  standard_conforming_strings: 'on',
}

/** The run-time parameters of each session. */
export function settingsOf(spec: ConnectionSpec): { readonly [name: string]: string } {
  // A transaction is idle while rows for it are computed, for however long that takes.
  return { idle_in_transaction_session_timeout: '0', TimeZone: 'UTC', ...spec.options, ...FORMS }
}
