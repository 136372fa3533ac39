import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { withholdPassword } from '../../../src/core/database-connection/password.js'
import { type ConnectionSpec, findConnectionFault, labelConnection, parseConnection } from '../../../src/core/database-connection/spec.js'
import { PypeError } from '../../../src/core/errors.js'

const SPEC: ConnectionSpec = {
  system: 'postgres',
  host: 'db.example',
  port: 5432,
  database: 'warehouse',
  user: 'etl',
  password: undefined,
  ssl: false,
  options: {},
  tokenTable: undefined,
}

describe('a connection is read from', () => {
  it.each([
    ['postgres://etl@db.example/warehouse', {}],
    ['postgresql://etl:p%40ss%2Fword@db.example:6543/warehouse', { port: 6543, password: 'p@ss/word' }],
    ['postgres://etl@[::1]/warehouse', { host: '::1' }],
    ['postgres://etl@%2Frun%2Fpostgresql/warehouse', { host: '/run/postgresql' }],
    ['postgres://etl@db.example/warehouse?sslmode=require', { ssl: { rejectUnauthorized: false } }],
    ['postgres://etl@db.example/warehouse?sslmode=verify-full', { ssl: true }],
    ['postgres://etl@db.example/warehouse?sslmode=verify-full&sslrootcert=ca.pem', { ssl: { rejectUnauthorized: true, ca: 'ca.pem' } }],
    [
      'postgres://etl@db.example/warehouse?application_name=load&options=-c%20search_path%3Da%5C%20b%20--work-mem=4MB&token_table=audit.tokens',
      { options: { search_path: 'a b', work_mem: '4MB', application_name: 'load' }, tokenTable: 'audit.tokens' },
    ],
  ])('the URL %s', (url, more) => {
    expect(parseConnection(url)).toEqual({ ...SPEC, ...more })
  })

  it('an object, with numbers as they come out of an environment', () => {
    const read = parseConnection({
      host: 'db.example',
      port: '6543',
      database: 'warehouse',
      user: 'etl',
      password: null,
      ssl: { ca: 'ca.pem' },
      options: { work_mem: 4 },
    })
    expect(read).toEqual({ ...SPEC, port: 6543, ssl: { rejectUnauthorized: true, ca: 'ca.pem' }, options: { work_mem: '4' } })
  })
})

describe('a connection is refused', () => {
  const whole = { host: 'h', database: 'd', user: 'u' }

  it.each<[unknown, string]>([
    ['mysql://u@h/d', 'a text that is no URL of a database'],
    ['postgres://u:hunter2@x@h/d', 'a URL that cannot be taken apart'],
    ['postgres://u:hun?ter2@h/d', 'a URL that cannot be taken apart'],
    ['postgres://u:100%@h/d', 'a URL whose password has a % that is no percent-encoding'],
    ['postgres://h/d', 'one without a user'],
    ['postgres://u@h', 'one without a database'],
    ['postgres://u@/d', 'one without a host'],
    ['postgres://u@h:0/d', 'one whose port is no whole number from 1 to 65535'],
    ['postgres://u@h/d?ssl_mode=require', 'a URL with the unknown parameter "ssl_mode"'],
    ['postgres://u@h/d?sslmode=prefer', 'one whose sslmode is not known'],
    ['postgres://u@h/d?sslrootcert=ca.pem', 'a URL with an sslrootcert that nothing is checked against'],
    ['postgres://u@h/d?options=work_mem', 'a URL whose options are not of the form -c name=value'],
    [{ ...whole, hots: 'h' }, 'an object with the unknown key "hots"'],
    [{ ...whole, password: 12345 }, 'one whose password is no text'],
    [{ ...whole, ssl: { verify: true } }, 'one whose ssl has the unknown key "verify"'],
    [{ ...whole, options: { 'a b': 1 } }, 'one with an option called "a b"'],
    [null, 'no value'],
    [[], 'neither a URL nor an object'],
  ])('%j', (value, found) => {
    expect(findConnectionFault(value)).toBe(found)
  })

  it('with a hint, and without its password in the message', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 5 }), (password) => {
        try {
          parseConnection(`postgres://u:${password}ßß@host:1/db`)
        } catch (error) {
          if (!(error instanceof PypeError)) throw error
          expect(error.code).toBe('DATABASE_CONNECTION_INVALID')
          expect(error.message + error.hint).not.toContain('ßß')
        }
      }),
    )
  })
})

it('a label names who logs in and where, and no password', () => {
  const label = (url: string) => labelConnection(parseConnection(url))
  expect(label('postgres://etl:hunter2@db.example/warehouse?sslmode=require')).toBe('postgres://etl@db.example:5432/warehouse')
  expect(label('postgres://a%40b@[::1]:1/d')).toBe('postgres://a%40b@[::1]:1/d')
})

it('a password that is written out is taken from a connection, and a template stays', () => {
  expect(withholdPassword('postgres://u:hunter2@{{context.h}}/d')).toEqual({ written: 'postgres://u@{{context.h}}/d', withheld: true })
  expect(withholdPassword({ user: 'u', password: 'hunter2' })).toEqual({ written: { user: 'u' }, withheld: true })
  for (const kept of ['postgres://u:{{secret.a/b#c}}@h/d', 'postgres://u@h/d', '{{context.warehouse}}']) {
    expect(withholdPassword(kept)).toEqual({ written: kept, withheld: false })
  }
})
