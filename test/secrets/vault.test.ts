import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createProject } from '../cli/pype-project.js'
import { JobPlace } from '../run/job/job-fixture.js'
import { shellFlow } from './secret-flow.js'
import { CERTIFICATE, KEY, ROOT_TOKEN, startVault, type VaultState } from './vault-server.js'

/** Nobody listens there: whoever takes a proxy from the environment fails. */
const NO_PROXY_THERE = {
  HTTP_PROXY: 'http://127.0.0.1:1',
  HTTPS_PROXY: 'http://127.0.0.1:1',
  http_proxy: 'http://127.0.0.1:1',
  NO_PROXY: '',
}

/** Runs a flow whose command writes down the secrets that it got; resolves with what it wrote. */
async function readThrough(vault: { address: string }, refs: readonly string[], env: NodeJS.ProcessEnv = {}, context: object = {}) {
  const names = refs.map((ref, i) => `S${i}: "{{secret.${ref}}}"`)
  const command = `printf '%s\\n' ${refs.map((_, i) => `"$S${i}"`).join(' ')} > seen.txt`
  const project = createProject({
    'flow.yaml': shellFlow({ env: `{ ${names.join(', ')} }`, command }),
    'context/flow_default.json': JSON.stringify(context),
  })
  await project.pype(['build', 'flow.yaml'])
  const login = 'VAULT_ROLE_ID' in env ? {} : { VAULT_TOKEN: ROOT_TOKEN }
  const ended = await project.pype(['run', 'jobs/flow'], { env: { ...NO_PROXY_THERE, VAULT_ADDR: vault.address, ...login, ...env } })
  return { ...ended, seen: existsSync(path.join(project.folder, 'seen.txt')) ? project.read('seen.txt').trimEnd().split('\n') : [] }
}

