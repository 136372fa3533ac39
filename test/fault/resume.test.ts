import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Server, startServer } from '../postgres/start-server.js'
import { describeSurvival } from './resume/describe-survival.js'
import { doomEverywhere } from './resume/dooms.js'
import { EVERY_PART } from './resume/every-part.js'
import { EVERY_TABLE } from './resume/every-table.js'
import { prepareBuilt } from './resume/fault-flow.js'
import { type Survival, survive, surviveDrawn } from './resume/survive.js'
import { createDatabases } from './resume/tables.js'
import { compileWorker } from './resume/worker-process.js'

const SEED = Number(process.env['PYPE_SEED'] ?? 1)
/** On one version of Node all of them. */
const KILLS = Number(process.env['PYPE_KILLS'] ?? (Number(process.versions.node.split('.')[0]) === 20 ? 500 : 50))
const MINUTES = 60_000

describe('a run that is killed and resumed ends as if nothing had happened', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'pype-fault-'))
  const worker = compileWorker(path.join(folder, 'worker'))
  let server: Server | undefined
  beforeAll(async () => {
    server = await startServer()
    await createDatabases(server)
  })
  const survived: Survival[] = []
  afterAll(async () => {
    await server?.stop()
    rmSync(folder, { recursive: true, force: true })
    console.info(describeSurvival(survived))
  })

  it.runIf(KILLS >= 500)(
    'at every point of a flow with all parts',
    async () => {
      const flow = await prepareBuilt('the flow with all parts', EVERY_PART, path.join(folder, 'every-part'), worker)
      survived.push(await survive(doomEverywhere(flow), path.join(folder, 'every-part'), worker))
    },
    10 * MINUTES,
  )

  it.runIf(KILLS >= 500)(
    'at every point of a flow with two databases and cursors',
    async () => {
      const databases = { ...worker, ...(server && { server }) }
      const flow = await prepareBuilt('the flow with all tables', EVERY_TABLE, path.join(folder, 'every-table'), databases)
      survived.push(await survive(doomEverywhere(flow), path.join(folder, 'every-table'), databases))
    },
    10 * MINUTES,
  )

  it(
    'anywhere in random flows with two databases, and again while it is resumed',
    async () => {
      const left = Math.max(Math.min(KILLS, 50), KILLS - survived.reduce((sum, { kills }) => sum + kills, 0))
      const survival = await surviveDrawn({
        kills: left,
        seed: SEED,
        folder: path.join(folder, 'drawn'),
        worker: { ...worker, ...(server && { server }) },
      })
      survived.push(survival)
      expect(survival.kills).toBeGreaterThanOrEqual(left)
    },
    30 * MINUTES,
  )
})
