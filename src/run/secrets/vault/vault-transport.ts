import http from 'node:http'
import https from 'node:https'
import { PypeError } from '../../../core/errors.js'
import { isObject } from '../../../core/json.js'
import { unreadable } from '../secret-provider.js'
import { sendWithRetries } from './retries.js'
import type { VaultSettings } from './vault-settings.js'

/** A request as node-vault makes it. */
interface VaultRequest {
  readonly method: string
  readonly uri: string
  readonly headers?: { readonly [name: string]: string }
  readonly json?: unknown
}

/** An answer as node-vault takes it. */
interface VaultAnswer {
  readonly statusCode: number
  readonly body: unknown
  readonly request: { readonly path: string }
}

/** Secrets are small; whatever is longer is no answer of a Vault. */
const MOST_BYTES = 16 * 1024 * 1024
const MOST_REDIRECTS = 2
/** A Vault that stands by sends its clients to the active one. */
const REDIRECTS: readonly (number | undefined)[] = [301, 302, 307, 308]

/**
 * Sends the requests of node-vault, in the place of its own client: that one takes a proxy from the environment and sends it the token
 * of a request for https in the clear, waits for ever, and throws errors that hold the token.
 */
export function createTransport(settings: VaultSettings, stop: AbortSignal) {
  return async (request: VaultRequest): Promise<VaultAnswer> => {
    let url = new URL(request.uri)
    for (let redirects = 0; ; redirects++) {
      const { status, location, text } = await deliver(url, request, settings, stop)
      if (location === undefined || !REDIRECTS.includes(status))
        return { statusCode: status, body: parse(url, status, text), request: { path: url.pathname } }
      const next = URL.canParse(location, url.href) ? new URL(location, url) : undefined
      if (redirects === MOST_REDIRECTS || next === undefined || (url.protocol === 'https:' && next.protocol !== 'https:')) {
        throw unreadable(
          `Vault at ${url.origin} sends its clients on in a way that cannot be followed.`,
          'set VAULT_ADDR to the active server',
        )
      }
      url = next
    }
  }
}

interface Received {
  readonly status: number
  readonly location: string | undefined
  readonly text: string
}

async function deliver(url: URL, request: VaultRequest, settings: VaultSettings, stop: AbortSignal): Promise<Received> {
  try {
    return await sendWithRetries(() => send(url, request, settings, stop), settings.mostRetries, stop)
  } catch (error) {
    throw unreachable(url, error, settings.timeout)
  }
}

function send(
  url: URL,
  { method, headers = {}, json }: VaultRequest,
  { tls, timeout }: VaultSettings,
  stop: AbortSignal,
): Promise<Received> {
  const body = isObject(json) ? JSON.stringify(json) : undefined
  const options = {
    method,
    headers: { ...headers, 'X-Vault-Request': 'true', ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) },
    // For the whole of the answer, and not only until something comes.
    signal: AbortSignal.any([AbortSignal.timeout(timeout), stop]),
    agent: false as const,
  }
  return new Promise<Received>((resolve, reject) => {
    const receive = (response: http.IncomingMessage): void => {
      const chunks: Buffer[] = []
      let length = 0
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk)
        length += chunk.length
        if (length > MOST_BYTES) response.destroy(Object.assign(new Error('the answer is too long'), { code: 'TOO_LONG' }))
      })
      response.on('error', reject)
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, location: response.headers.location, text: Buffer.concat(chunks).toString('utf8') }),
      )
    }
    const request = url.protocol === 'https:' ? https.request(url, { ...options, ...tls }, receive) : http.request(url, options, receive)
    request.on('error', reject)
    request.end(body)
  })
}

/** Only the code goes on: the error itself knows the request. */
function unreachable(url: URL, error: unknown, timeout: number): PypeError {
  const { code, name } = error instanceof Error ? { code: undefined, ...error, name: error.name } : { code: undefined, name: '' }
  const why = name === 'AbortError' || name === 'TimeoutError' ? `no answer within ${timeout / 1000} s` : String(code ?? name)
  return unreadable(`Vault at ${url.origin} cannot be reached: ${why}.`, hintAt(why, url))
}

function hintAt(why: string, url: URL): string {
  // Nobody can tell a server without TLS from one whose TLS is another one.
  if (why === 'EPROTO') return `the server may not speak https: set VAULT_ADDR to http://${url.host} if that is so`
  if (/CERT|SELF_SIGNED|ALTNAME|SSL|TLS/.test(why))
    return 'set VAULT_CACERT to the certificate of the authority that signed that of the server'
  return 'check VAULT_ADDR, and that the server runs'
}

/** The page of a proxy before a server that is down is told by its status. Throws SECRET_UNREADABLE where something else answers. */
function parse(url: URL, status: number, text: string): unknown {
  try {
    return text === '' ? {} : JSON.parse(text)
  } catch {
    if (status >= 500) return {}
    if (/HTTP request to an HTTPS server/i.test(text))
      throw unreadable(`The server at ${url.origin} takes https only.`, `set VAULT_ADDR to https://${url.host}`)
    throw unreadable(`What answers at ${url.origin} is no Vault: it sends something else than JSON (status ${status}).`, 'check VAULT_ADDR')
  }
}
