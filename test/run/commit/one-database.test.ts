import { writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Connection } from '../../../src/sdk/database.js'
import { PostgresProxy } from '../../postgres/proxy.js'
import { createDatabase, type TestDatabase } from '../../postgres/server.js'
import { NOTHING } from '../checkpoint/commit-fixture.js'
import { replayWhole } from '../checkpoint/journal/replay-whole.js'
import { DatabasePlace, execute } from './database-fixture.js'

let place: DatabasePlace
let database: TestDatabase
let proxy: PostgresProxy
let connection: Connection

beforeEach(async () => {
  place = new DatabasePlace()
  database = await createDatabase()
  await database.query('CREATE TABLE t (x int PRIMARY KEY DEFERRABLE INITIALLY DEFERRED, at text)')
  proxy = await PostgresProxy.start(database)
  connection = place.connection({ ...database.spec, port: proxy.port })
})
afterEach(async () => {
  await place.close()
  await proxy.stop()
})

const rows = async () => (await database.query('SELECT x FROM t ORDER BY x')).map(({ x }) => x)
const tokens = async () => (await database.query('SELECT run, sub_flow, frame FROM pype_commits')).map((row) => ({ ...row }))
const replayed = () => replayWhole(`${place.runs}/run1/journal.log`)

describe('the nodes of a sub flow with equal connections', () => {
  it('share one transaction and one token, which commit with the files', async () => {
    const staging = place.staging()
    await execute(staging, 'n1', connection, 'INSERT INTO t VALUES (1)')
    await execute(staging, 'n2', connection, 'INSERT INTO t VALUES (2)')
    writeFileSync(await staging.stageFile('n3', 'out.csv', 'replace'), 'new')
    expect(await rows()).toEqual([])
    await staging.commit(NOTHING)
    expect(await rows()).toEqual([1, 2])
    expect(await tokens()).toEqual([{ run: 'run1', sub_flow: 'a', frame: '' }])
    expect(place.snapshot()).toEqual({ 'out.csv': 'new' })
    expect(replayed().completed.has('a')).toBe(true)
  })

  it('write in their order of declaration, and what was kept for the end comes last', async () => {
    const staging = place.staging()
    for (const node of ['n1', 'n2', 'n3']) staging.enter(node, [connection])
    const signal = new AbortController().signal
    const insert = async (node: string) => {
      const transaction = await staging.transaction(node, connection, signal)
      transaction.finally(async (session) => {
        await session.script(`INSERT INTO steps (step) VALUES ('${node} last')`)
      })
      await transaction.perform((session) => session.script(`INSERT INTO steps (step) VALUES ('${node}')`))
      staging.leave(node)
    }
    await database.query('CREATE TABLE steps (id serial, step text)')
    await Promise.all(['n3', 'n2', 'n1'].map(insert))
    await staging.commit(NOTHING)
    const steps = await database.query('SELECT step FROM steps ORDER BY id')
    expect(steps.map(({ step }) => step)).toEqual(['n1', 'n2', 'n3', 'n1 last', 'n2 last', 'n3 last'])
  })

  it('leave nothing when the attempt is rolled back', async () => {
    const staging = place.staging()
    await execute(staging, 'n1', connection, 'INSERT INTO t VALUES (1)')
    await staging.rollback()
    expect([await rows(), await tokens()]).toEqual([[], []])
  })

  it('cannot use a session after their turn', async () => {
    const staging = place.staging()
    const transaction = await staging.transaction('n1', connection, new AbortController().signal)
    const kept = await transaction.perform(async (session) => session)
    await expect(kept.query('SELECT 1')).rejects.toMatchObject({ code: 'MODULE_FAILED', node: 'n1' })
    await staging.rollback()
  })
})

describe('a constraint that is checked at the commit', () => {
  it('fails the sub flow before its intent is written', async () => {
    const staging = place.staging()
    await execute(staging, 'n1', connection, 'INSERT INTO t VALUES (1), (1)')
    await expect(staging.commit(NOTHING)).rejects.toMatchObject({ code: 'CONSTRAINT_VIOLATED', node: 'n1' })
    await staging.rollback()
    expect(await rows()).toEqual([])
    expect(replayed().openIntents.size).toBe(0)
  })
})

