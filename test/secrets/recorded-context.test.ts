import { expect, it } from 'vitest'
import type { JsonObject } from '../../src/core/json.js'
import { renderContext } from '../../src/run/job/render-context.js'
import { Masker } from '../../src/run/secrets/masker.js'
import { recordContext, restoreContext } from '../../src/run/secrets/recorded-context.js'

const ENV = { HOST: 'db.example', PASSWORD: 'from-env', SHORT: 'ab' }
const WRITTEN = {
  limit: 5,
  folder: '/data/{{env.HOST}}',
  braces: 'a \\{{ b',
  secret: { host: '{{env.HOST}}', password: '{{secret.db#password}}' },
  from_env: 'postgres://etl:{{env.PASSWORD}}@h/d',
  short_env: 'postgres://etl:{{env.SHORT}}@h/d',
  plain: 'postgres://etl:hunter2@h/d',
  short: { host: 'h', database: 'd', user: 'etl', password: 'pw' },
  mixed: 'postgres://etl:pw@{{env.HOST}}/d',
  not_encoded: 'postgres://etl:p@ss@h/d',
}

function read(written: JsonObject) {
  return renderContext(
    Object.entries(written).map(([name, value]) => ({ name, value, where: name })),
    ENV,
  )
}

function record(set: JsonObject = {}) {
  const masker = new Masker()
  for (const password of ['from-env', 'hunter2']) masker.add(password)
  return recordContext({ name: 'default', ...read(WRITTEN), set }, masker)
}

it('the journal gets a context without passwords, however short, and without secrets', () => {
  expect(record({ plain: WRITTEN.plain, limit: 5 })).toEqual({
    context: { limit: 5, folder: '/data/db.example', braces: 'a {{ b' },
    sealed_context: { secret: WRITTEN.secret, from_env: WRITTEN.from_env, short_env: WRITTEN.short_env },
    withheld_context: ['plain', 'short', 'mixed', 'not_encoded'],
    withheld_connections: {
      plain: 'postgres://etl@h/d',
      short: { host: 'h', database: 'd', user: 'etl' },
      mixed: 'postgres://etl@{{env.HOST}}/d',
    },
    set: { limit: 5 },
  })
})

it('a context is restored with the recorded values, and the passwords of now', () => {
  const recorded = JSON.parse(JSON.stringify(record()))
  const now = read({ ...WRITTEN, limit: 6, plain: 'postgres://etl:changed@h/d' })
  const restored = restoreContext(recorded, now, ENV)
  expect(restored.values).toEqual({ ...read(WRITTEN).values, plain: 'postgres://etl:changed@h/d' })
  expect(restored.written).toMatchObject({ secret: WRITTEN.secret, from_env: WRITTEN.from_env, mixed: WRITTEN.mixed })
})
