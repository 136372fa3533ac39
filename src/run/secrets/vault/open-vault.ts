import { messageOf } from '../../../core/errors.js'
import { isObject } from '../../../core/json.js'
import type { SecretProvider } from '../secret-provider.js'
import { logIn, readLifetime } from './log-in.js'
import { readSecret } from './read-secret.js'
import { type Lifetime, Renewals } from './renewals.js'
import { isRefusal, VaultClient } from './vault-client.js'
import { LOGIN_VARIABLES, readVaultSettings } from './vault-settings.js'

/** What a Vault is opened with. */
export interface VaultSource {
  readonly env: { readonly [name: string]: string | undefined }
  /** The mount that all paths start from; undefined: a path starts with its mount. */
  readonly mount: string | undefined
  readonly onWarning: (message: string) => void
}

/** Logs in to Vault, and keeps the login and all leases alive until it is closed. Rejects with SECRET_UNREADABLE. */
export async function openVault({ env, mount, onWarning }: VaultSource): Promise<SecretProvider> {
  const settings = readVaultSettings(env)
  const stop = new AbortController()
  const client = new VaultClient(settings, stop.signal)
  const renewals = new Renewals()
  const renew = async (what: string, path: string, data: object): Promise<Lifetime | undefined> => {
    try {
      const answer = await client.write(path, data)
      if (!isRefusal(answer)) {
        const auth = isObject(answer.auth) ? answer.auth : answer
        return readLifetime(auth.lease_duration, auth.renewable)
      }
      onWarning(`Vault does not renew ${what}: ${answer.said || `status ${answer.status}`}.`)
    } catch (error) {
      if (!stop.signal.aborted) onWarning(`Vault could not be asked to renew ${what}: ${messageOf(error)}`)
    }
    return undefined
  }
  const lifetime = await logIn(client, settings.login)
  renewals.keep(lifetime, () => renew('the token', 'auth/token/renew-self', {}))
  return {
    read: async (path) => {
      const { fields, lease } = await readSecret(client, path, mount)
      if (lease !== undefined) {
        renewals.keep(lease.lifetime, () => renew(`the lease of ${path}`, 'sys/leases/renew', { lease_id: lease.id }))
      }
      return fields
    },
    ownVariables: (name) => LOGIN_VARIABLES.includes(name),
    close: () => {
      renewals.close()
      // A server that does not answer must not hold up the end.
      stop.abort()
    },
  }
}
