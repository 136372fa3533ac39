import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Server, startServer } from '../postgres/start-server.js'
import { Random } from './interrupt/random.js'
import { surviveCuts } from './power/survive-cuts.js'
import { describeSurvival } from './resume/describe-survival.js'
import { EVERY_TABLE } from './resume/every-table.js'
import { prepareBuilt, prepareDrawn } from './resume/fault-flow.js'
import type { Survival } from './resume/survive.js'
import { createDatabases } from './resume/tables.js'
import { compileWorker, type Worker } from './resume/worker-process.js'

const SEED = Number(process.env['PYPE_SEED'] ?? 1)
/** Power cuts in the flow with all tables; there are hundreds. Fewer than these would leave out a kind of step around commits. */
const STATES = Math.max(28, Number(process.env['PYPE_STATES'] ?? 0))
const FLOWS = Number(process.env['PYPE_FLOWS'] ?? 2)

describe('a power cut of a machine whose databases are elsewhere, and a resume', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'pype-power-databases-'))
  let server: Server
  let worker: Worker
  beforeAll(async () => {
    server = await startServer()
    await createDatabases(server)
    worker = { ...compileWorker(path.join(folder, 'worker')), server }
  })
  const survived: Survival[] = []
  afterAll(async () => {
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
    console.info(describeSurvival(survived))
  })

  it('end as if nothing had happened, for a flow with two databases, files and cursors', async () => {
    const own = path.join(folder, 'every-table')
    const flow = await prepareBuilt('the flow with all tables', EVERY_TABLE, own, worker)
    const survival = await surviveCuts(flow, own, STATES, new Random(SEED), worker)
    survived.push(survival)
    const around = ['append intent', 'database commit', 'append completed', 'append end', 'database forgetTokens']
    expect([...survival.steps.keys()]).toEqual(expect.arrayContaining(around))
  }, 600_000)

  it.each(Array.from({ length: FLOWS }, (_, i) => SEED + i))(
    'end as if nothing had happened, for the random flow %i',
    async (seed) => {
      const own = path.join(folder, String(seed))
      const flow = await prepareDrawn(seed, own, worker)
      survived.push(await surviveCuts(flow, own, Math.ceil(STATES / 4), new Random(seed), worker))
    },
    600_000,
  )
})
