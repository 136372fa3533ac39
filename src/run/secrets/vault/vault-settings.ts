import { readFileSync } from 'node:fs'
import { unreadable } from '../secret-provider.js'

/** Where a Vault is and how to log in, as the VAULT_* variables say it. */
export interface VaultSettings {
  readonly address: string
  readonly namespace: string | undefined
  readonly login: VaultLogin
  readonly tls: VaultTls
  /** Milliseconds that an answer may take. */
  readonly timeout: number
  /** How often a request is sent again after a fault that passes. */
  readonly mostRetries: number
}

/** Who logs in. */
export type VaultLogin =
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'approle'; readonly roleId: string; readonly secretId: string }

/** As node:tls takes it. */
export interface VaultTls {
  readonly rejectUnauthorized: boolean
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
  readonly servername?: string
}

type Env = { readonly [name: string]: string | undefined }

const DEFAULT_TIMEOUT_SECONDS = 30
/** As many as Vault's own command makes. */
const DEFAULT_RETRIES = 2

/** Reads the VAULT_* variables. Throws SECRET_UNREADABLE for what is missing or malformed. */
export function readVaultSettings(env: Env): VaultSettings {
  return {
    address: readAddress(env.VAULT_ADDR),
    namespace: env.VAULT_NAMESPACE || undefined,
    login: readLogin(env),
    tls: readTls(env),
    timeout: readTimeout(env.VAULT_CLIENT_TIMEOUT),
    mostRetries: readRetries(env.VAULT_MAX_RETRIES),
  }
}

/** The variables that hold what a login takes. */
export const LOGIN_VARIABLES: readonly string[] = ['VAULT_TOKEN', 'VAULT_SECRET_ID']

function readAddress(address: string | undefined): string {
  if (!address) {
    throw unreadable(
      'Secrets come from Vault, and VAULT_ADDR is not set.',
      'set it: export VAULT_ADDR=https://vault.example:8200; or name another provider in the context: "secrets": {"provider": "file", …}',
    )
  }
  const url = URL.canParse(address) ? new URL(address) : undefined
  if (url !== undefined && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '') return address.replace(/\/+$/, '')
  throw unreadable('VAULT_ADDR is no address of a Vault.', 'write it as https://vault.example:8200')
}

function readLogin(env: Env): VaultLogin {
  if (env.VAULT_TOKEN) return { kind: 'token', token: env.VAULT_TOKEN }
  const { VAULT_ROLE_ID: roleId, VAULT_SECRET_ID: secretId } = env
  if (roleId && secretId) return { kind: 'approle', roleId, secretId }
  const half = roleId ? 'VAULT_SECRET_ID' : secretId ? 'VAULT_ROLE_ID' : undefined
  throw unreadable(
    half === undefined ? 'There is no login for Vault.' : `The login for Vault lacks ${half}.`,
    'set VAULT_TOKEN, or VAULT_ROLE_ID and VAULT_SECRET_ID',
  )
}

function readTls(env: Env): VaultTls {
  if (Boolean(env.VAULT_CLIENT_CERT) !== Boolean(env.VAULT_CLIENT_KEY)) {
    throw unreadable('One of VAULT_CLIENT_CERT and VAULT_CLIENT_KEY is set without the other.', 'set both, or none')
  }
  return {
    rejectUnauthorized: !isTrue(env.VAULT_SKIP_VERIFY),
    ...readFile('ca', 'VAULT_CACERT', env),
    ...readFile('cert', 'VAULT_CLIENT_CERT', env),
    ...readFile('key', 'VAULT_CLIENT_KEY', env),
    ...(env.VAULT_TLS_SERVER_NAME ? { servername: env.VAULT_TLS_SERVER_NAME } : {}),
  }
}

/** As Vault's own command reads a truth value. */
function isTrue(text: string | undefined): boolean {
  return /^(1|t|true)$/i.test(text ?? '')
}

function readFile(key: string, variable: string, env: Env): { readonly [key: string]: string } {
  const file = env[variable]
  if (!file) return {}
  try {
    return { [key]: readFileSync(file, 'utf8') }
  } catch {
    // What the system says may be about a key; where to look is said here.
    throw unreadable(`The file ${file} that ${variable} names cannot be read.`, 'it is a PEM file; check its path and its rights')
  }
}

const UNITS: { readonly [unit: string]: number } = { s: 1, m: 60, h: 3600 }

function readTimeout(text: string | undefined): number {
  if (!text) return DEFAULT_TIMEOUT_SECONDS * 1000
  const [, number, unit = 's'] = /^(\d+)([smh])?$/.exec(text) ?? []
  if (number !== undefined && Number(number) > 0) return Number(number) * (UNITS[unit] ?? 1) * 1000
  throw unreadable('VAULT_CLIENT_TIMEOUT is no time.', 'write a number of seconds: 30')
}

function readRetries(text: string | undefined): number {
  if (!text) return DEFAULT_RETRIES
  if (/^\d{1,2}$/.test(text)) return Number(text)
  throw unreadable('VAULT_MAX_RETRIES is no number of retries.', 'write a whole number: 2; 0 for none')
}
