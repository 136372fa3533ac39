import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { Random } from './interrupt/random.js'
import { buildDrawn, type DrawnFlow, drawFlow } from './resume/draw-flow.js'
import { BROKEN } from './resume/draw-unit.js'
import { Place } from './resume/place.js'
import { listDifferences } from './resume/victim.js'
import { goOn } from './resume/worker/go-on.js'

const SEED = Number(process.env['PYPE_SEED'] ?? 1)
const FLOWS = Number(process.env['PYPE_FLOWS'] ?? 25)

const folder = mkdtempSync(path.join(tmpdir(), 'pype-mend-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('a flow that failed, was mended, built again and resumed', () => {
  it.each(Array.from({ length: FLOWS }, (_, i) => SEED + i))(
    'has the targets of the mended flow, and ran nothing twice that still held (PYPE_SEED=%i)',
    async (seed) => {
      const { broken, mended } = drawMendable(seed)
      const expected = await runOnce(mended, path.join(folder, `${seed}-mended`))
      const own = path.join(folder, String(seed))
      const place = await Place.create(own, broken.files)
      const first = await goOn(place.task(await build(broken, own), false))
      const last = await goOn(place.task(await build(mended, own), true))
      const evidence = () => `${mended.text}\n${place.journals()}`
      // What was drawn to fail, still does; a sub flow that is not reached does not fail.
      expect([first.status, last.status], evidence()).toEqual([first.status, expected.status])
      expect(listDifferences(expected.targets, await place.snapshot()), evidence()).toEqual([])
    },
  )
})

/** One flow twice: with a sub flow that fails, and without its fault. */
function drawMendable(seed: number): { readonly broken: DrawnFlow; readonly mended: DrawnFlow } {
  const flow = drawFlow(new Random(seed), { mendable: true })
  return {
    broken: { ...flow, text: flow.text.replaceAll(BROKEN, "error('as drawn')") },
    mended: { ...flow, text: flow.text.replaceAll(BROKEN, "'mended'") },
  }
}

async function runOnce(
  flow: DrawnFlow,
  own: string,
): Promise<{ readonly status: string; readonly targets: Awaited<ReturnType<Place['snapshot']>> }> {
  const place = await Place.create(own, flow.files)
  const { status } = await goOn(place.task(await build(flow, own), false))
  return { status, targets: await place.snapshot() }
}

async function build(flow: DrawnFlow, own: string): Promise<string> {
  const job = await buildDrawn(flow, own)
  if (job === undefined) throw new Error(`It cannot be built:\n${readFileSync(path.join(own, 'drawn.yaml'), 'utf8')}`)
  return job
}