it('a second database that no sink writes to is refused before anything commits', async () => {
  const other = await createDatabase()
  const staging = place.staging()
  await execute(staging, 'n1', connection, 'INSERT INTO t VALUES (1)')
  await execute(staging, 'n2', place.connection(other.spec), 'CREATE TABLE made (x int)')
  await expect(staging.commit(NOTHING)).rejects.toMatchObject({ code: 'MODULE_FAILED', node: 'n1' })
  await staging.rollback()
  expect([await rows(), await other.query(`SELECT to_regclass('made') AS made`)]).toEqual([[], [{ made: null }]])
})

describe('a connection that is lost at the COMMIT', () => {
  async function stageBoth() {
    const staging = place.staging()
    await execute(staging, 'n1', connection, 'INSERT INTO t VALUES (1)')
    writeFileSync(await staging.stageFile('n2', 'out.csv', 'replace'), 'new')
    return staging
  }

  it('after it was done, is settled by asking: the sub flow is finished', async () => {
    const staging = await stageBoth()
    proxy.decide = (statement) => (statement === 'COMMIT' ? cutOnce('cut after') : 'pass')
    await staging.commit(NOTHING)
    expect(await rows()).toEqual([1])
    expect(place.snapshot()).toEqual({ 'out.csv': 'new' })
    expect(replayed().completed.has('a')).toBe(true)
  })

  it('before it was done, is settled by asking: the intent is given up and nothing is left', async () => {
    const staging = await stageBoth()
    proxy.decide = (statement) => (statement === 'COMMIT' ? cutOnce('cut before') : 'pass')
    await expect(staging.commit(NOTHING)).rejects.toMatchObject({ code: 'DATABASE_UNREACHABLE' })
    await staging.rollback()
    expect(await rows()).toEqual([])
    expect(place.snapshot()).toEqual({})
    expect(replayed().openIntents.size).toBe(0)
    expect(replayed().completed.size).toBe(0)
  })

  it('before it was done, leaves its targets to other sub flows, and those that they had to them', async () => {
    const append = async (name: string) => {
      const staging = place.staging(name)
      writeFileSync(await staging.stageFile('n3', 'log.csv', 'append'), `${name}\n`)
      return staging
    }
    await (await append('before')).commit(NOTHING)
    const staging = await append('a')
    await execute(staging, 'n1', connection, 'INSERT INTO t VALUES (1)')
    writeFileSync(await staging.stageFile('n2', 'out.csv', 'replace'), 'new')
    proxy.decide = (statement) => (statement === 'COMMIT' ? cutOnce('cut before') : 'pass')
    await expect(staging.commit(NOTHING)).rejects.toMatchObject({ code: 'DATABASE_UNREACHABLE' })
    await staging.rollback()

    const other = place.staging('instead')
    writeFileSync(await other.stageFile('n1', 'out.csv', 'replace'), 'other')
    await other.commit(NOTHING)
    expect(place.snapshot()).toEqual({ 'log.csv': 'before\n', 'out.csv': 'other' })
    await expect(place.staging('again').stageFile('n1', 'log.csv', 'replace')).rejects.toMatchObject({ code: 'TARGET_CLASH' })
  })

  for (const fault of ['leave before', 'leave after'] as const) {
    it(`by a server that stays away (${fault} it) leaves the intent to the next start, which asks`, async () => {
      const staging = await stageBoth()
      proxy.decide = (statement) => (statement === 'COMMIT' ? fault : 'pass')
      await expect(staging.commit(NOTHING)).rejects.toMatchObject({ code: 'COMMIT_UNFINISHED' })
      await staging.rollback()
      expect(replayed().openIntents.size).toBe(1)
      await expect(place.settle()).rejects.toMatchObject({ code: 'COMMIT_UNFINISHED' })
      expect(replayed().openIntents.size).toBe(1)
      proxy.decide = () => 'pass'
      proxy.comeBack()
      await place.settle()
      expect(replayed().openIntents.size).toBe(0)
      expect(replayed().completed.has('a')).toBe(fault === 'leave after')
      expect(await rows()).toEqual(fault === 'leave after' ? [1] : [])
      expect(place.snapshot()).toEqual(fault === 'leave after' ? { 'out.csv': 'new' } : {})
    })
  }

  let cuts = 0
  beforeEach(() => {
    cuts = 0
  })
  function cutOnce(fault: 'cut before' | 'cut after') {
    return cuts++ === 0 ? fault : 'pass'
  }
})
