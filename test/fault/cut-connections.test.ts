import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kindOfStatement } from '../postgres/kind-of.js'
import { type Fault, PostgresProxy } from '../postgres/proxy.js'
import { type Server, startServer } from '../postgres/start-server.js'
import { EVERY_TABLE } from './resume/every-table.js'
import { type FaultFlow, prepareBuilt } from './resume/fault-flow.js'
import { Place } from './resume/place.js'
import { createDatabases, SECRETS, Tables } from './resume/tables.js'
import { listDifferences } from './resume/victim.js'
import { goOn } from './resume/worker/go-on.js'
import { compileWorker } from './resume/worker-process.js'

/** Kinds of statements that are always cut; of the others one in so many. */
const ALWAYS = /^(BEGIN|COMMIT|SET CONSTRAINTS|WITH locked|COPY)/
const STRIDE = Number(process.env['PYPE_STRIDE'] ?? 20)

const folder = mkdtempSync(path.join(tmpdir(), 'pype-cut-'))
let server: Server
let proxy: PostgresProxy
let flow: FaultFlow

beforeAll(async () => {
  Object.assign(process.env, SECRETS)
  server = await startServer()
  await createDatabases(server)
  proxy = await PostgresProxy.start(server)
  flow = await prepareBuilt('the flow with all tables', EVERY_TABLE, folder, { ...compileWorker(path.join(folder, 'worker')), server })
}, 120_000)
afterAll(async () => {
  await proxy.stop()
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
})

describe('a run whose connections are cut', () => {
  it.each(['cut before', 'cut after'] as const)(
    'has the targets of an undisturbed one when it was resumed (%s)',
    async (fault) => {
      const kinds = await listStatements()
      expect(kinds.size).toBeGreaterThan(8)
      // Rows on their way into a table.
      expect(kinds).toContain('COPY DATA')
      for (const [index, kind] of [...kinds].entries()) if (ALWAYS.test(kind) || index % STRIDE === 0) await survive(kind, fault)
    },
    300_000,
  )
})

/** The statements of an undisturbed run, as far as they differ in how they begin. */
async function listStatements(): Promise<ReadonlySet<string>> {
  const kinds = new Set<string>()
  await run('none', (statement) => {
    kinds.add(kindOf(statement))
    return 'pass'
  })
  return kinds
}

/** Cuts the connection at the first statement of a kind, and resumes. */
async function survive(kind: string, fault: Fault): Promise<void> {
  let hasCut = false
  const faults = await run(`${fault} ${kind}`, (statement) => {
    if (hasCut || kindOf(statement) !== kind) return 'pass'
    hasCut = true
    return fault
  })
  expect([faults, hasCut], `${fault}: ${kind}`).toEqual([[], true])
}

let count = 0

async function run(name: string, decide: PostgresProxy['decide']): Promise<string[]> {
  const tables = new Tables({ ...server, proxied: proxy.port }, `cut_${++count}`)
  const place = await Place.create(path.join(folder, String(count)), {}, tables)
  proxy.decide = decide
  const first = await goOn(place.task(flow.job, false))
  proxy.decide = () => 'pass'
  const last = first.status === 'completed' ? first : await goOn(place.task(flow.job, true))
  const faults = listDifferences(flow.targets, await place.snapshot())
  return [...(last.status === 'completed' ? [] : [`${name}: ${JSON.stringify([first.errors, last.errors])}`]), ...faults]
}

/** What a statement begins with, without what differs between runs. */
function kindOf(statement: string): string {
  return kindOfStatement(statement.replaceAll(/"?cut_\d+"?/g, '')).slice(0, 40)
}
