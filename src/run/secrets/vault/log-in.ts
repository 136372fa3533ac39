import { isObject } from '../../../core/json.js'
import { unreadable } from '../secret-provider.js'
import type { Lifetime } from './renewals.js'
import { isRefusal, type VaultClient } from './vault-client.js'
import type { VaultLogin } from './vault-settings.js'

/** Logs in; resolves with how long the token lives, when that is known. Rejects with SECRET_UNREADABLE. */
export async function logIn(client: VaultClient, login: VaultLogin): Promise<Lifetime | undefined> {
  if (login.kind === 'token') return useToken(client, login.token)
  const answer = await client.write('auth/approle/login', { role_id: login.roleId, secret_id: login.secretId })
  if (isRefusal(answer)) {
    throw unreadable(
      `Vault at ${client.address} refuses the login with VAULT_ROLE_ID and VAULT_SECRET_ID${answer.said === '' ? '' : ` (${answer.said})`}.`,
      'a secret id may have expired or been used up: have a new one made',
    )
  }
  const { auth } = answer
  if (!isObject(auth) || typeof auth.client_token !== 'string') {
    throw unreadable(`Vault at ${client.address} took the login and gave no token.`, 'check VAULT_ADDR')
  }
  client.useToken(auth.client_token)
  return readLifetime(auth.lease_duration, auth.renewable)
}

/** A policy may forbid a token to look at itself: then its life is not known, and it has to do without renewal. */
async function useToken(client: VaultClient, token: string): Promise<Lifetime | undefined> {
  client.useToken(token)
  const answer = await client.read('auth/token/lookup-self')
  const data = isRefusal(answer) ? undefined : answer.data
  return isObject(data) ? readLifetime(data.ttl, data.renewable) : undefined
}

/** Whether Vault takes the token at all: a wrong one is refused everywhere, in the words for a path that is forbidden. */
export async function isTokenTaken(client: VaultClient): Promise<boolean> {
  return !isRefusal(await client.read('auth/token/lookup-self'))
}

/** Seconds, and whether they can be renewed; undefined for what never ends. */
export function readLifetime(seconds: unknown, renewable: unknown): Lifetime | undefined {
  return typeof seconds === 'number' && seconds > 0 ? { seconds, isRenewable: renewable !== false } : undefined
}
