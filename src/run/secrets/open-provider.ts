import path from 'node:path'
import { PypeError } from '../../core/errors.js'
import { isJsonObject, type Json } from '../../core/json.js'
import { suggestNearest } from '../../core/suggest.js'
import { createEnvProvider } from './env-provider.js'
import { openSecretFile } from './file-provider.js'
import type { SecretProvider } from './secret-provider.js'

/** What a provider is opened with. */
export interface ProviderSource {
  /** The `secrets` of the context. */
  readonly settings: Json | undefined
  readonly env: { readonly [name: string]: string | undefined }
  /** Relative paths start here. */
  readonly cwd: string
  /** Told when a login or a lease could not be kept alive. */
  readonly onWarning: (message: string) => void
}

const KEYS: { readonly [provider: string]: readonly string[] } = { vault: ['mount'], file: ['path'], env: [] }

/** Opens the provider that the context names; Vault when it names none. Throws CONTEXT_INVALID and SECRET_UNREADABLE. */
export async function openProvider({ settings, env, cwd, onWarning }: ProviderSource): Promise<SecretProvider> {
  const { provider, ...rest } = readSettings(settings ?? {})
  switch (provider) {
    case 'file':
      if (rest.path === undefined) throw invalid('names no file', 'write {"provider": "file", "path": "secrets.json"}')
      return openSecretFile(path.resolve(cwd, rest.path))
    case 'env':
      return createEnvProvider(env)
    default: {
      // Its client takes longer to load than most flows take to run.
      const { openVault } = await import('./vault/open-vault.js')
      return openVault({ env, mount: rest.mount, onWarning })
    }
  }
}

function readSettings(settings: Json): { readonly provider: string; readonly [key: string]: string | undefined } {
  if (!isJsonObject(settings)) throw invalid('is no object', 'write {"provider": "vault"}')
  const { provider = 'vault' } = settings
  const known = typeof provider === 'string' && Object.hasOwn(KEYS, provider) ? KEYS[provider] : undefined
  if (typeof provider !== 'string' || known === undefined) {
    const names = Object.keys(KEYS)
    throw invalid(
      `has the unknown provider ${JSON.stringify(provider)}`,
      suggestNearest(String(provider), names, `use ${names.join(', ')}`),
    )
  }
  const read: { [key: string]: string } = {}
  for (const [key, value] of Object.entries(settings)) {
    if (key !== 'provider' && !known.includes(key))
      throw invalid(`has the unknown key "${key}"`, `${provider} takes ${known.join(', ') || 'nothing else'}`)
    if (typeof value !== 'string') throw invalid(`has a ${key} that is no text`, 'put it in quotes')
    read[key] = value
  }
  return { ...read, provider }
}

function invalid(what: string, hint: string): PypeError {
  return new PypeError('CONTEXT_INVALID', `The value "secrets" of the context ${what}.`, { hint })
}
