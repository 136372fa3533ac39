import { PypeError } from '../../core/errors.js'
import type { SecretRef } from './find-secrets.js'
import { Masker, SHORTEST_SECRET } from './masker.js'
import { openProvider, type ProviderSource } from './open-provider.js'
import { type SecretFields, type SecretProvider, unreadable } from './secret-provider.js'

type Env = ProviderSource['env']

/** The secrets of a run, each path read once, and what keeps them out of all that the run writes. The provider is opened for the first of them. */
export class RunSecrets {
  readonly masker = new Masker()
  readonly #source: ProviderSource
  #warn: (message: string) => void = () => {}
  readonly #values = new Map<string, string>()
  readonly #paths = new Map<string, Promise<SecretFields>>()
  #provider: SecretProvider | undefined
  #env: Env

  constructor(source: Omit<ProviderSource, 'onWarning'>) {
    this.#source = { ...source, onWarning: (message) => this.#warn(message) }
    this.#env = source.env
  }

  /** Has `warn` told when a login or a lease could not be kept alive. */
  tell(warn: (message: string) => void): void {
    this.#warn = warn
  }

  /** The environment as the code of modules may see it: without the login of the provider, and without secrets that come from there. */
  get env(): Env {
    return this.#env
  }

  /** Reads secrets. Throws SECRET_UNREADABLE that names all that cannot be read, and CONTEXT_INVALID. */
  async read(refs: readonly SecretRef[]): Promise<void> {
    if (refs.length === 0) return
    const provider = await this.#open()
    const faults = new Map<string, PypeError>()
    for (const result of await Promise.all(refs.map((ref) => this.#readOne(provider, ref)))) {
      if (result !== undefined) faults.set(result.message, result)
    }
    const [first, ...more] = faults.values()
    if (first === undefined) return
    if (more.length === 0) throw first
    const all = [...faults.values()]
    throw unreadable(
      ['Several secrets cannot be read:', ...all.map(({ message }) => `  ${message}`)].join('\n'),
      [...new Set(all.flatMap(({ hint }) => hint ?? []))].join('; '),
    )
  }

  /** The value of a secret; undefined when it was not read. */
  find(path: string, field: string): string | undefined {
    return this.#values.get(`${path}#${field}`)
  }

  /** Stops what keeps logins and leases alive. */
  close(): void {
    this.#provider?.close()
  }

  async #open(): Promise<SecretProvider> {
    if (this.#provider !== undefined) return this.#provider
    const provider = await openProvider(this.#source)
    this.#provider = provider
    const variables = Object.entries(this.#source.env)
    // What it logs in with is a secret too, and of no use to anybody else.
    for (const [name, value] of variables) if (value !== undefined && provider.ownVariables(name)) this.masker.add(value)
    this.#env = Object.fromEntries(variables.filter(([name]) => !provider.ownVariables(name)))
    return provider
  }

  /** Takes a secret in, or tells why not. */
  async #readOne(provider: SecretProvider, { path, field }: SecretRef): Promise<PypeError | undefined> {
    const reading = this.#paths.get(path) ?? provider.read(path)
    this.#paths.set(path, reading)
    try {
      const value = checkValue(path, field, await reading)
      this.masker.add(value)
      this.#values.set(`${path}#${field}`, value)
      return undefined
    } catch (error) {
      if (error instanceof PypeError) return error
      throw error
    }
  }
}

function checkValue(path: string, field: string, fields: SecretFields): string {
  const value = fields.find(field)
  const name = `{{secret.${path}#${field}}}`
  if (value === undefined) {
    const { what, hint } = fields.explain(field)
    throw unreadable(`${name}: ${what}.`, hint)
  }
  if (value.length >= SHORTEST_SECRET) return value
  throw unreadable(
    `${name} has fewer than ${SHORTEST_SECRET} characters: a value as short as that cannot be masked in what the run writes.`,
    'take a longer secret',
  )
}
