import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ConnectionSpec } from '../../../src/core/database-connection/spec.js'
import { PypeError } from '../../../src/core/errors.js'
import type { Json, JsonObject } from '../../../src/core/json.js'
import type { Database } from '../../../src/database/database.js'
import { DatabaseConnections } from '../../../src/run/database-connections/database-connections.js'
import { renderContext } from '../../../src/run/job/render-context.js'
import type { Lookup } from '../../../src/run/templating/lookup.js'

/** Connections that note what is opened and closed. */
function createDatabaseConnections(candidates: readonly Json[] = []) {
  const opened: ConnectionSpec[] = []
  const closed: ConnectionSpec[] = []
  const passwords: string[] = []
  const connections = new DatabaseConnections({
    openDatabase: (spec) => {
      opened.push(spec)
      const database: Partial<Database> = {
        close: async () => {
          closed.push(spec)
        },
      }
      return database as Database
    },
    cwd: '/',
    candidates,
    onPassword: (password) => passwords.push(password),
  })
  return { connections, opened, closed, passwords }
}

interface World {
  readonly context?: JsonObject
  readonly env?: { readonly [name: string]: string }
  readonly secrets?: { readonly [path: string]: string }
  /** Values of globals, by `node__name`. */
  readonly globals?: { readonly [name: string]: string }
}

function createLookup({ context = {}, env = {}, secrets = {}, globals = {} }: World): Lookup {
  const texts = Object.entries(context).map(([name, value]) => ({ name, value, where: name }))
  const { values, written } = renderContext(texts, env)
  return (ref) => {
    switch (ref.scope) {
      case 'env':
        return { kind: 'json', value: env[ref.name] ?? '' }
      case 'secret':
        return { kind: 'secret', value: secrets[`${ref.path}#${ref.field}`] ?? '' }
      case 'context': {
        const kept = written[ref.name]
        const value = values[ref.name]
        if (value !== undefined) return { kind: 'json', value, ...(kept === undefined ? {} : { written: kept }) }
        if (kept !== undefined) return { kind: 'sealed', written: kept }
        throw new PypeError('CONTEXT_MISSING', ref.name)
      }
      case 'global':
        return { kind: 'typed', value: { type: 'VARCHAR', text: globals[`${ref.node}__${ref.name}`] ?? null } }
      default:
        throw new PypeError('TEMPLATE_VALUE', ref.scope)
    }
  }
}

const URL = 'postgres://etl:{{secret.db/main#password}}@{{env.DB_HOST}}/warehouse'
const SECRETS = { 'db/main#password': 'p@ss/w#rd: %7B{{x}}?' }
const ENV = { DB_HOST: 'db.example' }

