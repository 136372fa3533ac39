/** Kills and resumes runs of random flows, with two databases or on files only: `npm run soak -- --kills 5000 --seed 7 --files`. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { startServer } from '../postgres/start-server.js'
import { describeSurvival } from './resume/describe-survival.js'
import { surviveDrawn } from './resume/survive.js'
import { createDatabases } from './resume/tables.js'
import { compileWorker } from './resume/worker-process.js'

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '5000' },
    files: { type: 'boolean', default: false },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
})
const server = values.files ? undefined : await startServer()
if (server !== undefined) await createDatabases(server)
const folder = mkdtempSync(path.join(tmpdir(), 'pype-soak-'))
process.stdout.write(`seed ${values.seed}, in ${folder}\n`)
const survival = await surviveDrawn({
  kills: Number(values.kills),
  seed: Number(values.seed),
  folder,
  worker: { ...compileWorker(path.join(folder, 'worker')), ...(server === undefined ? {} : { server }) },
  onFlow: (kills) => process.stdout.write(`\r${kills} kills`),
})
await server?.stop()
rmSync(folder, { recursive: true, force: true })
process.stdout.write(`\r${describeSurvival([survival])}\n`)
