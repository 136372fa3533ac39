import { labelConnection } from '../../core/database-connection/spec.js'
import { messageOf, PypeError } from '../../core/errors.js'
import type { ConnectionSpec } from '../database.js'
import { sqlStateOf } from './sql-state.js'

/** SQLSTATEs with which a server lets nobody in for a while: it starts, ends, recovers, or is full. */
const BUSY = new Set(['57P03', '57P01', '57P02', '53300'])

/** Why no connection could be opened. */
export function explainLogin(error: unknown, spec: ConnectionSpec): PypeError {
  if (error instanceof PypeError) return error
  const label = labelConnection(spec)
  const state = sqlStateOf(error)
  if (state === undefined) return isTls(error) ? tlsRefused(error, label) : explainWithoutAnswer(error, spec)
  if (BUSY.has(state))
    return unreachable(error, label, 'wait until the server takes connections again; settings.retries tries again by itself')
  return new PypeError('DATABASE_REFUSED', `${label} refuses the login: ${messageOf(error)}.`, { hint: hintOf(state, spec), cause: error })
}

function explainWithoutAnswer(error: unknown, spec: ConnectionSpec): PypeError {
  const label = labelConnection(spec)
  // The driver's own words for a server that asks for a password when there is none.
  if (/^SASL: .*password/.test(messageOf(error))) {
    return new PypeError('DATABASE_REFUSED', `${label} asks for a password, and the connection has none.`, {
      hint: 'give one: password: "{{secret.…}}" or "{{env.…}}"',
      cause: error,
    })
  }
  const where = `${spec.host}, port ${spec.port}`
  return unreachable(error, label, `check that the server runs and can be reached at ${where}`)
}

function unreachable(error: unknown, label: string, hint: string): PypeError {
  return new PypeError('DATABASE_UNREACHABLE', `${label} cannot be reached: ${reasonOf(error)}.`, { hint, cause: error })
}

/** A name with several addresses fails with one error for each. */
function reasonOf(error: unknown): string {
  const first = error instanceof AggregateError ? error.errors[0] : error
  const reason = messageOf(first)
  return reason.startsWith('Connection terminated') || reason.startsWith('timeout expired')
    ? 'it did not answer in time or hung up'
    : reason
}

function isTls(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return /SSL|TLS|CERT|SELF_SIGNED|UNABLE_TO_/.test(code) || /SSL connection/.test(messageOf(error))
}

function tlsRefused(error: unknown, label: string): PypeError {
  return new PypeError('DATABASE_REFUSED', `No encrypted connection to ${label}: ${messageOf(error)}.`, {
    hint: 'check ssl of the connection: false for a server without TLS, and ca for one whose certificate no public authority signed',
    cause: error,
  })
}

function hintOf(state: string, { user, database }: ConnectionSpec): string {
  if (state === '3D000') return `check the name of the database, ${database}`
  if (state === '28P01') return `check the user, ${user}, and the password`
  if (state === '28000') return `check the user, ${user}; the server's pg_hba.conf says who may come from where, and whether without TLS`
  if (state.startsWith('42') || state.startsWith('22')) return 'check the options of the connection'
  return 'ask who runs the server'
}
