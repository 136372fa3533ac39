import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { Random } from './interrupt/random.js'
import { APPENDING, DECIDING, TAKING } from './mutations/small-flows.js'
import { survivePowerCuts } from './power/power-cuts.js'
import type { CountsFlush } from './power/recording-disk.js'
import { doomEverywhere } from './resume/dooms.js'
import type { DrawnFlow } from './resume/draw-flow.js'
import { EVERY_PART } from './resume/every-part.js'
import { prepareBuilt } from './resume/fault-flow.js'
import { survive } from './resume/survive.js'
import type { Weakness } from './resume/worker/weaken-disk.js'
import { compileWorker } from './resume/worker-process.js'

const folder = mkdtempSync(path.join(tmpdir(), 'pype-mutations-'))
const worker = compileWorker(path.join(folder, 'worker'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let count = 0
const prepareFlow = (flow: DrawnFlow) => prepareBuilt('the flow', flow, path.join(folder, String(++count)), worker)

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
})
