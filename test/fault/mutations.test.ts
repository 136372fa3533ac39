import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { type Server, startServer } from '../postgres/start-server.js'
import { Random } from './interrupt/random.js'
import { mutateDist } from './mutations/mutated-dist.js'
import { APPENDING, DECIDING, HANDLING, INSERTING, TAKING } from './mutations/small-flows.js'
import { survivePowerCuts } from './power/power-cuts.js'
import type { CountsFlush } from './power/recording-disk.js'
import { doomEverywhere } from './resume/dooms.js'
import type { DrawnFlow } from './resume/draw-flow.js'
import { EVERY_PART } from './resume/every-part.js'
import { prepareBuilt } from './resume/fault-flow.js'
import { Place } from './resume/place.js'
import { survive } from './resume/survive.js'
import { createDatabases } from './resume/tables.js'
import type { Weakness } from './resume/worker/weaken-disk.js'
import { compileWorker, runWorker, type Worker } from './resume/worker-process.js'

const folder = mkdtempSync(path.join(tmpdir(), 'pype-mutations-'))
const worker = compileWorker(path.join(folder, 'worker'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let count = 0
const prepareFlow = (flow: DrawnFlow, one: Worker = worker) => prepareBuilt('the flow', flow, path.join(folder, String(++count)), one)

const KILLED: readonly (readonly [name: string, weakness: Weakness, flow: DrawnFlow])[] = [
  ['the intent', { without: 'record', kind: 'intent' }, APPENDING],
  ['the frozen list', { without: 'record', kind: 'list' }, TAKING],
  ['the frozen decision', { without: 'record', kind: 'settled' }, DECIDING],
  ['the rename', { without: 'rename' }, DECIDING],
]

const UNFLUSHED: readonly (readonly [name: string, counts: CountsFlush])[] = [
  ['the flush of files', ({ kind }) => kind !== 'file'],
  ['the flush of folders', ({ kind }) => kind !== 'folder'],
  ['the flush of the intent', ({ kind, record }) => kind !== 'journal' || record !== 'intent'],
]

const VOIDED = { file: 'src/run/resume/recorded-run.js', line: 'if (provisional === true)\n            return;' }

describe('the protections are real: without', () => {
  it.each(KILLED)(
    '%s, a kill does harm that the tests see',
    async (_, weakness, drawn) => {
      const flow = await prepareFlow(drawn)
      const survived = survive(doomEverywhere(flow), path.join(folder, String(count)), { ...worker, weakness })
      await expect(survived).rejects.toThrow(/killed (before|in the middle of)/)
    },
    120_000,
  )

  it.each(UNFLUSHED)(
    '%s, a power cut does harm that the tests see',
    async (_, counts) => {
      const flow = await prepareFlow(EVERY_PART)
      const survived = survivePowerCuts(flow, path.join(folder, String(count)), Number.POSITIVE_INFINITY, new Random(1), counts)
      await expect(survived).rejects.toThrow(/power cut before/)
    },
    120_000,
  )

  it('the token, a kill does harm that the tests see', async () => {
    const databases = { ...worker, server: await startDatabases() }
    const flow = await prepareFlow(INSERTING, databases)
    const survived = survive(doomEverywhere(flow), path.join(folder, String(count)), { ...databases, weakness: { without: 'token' } })
    await expect(survived).rejects.toThrow(/one\.grown holds/)
  }, 120_000)

  it('the token as the first statement, a kill in a slow commit does harm that the tests see, and with it none', async () => {
    const databases = { ...worker, slow: true, server: await startDatabases() }
    const flow = await prepareFlow(INSERTING, databases)
    const own = path.join(folder, String(count))
    const dooms = [{ flow, stops: [{ on: 'in the middle of database commit' }] }]
    expect((await survive(dooms, path.join(own, 'whole'), databases)).kills).toBe(1)
    const late = survive(dooms, path.join(own, 'late'), { ...databases, weakness: { without: 'first token' } })
    await expect(late).rejects.toThrow(/one\.grown holds/)
  }, 120_000)

  it.each([
    ['intent', 'before append end'],
    ['end', 'before remove spill'],
  ])(
    'the flush of the %s, a power cut lets a database take rows twice, and with it not',
    async (record, on) => {
      const databases = { ...worker, server: await startDatabases() }
      const flow = await prepareFlow(INSERTING, databases)
      const own = path.join(folder, String(count))
      const dooms = [{ flow, stops: [{ on, power: { loss: 'all', seed: 1 } }] }] as const
      expect((await survive(dooms, path.join(own, 'whole'), databases)).kills).toBe(1)
      const unflushed = survive(dooms, path.join(own, 'unflushed'), { ...databases, weakness: { without: 'flush', record } })
      await expect(unflushed).rejects.toThrow(/one\.grown holds/)
    },
    120_000,
  )

  it('the voided error branch, what it stored is that of an earlier failure', async () => {
    expect(await keptOf(worker)).toBe('1\n')
    const dist = mutateDist(path.join(folder, 'mutated'), VOIDED)
    expect(await keptOf(compileWorker(path.join(folder, 'mutated-worker'), dist))).toBe('0\n')
  }, 120_000)
})

let server: Promise<Server> | undefined
afterAll(async () => (await server)?.stop())

function startDatabases(): Promise<Server> {
  server ??= startServer().then(async (started) => {
    await createDatabases(started)
    return started
  })
  return server
}

/** What the branch behind a failure has kept, after the run was killed at its end and resumed. */
async function keptOf(one: Worker): Promise<string> {
  const flow = await prepareFlow(HANDLING, one)
  const place = await Place.create(path.join(folder, String(count), 'kept'), flow.flow.files)
  await runWorker(one, { tasks: [place.task(flow.job, false)], stop: { on: 'before append end' } })
  await runWorker(one, { tasks: [place.task(flow.job, true)] })
  return readFileSync(path.join(place.folder, 'kept.csv'), 'utf8')
}