/** The requests for secrets themselves. */
function readsOf({ requests }: VaultState): readonly string[] {
  return requests.filter((request) => !/sys\/|auth\//.test(request)).sort()
}

describe('secrets from Vault', () => {
  it('come from both versions of KV, from any mount, with one read per path', async () => {
    const vault = await startVault()
    vault.state.secrets.set('/secret/db/main', { user: 'etl-user', password: 'hunter2!', port: 54321 })
    vault.state.secrets.set('/kv1/old', { password: 'of-version-1' })
    vault.state.secrets.set('/team/kv/a b', { password: 'nested-mount' })
    const refs = ['secret/db/main#user', 'secret/db/main#password', 'secret/db/main#port', 'kv1/old#password']
    const { code, seen, stdout, stderr } = await readThrough(vault, refs, { DEBUG: '*' })
    expect({ code, seen }).toEqual({ code: 0, seen: ['etl-user', 'hunter2!', '54321', 'of-version-1'] })
    for (const hidden of ['hunter2!', ROOT_TOKEN]) expect(stdout + stderr).not.toContain(hidden)
    expect(readsOf(vault.state)).toEqual(['GET /v1/kv1/old', 'GET /v1/secret/data/db/main'])
  })

  it('may be called from the mount on that the context names', async () => {
    const vault = await startVault()
    vault.state.secrets.set('/team/kv/db/main', { password: 'hunter2!' })
    const context = { secrets: { provider: 'vault', mount: 'team/kv' } }
    expect(await readThrough(vault, ['db/main#password'], {}, context)).toMatchObject({ code: 0, seen: ['hunter2!'] })
  })

  it('are found without the right to ask what a mount is', async () => {
    const vault = await startVault()
    vault.state.tokens.set('hvs.limited', { may: ['secret/data/db', 'kv1/'], ttl: 0 })
    vault.state.secrets.set('/secret/db/main', { password: 'hunter2!' })
    vault.state.secrets.set('/kv1/old', { password: 'of-version-1' })
    const refs = ['secret/db/main#password', 'kv1/old#password']
    expect(await readThrough(vault, refs, { VAULT_TOKEN: 'hvs.limited' })).toMatchObject({ code: 0, seen: ['hunter2!', 'of-version-1'] })
  })

  it('come by an AppRole login, out of a namespace, over TLS', async () => {
    const vault = await startVault({ tls: 'mutual' })
    vault.state.roles.set('role-1', { secretId: 'secret-id-1', token: 'hvs.of-the-role' })
    vault.state.tokens.set('hvs.of-the-role', { may: ['secret/', 'sys/'], ttl: 1200 })
    vault.state.secrets.set('team-a/secret/db/main', { password: 'hunter2!' })
    const env = {
      VAULT_ROLE_ID: 'role-1',
      VAULT_SECRET_ID: 'secret-id-1',
      VAULT_NAMESPACE: 'team-a',
      VAULT_CACERT: CERTIFICATE,
      VAULT_CLIENT_CERT: CERTIFICATE,
      VAULT_CLIENT_KEY: KEY,
    }
    expect(await readThrough(vault, ['secret/db/main#password'], env)).toMatchObject({ code: 0, seen: ['hunter2!'] })
  })

  it('come from the active server when that which is asked stands by', async () => {
    const [active, standby] = [await startVault(), await startVault()]
    active.state.secrets.set('/secret/db/main', { password: 'hunter2!' })
    standby.state.standby = active.address
    expect(await readThrough(standby, ['secret/db/main#password'])).toMatchObject({ code: 0, seen: ['hunter2!'] })
  })

  it('are not asked for by a flow without any', async () => {
    const vault = await startVault()
    expect(await readThrough(vault, [])).toMatchObject({ code: 0 })
    expect(vault.state.requests).toEqual([])
  })

  it('stay valid in a long run: the token and the leases are renewed', async () => {
    const vault = await startVault()
    const place = new JobPlace()
    vault.state.tokens.set('hvs.short', { ttl: 2 })
    vault.state.leaseSeconds = 2
    vault.state.secrets.set('/database/creds/etl', { username: 'v-etl-1', password: 'made-for-this-run' })
    const renewed = new Set<string>()
    vault.state.onRenewed = (what) => {
      renewed.add(what)
      if (renewed.size === 2) writeFileSync(path.join(place.root, 'go'), '')
    }
    try {
      const job = await place.build(
        'modules: [{ id: work, name: shell, configs: { command: "until [ -e go ]; do sleep 0.05; done", env: { P: "{{secret.database/creds/etl#password}}" }, timeout: 30 } }]\nconnections: { data: [], control: [] }\n',
      )
      const env = { VAULT_ADDR: vault.address, VAULT_TOKEN: 'hvs.short', PATH: process.env.PATH }
      expect(await place.run(job, { env })).toMatchObject({ status: 'completed' })
      expect([...renewed].sort()).toEqual(['database/creds/etl/lease-1', 'token'])
      expect(readsOf(vault.state).filter((request) => request === 'GET /v1/database/creds/etl')).toHaveLength(1)
    } finally {
      place.remove()
    }
  })
})

describe('a request to Vault', () => {
  const read = async (vault: { address: string }, more: NodeJS.ProcessEnv = {}): Promise<unknown> => {
    const place = new JobPlace()
    onTestFinished(() => place.remove())
    const job = await place.build(
      'modules: [{ id: work, name: shell, configs: { command: "true", env: { P: "{{secret.secret/db/main#password}}" } } }]\nconnections: { data: [], control: [] }\n',
    )
    const env = { PATH: process.env.PATH, VAULT_ADDR: vault.address, VAULT_TOKEN: ROOT_TOKEN, ...more }
    return place.run(job, { env }).catch((error: unknown) => error)
  }

  it('is sent again after a fault that passes', async () => {
    const vault = await startVault()
    vault.state.secrets.set('/secret/db/main', { password: 'hunter2!' })
    vault.state.faults.push(412, 'cut', 'none', 503, 'none', 429)
    expect(await read(vault)).toMatchObject({ status: 'completed' })
    const [login, mount, secret] = ['auth/token/lookup-self', 'sys/internal/ui/mounts/secret/db/main', 'secret/data/db/main']
    const asked = [login, login, login, mount, mount, secret, secret].map((api) => `GET /v1/${api}`)
    expect(vault.state.requests).toEqual(asked)
  })

  it('is given up when the fault stays, after as many tries as VAULT_MAX_RETRIES says', async () => {
    const vault = await startVault()
    vault.state.faults.push(500, 502, 500)
    expect(await read(vault, { VAULT_MAX_RETRIES: '1' })).toMatchObject({
      code: 'SECRET_UNREADABLE',
      message: expect.stringContaining('status 502'),
    })
    expect(vault.state.requests).toHaveLength(2)
    expect(await read(vault, { VAULT_MAX_RETRIES: '0' })).toMatchObject({ message: expect.stringContaining('status 500') })
    expect(await read(vault, { VAULT_MAX_RETRIES: 'many' })).toMatchObject({ message: 'VAULT_MAX_RETRIES is no number of retries.' })
  })

  it('is not sent again to a server that is sealed, or does not know it', async () => {
    const vault = await startVault()
    vault.state.faults.push(501)
    expect(await read(vault)).toMatchObject({ message: expect.stringContaining('status 501') })
    vault.state.isSealed = true
    expect(await read(vault)).toMatchObject({ message: expect.stringContaining('is sealed') })
    expect(vault.state.requests).toHaveLength(2)
  })
})

interface Failing {
  readonly env?: { readonly [name: string]: string | undefined }
  readonly tls?: 'server'
  /** Of the address, where the server speaks another one. */
  readonly scheme?: 'https'
  readonly change?: (state: VaultState) => void
  readonly secret?: string
}

describe('a run that cannot have its secrets does not start', () => {
  it.each<[string, Failing, string, string]>([
    ['Vault is sealed', { change: (state) => (state.isSealed = true) }, 'is sealed', 'vault operator unseal'],
    ['the path is forbidden', { env: { VAULT_TOKEN: 'hvs.limited' } }, 'forbids to read "secret/db/main"', 'capability "read"'],
    ['the path is missing', { secret: 'secret/nowhere#password' }, 'no path "secret/nowhere"', 'starts with its mount'],
    ['the field is missing', { secret: 'secret/db/main#pass' }, 'no field "pass" at "secret/db/main" in Vault', 'password'],
    ['the latest version was deleted', { change: (state) => state.deleted.add('secret/db/main') }, 'was deleted', 'undelete'],
    ['the token is wrong', { env: { VAULT_TOKEN: 'hvs.wrong-token' } }, 'does not take the token', 'VAULT_TOKEN'],
    [
      'the login is wrong',
      { env: { VAULT_TOKEN: undefined, VAULT_ROLE_ID: 'role-1', VAULT_SECRET_ID: 'wrong-secret-id' } },
      'refuses the login',
      'have a new one made',
    ],
    ['there is no login', { env: { VAULT_TOKEN: undefined } }, 'no login', 'VAULT_ROLE_ID'],
    ['half of the login is missing', { env: { VAULT_TOKEN: undefined, VAULT_ROLE_ID: 'role-1' } }, 'lacks VAULT_SECRET_ID', 'VAULT_TOKEN'],
    ['the address is missing', { env: { VAULT_ADDR: undefined } }, 'VAULT_ADDR is not set', '"provider": "file"'],
    ['nobody is there', { env: { VAULT_ADDR: 'http://127.0.0.1:1', VAULT_MAX_RETRIES: '0' } }, 'ECONNREFUSED', 'check VAULT_ADDR'],
    [
      'nothing answers in time',
      { change: (state) => (state.isHung = true), env: { VAULT_CLIENT_TIMEOUT: '1' } },
      'no answer within 1 s',
      'VAULT_ADDR',
    ],
    [
      'something else answers',
      { change: (state) => (state.page = { status: 200, text: '<html>welcome</html>' }) },
      'is no Vault: it sends something else than JSON (status 200)',
      'check VAULT_ADDR',
    ],
    [
      'the server takes https only',
      { change: (state) => (state.page = { status: 400, text: 'Client sent an HTTP request to an HTTPS server.\n' }) },
      'takes https only',
      'set VAULT_ADDR to https://127.0.0.1:',
    ],
    ['the server speaks no https', { scheme: 'https', env: { VAULT_MAX_RETRIES: '0' } }, 'EPROTO', 'set VAULT_ADDR to http://127.0.0.1:'],
    ['nobody knows the certificate', { tls: 'server' }, 'cannot be reached', 'VAULT_CACERT'],
    ['the certificate cannot be read', { env: { VAULT_CACERT: '/nowhere.pem' } }, '/nowhere.pem', 'PEM'],
    ['Vault sends its clients round in circles', { change: (state) => (state.standby = '') }, 'cannot be followed', 'active'],
  ])('%s', async (_, { env = {}, tls, scheme, change, secret = 'secret/db/main#password' }, message, hint) => {
    const vault = await startVault(tls === undefined ? {} : { tls })
    vault.state.tokens.set('hvs.limited', { may: ['sys/'], ttl: 0 })
    vault.state.roles.set('role-1', { secretId: 'secret-id-1', token: ROOT_TOKEN })
    vault.state.secrets.set('/secret/db/main', { password: 'hunter2!' })
    change?.(vault.state)
    const place = new JobPlace()
    try {
      const job = await place.build(
        `modules: [{ id: work, name: shell, configs: { command: "touch ran", env: { P: "{{secret.${secret}}}" } } }]\nconnections: { data: [], control: [] }\n`,
      )
      const all = { PATH: process.env.PATH, VAULT_ADDR: vault.address.replace(/^\w+/, scheme ?? '$&'), VAULT_TOKEN: ROOT_TOKEN, ...env }
      const error: unknown = await place.run(job, { env: all }).catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({
        code: 'SECRET_UNREADABLE',
        message: expect.stringContaining(message),
        hint: expect.stringContaining(hint),
      })
      expect(error).not.toHaveProperty('cause')
      const shown = error instanceof Error ? `${error.stack} ${JSON.stringify(error)}` : ''
      for (const hidden of [ROOT_TOKEN, 'hvs.limited', 'hvs.wrong-token', 'wrong-secret-id', 'hunter2!'])
        expect(shown).not.toContain(hidden)
      expect(place.list()).not.toContain('ran')
      expect(readdirSync(path.join(job, 'runs')).filter((name) => !name.startsWith('.'))).toEqual([])
    } finally {
      place.remove()
    }
  })

  it('but may be told to trust any certificate', async () => {
    const vault = await startVault({ tls: 'server' })
    vault.state.secrets.set('/secret/db/main', { password: 'hunter2!' })
    expect(await readThrough(vault, ['secret/db/main#password'], { VAULT_SKIP_VERIFY: 'true' })).toMatchObject({
      code: 0,
      seen: ['hunter2!'],
    })
  })
})
