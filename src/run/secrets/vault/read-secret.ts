import { isObject } from '../../../core/json.js'
import { readFields } from '../read-fields.js'
import { type SecretFields, unreadable } from '../secret-provider.js'
import { isTokenTaken, readLifetime } from './log-in.js'
import type { Lifetime } from './renewals.js'
import { isRefusal, type Refusal, type VaultClient } from './vault-client.js'

/** A secret, and the lease of one that Vault made for this reader. */
export interface ReadSecret {
  readonly fields: SecretFields
  readonly lease: { readonly id: string; readonly lifetime: Lifetime | undefined } | undefined
}

/** How a path is asked for: the versions of KV differ in it. */
interface Way {
  readonly path: string
  readonly isVersioned: boolean
}

/** Reads all fields of a path. Rejects with SECRET_UNREADABLE. */
export async function readSecret(client: VaultClient, path: string, mount: string | undefined): Promise<ReadSecret> {
  const whole = trimSlashes(mount === undefined ? path : `${trimSlashes(mount)}/${path}`)
  const refusals: Refusal[] = []
  for (const way of await findWays(client, whole, mount)) {
    const answer = await client.read(way.path)
    if (isRefusal(answer)) {
      refusals.push(answer)
      continue
    }
    const data = way.isVersioned && isObject(answer.data) ? answer.data.data : answer.data
    if (!isObject(data)) {
      refusals.push({ status: 404, said: '', data: answer.data })
      continue
    }
    const { lease_id: id } = answer
    return {
      fields: readFields(data, `at "${whole}" in Vault`),
      lease: typeof id === 'string' && id !== '' ? { id, lifetime: readLifetime(answer.lease_duration, answer.renewable) } : undefined,
    }
  }
  throw await explain(client, whole, refusals)
}

/** Asks the mount what it is; where that is forbidden, both ways of a mount with the first part of the path are tried. */
async function findWays(client: VaultClient, path: string, mount: string | undefined): Promise<readonly Way[]> {
  const answer = await client.read(`sys/internal/ui/mounts/${path}`)
  const found = isRefusal(answer) ? undefined : answer.data
  if (isObject(found) && typeof found.path === 'string' && `${path}/`.startsWith(found.path)) {
    const isVersioned = isObject(found.options) && found.options.version === '2'
    return [isVersioned ? versioned(path, trimSlashes(found.path)) : { path, isVersioned }]
  }
  const guess = mount === undefined ? (path.split('/', 1)[0] ?? '') : trimSlashes(mount)
  return [versioned(path, guess), { path, isVersioned: false }]
}

function versioned(path: string, mount: string): Way {
  return { path: `${mount}/data${path.slice(mount.length)}`, isVersioned: true }
}

async function explain(client: VaultClient, path: string, refusals: readonly Refusal[]) {
  const forbidden = refusals.find(({ status }) => status === 403)
  if (forbidden !== undefined && !(await isTokenTaken(client))) {
    return unreadable(`Vault at ${client.address} does not take the token.`, 'it is wrong or has expired: log in again and set VAULT_TOKEN')
  }
  const missing = refusals.find(({ data }) => isObject(data) && isObject(data.metadata))
  if (missing !== undefined)
    return unreadable(
      `The latest version of "${path}" in Vault was deleted.`,
      `bring it back: \`vault kv undelete -versions=${versionOf(missing)} ${path}\``,
    )
  if (forbidden !== undefined) {
    return unreadable(
      `Vault forbids to read "${path}".`,
      'the policy of the login needs the capability "read" on this path, or the path is wrong',
    )
  }
  const other = refusals.find(({ status }) => status !== 404)
  if (other !== undefined) {
    return unreadable(
      `Vault refuses to read "${path}": ${other.said || `status ${other.status}`}.`,
      'check the path: it starts with its mount',
    )
  }
  return unreadable(
    `Vault has no path "${path}".`,
    'a path starts with its mount, as in {{secret.secret/db/main#password}}, unless the context names it: "secrets": {"provider": "vault", "mount": "secret"}; the "data/" of KV 2 is left out',
  )
}

/** Of the version that was deleted. */
function versionOf({ data }: Refusal): string {
  const metadata = isObject(data) ? data.metadata : undefined
  return isObject(metadata) && typeof metadata.version === 'number' ? String(metadata.version) : 'N'
}

function trimSlashes(path: string): string {
  return path.replace(/^\/+|\/+$/g, '')
}
