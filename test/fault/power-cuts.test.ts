import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { Random } from './interrupt/random.js'
import { survivePowerCuts } from './power/power-cuts.js'
import { EVERY_PART } from './resume/every-part.js'
import { prepareBuilt, prepareDrawn } from './resume/fault-flow.js'
import { compileWorker } from './resume/worker-process.js'

const SEED = Number(process.env['PYPE_SEED'] ?? 1)
/** States of each flow from which it is resumed; there are hundreds. */
const STATES = Number(process.env['PYPE_STATES'] ?? 40)
const FLOWS = Number(process.env['PYPE_FLOWS'] ?? 5)

describe('a power cut, and a resume from what it left', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'pype-power-'))
  const worker = compileWorker(path.join(folder, 'worker'))
  let survived = 0
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true })
    console.info(`${survived} states after a power cut survived; none lost or doubled a row`)
  })

  it('ends as if nothing had happened, for a flow with all parts', async () => {
    const flow = await prepareBuilt('the flow with all parts', EVERY_PART, path.join(folder, 'every-part'), worker)
    const states = await survivePowerCuts(flow, path.join(folder, 'every-part'), 3 * STATES, new Random(SEED))
    expect(states).toBeGreaterThanOrEqual(STATES)
    survived += states
  }, 600_000)

  it.each(Array.from({ length: FLOWS }, (_, i) => SEED + i))(
    'ends as if nothing had happened, for the random flow %i',
    async (seed) => {
      const own = path.join(folder, String(seed))
      const flow = await prepareDrawn(seed, own, worker)
      const states = await survivePowerCuts(flow, own, STATES, new Random(seed))
      expect(states).toBeGreaterThan(0)
      survived += states
    },
    600_000,
  )
})
