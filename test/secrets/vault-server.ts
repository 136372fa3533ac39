import { readFileSync } from 'node:fs'
import http from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

/** The certificate of the server, made by itself, and its key. Clients of the tests have the same. */
export const CERTIFICATE = fileURLToPath(new URL('tls/server.crt', import.meta.url))
export const KEY = fileURLToPath(new URL('tls/server.key', import.meta.url))

export const ROOT_TOKEN = 'hvs.root-token-of-the-tests'

interface Token {
  /** Prefixes of API paths that it may read; undefined: all. */
  readonly may?: readonly string[]
  /** Seconds; 0: for ever. */
  readonly ttl: number
}

type Fields = { readonly [field: string]: unknown }

/** What a Vault holds. Tests change it. */
export class VaultState {
  isSealed = false
  /** Never answers. */
  isHung = false
  /** What something else than a Vault answers to every request. */
  page: { readonly status: number; readonly text: string } | undefined
  /** What the next requests get, one each: a status, a connection that breaks, or the answer. */
  readonly faults: (number | 'cut' | 'none')[] = []
  /** Where clients are sent on to, once. */
  standby: string | undefined
  readonly tokens = new Map<string, Token>([[ROOT_TOKEN, { ttl: 0 }]])
  readonly roles = new Map<string, { readonly secretId: string; readonly token: string }>()
  readonly mounts = new Map<string, { readonly type: string; readonly version?: string }>([
    ['secret/', { type: 'kv', version: '2' }],
    ['kv1/', { type: 'kv', version: '1' }],
    ['team/kv/', { type: 'kv', version: '2' }],
    ['database/', { type: 'database' }],
  ])
  /** By namespace and path, the mount included: `/secret/db/main`, `team-a/secret/db/main`. */
  readonly secrets = new Map<string, Fields>()
  /** Paths whose latest version was deleted. */
  readonly deleted = new Set<string>()
  /** Seconds that leases of dynamic secrets live. */
  leaseSeconds = 3600
  readonly requests: string[] = []
  /** Told what was renewed: `token`, or the id of a lease. */
  onRenewed: (what: string) => void = () => {}
}

interface Answer {
  readonly status: number
  readonly body?: object
  readonly location?: string
}

const DENIED: Answer = { status: 403, body: { errors: ['1 error occurred:\n\t* permission denied\n\n'] } }
const NOTHING: Answer = { status: 404, body: { errors: [] } }

/** Starts a server that speaks the HTTP API of Vault as far as it is documented for reading secrets. It ends with the test. */
export async function startVault(options: { readonly tls?: 'server' | 'mutual' } = {}): Promise<{ address: string; state: VaultState }> {
  const state = new VaultState()
  const listen = (request: http.IncomingMessage, response: http.ServerResponse): void => {
    let text = ''
    request.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
    request.on('end', () => {
      const path = decodeURIComponent(new URL(request.url ?? '', 'http://vault').pathname)
      state.requests.push(`${request.method} ${path}`)
      if (state.isHung) return
      if (state.page !== undefined) {
        response.writeHead(state.page.status).end(state.page.text)
        return
      }
      const fault = state.faults.shift() ?? 'none'
      if (fault === 'cut') {
        response.destroy()
        return
      }
      if (fault !== 'none') {
        response.writeHead(fault).end()
        return
      }
      const { status, body, location } = answer(state, { method: request.method ?? '', path, headers: request.headers, body: text })
      response.writeHead(status, { 'Content-Type': 'application/json', ...(location === undefined ? {} : { Location: location }) })
      response.end(body === undefined ? '' : JSON.stringify({ request_id: 'r', ...body }))
    })
  }
  const tls = { key: readFileSync(KEY), cert: readFileSync(CERTIFICATE) }
  const server =
    options.tls === undefined
      ? http.createServer(listen)
      : https.createServer({ ...tls, ...(options.tls === 'mutual' ? { ca: tls.cert, requestCert: true } : {}) }, listen)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { address: `${options.tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`, state }
}

interface Request {
  readonly method: string
  readonly path: string
  readonly headers: http.IncomingHttpHeaders
  readonly body: string
}

function answer(state: VaultState, { method, path, headers, body }: Request): Answer {
  const api = path.replace(/^\/v1\//, '')
  if (api === 'sys/health') return { status: state.isSealed ? 503 : 200, body: { initialized: true, sealed: state.isSealed } }
  if (state.isSealed) return { status: 503, body: { errors: ['Vault is sealed'] } }
  if (state.standby !== undefined) {
    const location = `${state.standby}${path}`
    return { status: 307, location }
  }
  if (method === 'POST' && api === 'auth/approle/login') return logIn(state, JSON.parse(body))
  const token = state.tokens.get(String(headers['x-vault-token'] ?? ''))
  if (token === undefined) return { status: 403, body: { errors: ['permission denied'] } }
  const renewable = { renewable: true, lease_duration: token.ttl }
  if (api === 'auth/token/lookup-self') return { status: 200, body: { data: { ttl: token.ttl, renewable: token.ttl > 0 } } }
  if (method === 'POST' && api === 'auth/token/renew-self') {
    state.onRenewed('token')
    return { status: 200, body: { auth: { ...renewable, client_token: 'unused' } } }
  }
  if (method === 'POST' && api === 'sys/leases/renew') {
    const { lease_id: id }: { lease_id: string } = JSON.parse(body)
    state.onRenewed(id)
    return { status: 200, body: { lease_id: id, renewable: true, lease_duration: state.leaseSeconds } }
  }
  if (token.may?.some((prefix) => api.startsWith(prefix)) === false) return DENIED
  return read(state, api, String(headers['x-vault-namespace'] ?? ''))
}

function logIn(state: VaultState, { role_id: roleId, secret_id: secretId }: { role_id: string; secret_id: string }): Answer {
  const role = state.roles.get(roleId)
  if (role === undefined || role.secretId !== secretId) return { status: 400, body: { errors: ['invalid role or secret ID'] } }
  const ttl = state.tokens.get(role.token)?.ttl ?? 0
  return { status: 200, body: { auth: { client_token: role.token, renewable: true, lease_duration: ttl } } }
}

function read(state: VaultState, api: string, namespace: string): Answer {
  const asked = /^sys\/internal\/ui\/mounts\/(.*)$/.exec(api)?.[1]
  const path = asked ?? api
  const [mount, { type, version }] = [...state.mounts].find(([prefix]) => `${path}/`.startsWith(prefix)) ?? ['', { type: '' }]
  if (asked !== undefined)
    return mount === ''
      ? DENIED
      : { status: 200, body: { data: { path: mount, type, options: version === undefined ? null : { version } } } }
  if (mount === '') return NOTHING
  const rest = path.slice(mount.length)
  if (version === '2' && !rest.startsWith('data/')) return NOTHING
  const name = `${mount}${version === '2' ? rest.slice('data/'.length) : rest}`
  const fields = state.secrets.get(`${namespace}/${name}`)
  const metadata = { version: 3, deletion_time: state.deleted.has(name) ? '2026-01-01T00:00:00Z' : '' }
  if (state.deleted.has(name)) return { status: 404, body: { data: { data: null, metadata } } }
  if (fields === undefined) return NOTHING
  if (version === '2') return { status: 200, body: { data: { data: fields, metadata } } }
  if (type === 'kv') return { status: 200, body: { data: fields, lease_duration: 2764800, renewable: false } }
  return { status: 200, body: { data: fields, lease_id: `${name}/lease-1`, lease_duration: state.leaseSeconds, renewable: true } }
}