describe('connections', () => {
  it('are one and the same when they are equal after rendering, and share one database', () => {
    const { connections, opened } = createDatabaseConnections()
    const lookup = createLookup({ context: { warehouse: URL }, env: ENV, secrets: SECRETS })
    const a = connections.resolve('{{context.warehouse}}', lookup)
    const b = connections.resolve(
      { host: 'db.example', port: 5432, database: 'warehouse', user: 'etl', password: '{{secret.db/main#password}}' },
      lookup,
    )
    expect(b).toBe(a)
    expect(a).toEqual({ kind: 'connection', system: 'postgres', label: 'postgres://etl@db.example:5432/warehouse' })
    expect(connections.databaseOf(b)).toBe(connections.databaseOf(a))
    expect(opened.map(({ password }) => password)).toEqual([SECRETS['db/main#password']])
  })

  it('differ when anything does', () => {
    const { connections } = createDatabaseConnections()
    const lookup = createLookup({})
    const urls = ['a:p@h/d', 'b:p@h/d', 'a:q@h/d', 'a:p@i/d', 'a:p@h:1/d', 'a:p@h/e', 'a:p@h/d?sslmode=require', 'a:p@h/d?options=-cx=1']
    expect(new Set(urls.map((url) => connections.resolve(`postgres://${url}`, lookup))).size).toBe(urls.length)
  })

  it('take a value apart from the URL that it stands in, whatever it holds', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), fc.string({ minLength: 1 }), (password, database) => {
        fc.pre(!`${password}${database}`.includes('\0') && !/[\ud800-\udfff]/.test(password.replace(/[\ud800-\udbff][\udc00-\udfff]/g, '')))
        const { connections, opened } = createDatabaseConnections()
        const lookup = createLookup({ env: { PASSWORD: password }, globals: { a__name: database } })
        const connection = connections.resolve('postgres://u:{{env.PASSWORD}}@h/{{a__name}}?sslmode=require', lookup)
        connections.databaseOf(connection)
        const later = createDatabaseConnections()
        later.connections.open(connections.sealedOf(connection), createLookup({ env: { PASSWORD: password } }))
        expect(opened).toMatchObject([{ host: 'h', user: 'u', password, database, ssl: { rejectUnauthorized: false } }])
        expect(later.opened).toEqual(opened)
      }),
    )
  })

  it('are sealed without secrets, values of the environment and passwords, and opened again from there', () => {
    const written: readonly Json[] = [
      URL,
      '{{context.whole}}',
      'postgres://etl:{{context.password}}@{{env.DB_HOST}}/warehouse',
      { host: '{{env.DB_HOST}}', database: '{{a__name}}', user: 'etl', password: '{{context.password}}' },
      '{{context.plain}}',
      '{{context.object}}',
    ]
    const context = {
      whole: URL,
      password: 'pre{{secret.db/main#password}}',
      plain: 'postgres://etl:hunter2@db.example/plain',
      object: { host: 'db.example', database: 'object', user: 'etl', password: 'hunter2' },
    }
    const world = { context, env: ENV, secrets: SECRETS }
    const candidates = ['{{context.whole}}', '{{context.plain}}', '{{context.object}}']
    const first = createDatabaseConnections(candidates)
    const lookup = createLookup({ ...world, globals: { a__name: '{{env.HOME}}' } })
    for (const value of written) {
      const connection = first.connections.resolve(value, lookup)
      const sealed = first.connections.sealedOf(connection)
      const later = createDatabaseConnections(candidates)
      later.connections.open(JSON.parse(JSON.stringify(sealed)), createLookup(world))
      const text = JSON.stringify(sealed.written)
      for (const hidden of ['p@ss', 'p%40ss', 'hunter2', 'db.example'].slice(0, value === written[4] || value === written[5] ? 3 : 4)) {
        expect(text).not.toContain(hidden)
      }
      const of = createDatabaseConnections()
      of.connections.databaseOf(of.connections.resolve(value, lookup))
      expect(later.opened).toEqual(of.opened)
    }
  })

  it('cannot be opened when the password that was withheld has gone from the context', () => {
    const { connections } = createDatabaseConnections()
    const connection = connections.resolve('postgres://etl:hunter2@h/d', createLookup({}))
    const error = (() => {
      try {
        return connections.open(connections.sealedOf(connection), createLookup({}))
      } catch (thrown) {
        return thrown
      }
    })()
    expect(error).toMatchObject({ code: 'DATABASE_CONNECTION_INVALID', message: expect.stringContaining('postgres://etl@h:5432/d') })
  })

  it('tell every password, and are closed once', async () => {
    const { connections, closed, passwords } = createDatabaseConnections()
    const lookup = createLookup({ env: { PW: 'from-env' } })
    connections.databaseOf(connections.resolve('postgres://etl:{{env.PW}}@h/d', lookup))
    connections.databaseOf(connections.resolve('postgres://etl:{{env.PW}}@h/d', lookup))
    await connections.close()
    await connections.close()
    expect(passwords).toContain('from-env')
    expect(closed).toHaveLength(1)
  })

  it('of another run are refused', () => {
    const { connections } = createDatabaseConnections()
    expect(() => connections.databaseOf({ kind: 'connection', system: 'postgres', label: 'x' })).toThrow('did not give it')
  })
})
