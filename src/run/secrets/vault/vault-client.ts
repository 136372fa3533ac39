import vault from 'node-vault'
import { PypeError } from '../../../core/errors.js'
import { isObject } from '../../../core/json.js'
import { unreadable } from '../secret-provider.js'
import type { VaultSettings } from './vault-settings.js'
import { createTransport } from './vault-transport.js'

/** An answer of Vault that is not the wanted one. */
export interface Refusal {
  readonly status: number
  /** What Vault says, shortened; it holds no secret. */
  readonly said: string
  /** What an answer with an error holds all the same: that of a deleted version has its metadata. */
  readonly data: unknown
}

type Answer = { readonly [key: string]: unknown }

/** A client of Vault whose errors hold neither the token nor a secret. */
export class VaultClient {
  readonly #client: vault.client
  readonly address: string

  /** `stop` ends all requests. */
  constructor(settings: VaultSettings, stop: AbortSignal) {
    this.address = settings.address
    const transport = createTransport(settings, stop)
    this.#client = vault({
      endpoint: settings.address,
      // Never to a console, whatever DEBUG says: it would print logins.
      debug: () => undefined,
      'request-promise': { defaults: () => transport },
    })
    // What is not given is taken from the environment of the process.
    Object.assign(this.#client, { token: '', namespace: settings.namespace ?? '', pathPrefix: '' })
  }

  useToken(token: string): void {
    this.#client.token = token
  }

  /** The answer to a GET, or why there is none. Rejects with SECRET_UNREADABLE when Vault cannot be reached, is sealed or is broken. */
  read(path: string): Promise<Answer | Refusal> {
    return this.#ask(() => this.#client.read(encodePath(path)))
  }

  /** The same for a POST. */
  write(path: string, data: object): Promise<Answer | Refusal> {
    return this.#ask(() => this.#client.write(encodePath(path), data))
  }

  async #ask(request: () => Promise<unknown>): Promise<Answer | Refusal> {
    try {
      const body = await request()
      return isObject(body) ? body : {}
    } catch (error) {
      if (error instanceof PypeError) throw error
      const refusal = toRefusal(error)
      if (refusal.status >= 400 && refusal.status < 500) return refusal
      throw this.#broken(refusal)
    }
  }

  #broken({ status, said }: Refusal): PypeError {
    if (status === 503 && /seal/i.test(said))
      return unreadable(`Vault at ${this.address} is sealed.`, 'have it unsealed: vault operator unseal')
    if (status === 0) return unreadable(`Vault at ${this.address} gave no answer that can be read.`, 'check VAULT_ADDR')
    const what = said === '' ? '' : `: ${said}`
    return unreadable(`Vault at ${this.address} answered with status ${status}${what}.`, 'look at the state of the server: vault status')
  }
}

/** Whether an answer is a refusal. */
export function isRefusal(answer: Answer | Refusal): answer is Refusal {
  return typeof answer.status === 'number' && 'said' in answer
}

const LONGEST_SAYING = 200

/** Of the error of node-vault only what is known to hold no secret. */
function toRefusal(error: unknown): Refusal {
  const response = isObject(error) ? error.response : undefined
  if (!isObject(response) || typeof response.statusCode !== 'number') return { status: 0, said: '', data: undefined }
  const { statusCode: status, body } = response
  const errors = isObject(body) && Array.isArray(body.errors) ? body.errors : []
  const said = errors.find((text): text is string => typeof text === 'string') ?? ''
  return { status, said: said.replace(/\s+/g, ' ').trim().slice(0, LONGEST_SAYING), data: isObject(body) ? body.data : undefined }
}

function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/')
}
