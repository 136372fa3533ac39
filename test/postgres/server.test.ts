import { expect, test } from 'vitest'
import { createDatabase } from './server.js'

test('a test gets a database of its own, in UTF-8', async () => {
  const [one, two] = await Promise.all([createDatabase(), createDatabase()])
  await one.query('CREATE TABLE t (x int)')
  expect(await one.query(`SELECT count(*)::int AS n, current_setting('server_encoding') AS encoding FROM t`)).toEqual([
    { n: 0, encoding: 'UTF8' },
  ])
  expect(await two.query(`SELECT to_regclass('t') AS t`)).toEqual([{ t: null }])
})
