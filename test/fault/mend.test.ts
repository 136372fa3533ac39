import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { runJob } from '../../src/run/run.js'
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
      // What comes to no fault, completes.
      const last = first.status === 'completed' ? first : await goOn(place.task(await build(mended, own), true))
      const evidence = `${mended.text}\n${place.journals()}`
      expect(last.status, evidence).toBe(expected.status)
      expect(listDifferences(expected.targets, await place.snapshot()), evidence).toEqual([])
    },
  )

  it('is refused when what was changed has appended, and goes on with --again', async () => {
    const own = path.join(folder, 'refused')
    const place = await Place.create(own, {})
    const failed = await goOn(place.task(await build(appendThenFail(1, 'false'), own), false))
    expect(failed.status).toBe('failed')
    const mended = place.task(await build(appendThenFail(2, 'true'), own), true)
    await expect(goOn(mended)).rejects.toMatchObject({ code: 'RESUME_REFUSED', message: expect.stringContaining('row (changed)') })
    expect(await place.snapshot()).toEqual({ 'grown.csv': 'a\n\n1' })
    const { status } = await runJob(mended.job, { cwd: mended.cwd, runs: mended.runs, env: process.env, resume: {}, again: ['grown'] })
    expect([status, await place.snapshot()]).toEqual(['completed', { 'grown.csv': 'a\n\n1\n2' }])
  })
})

/** Appends a number, and runs a command behind it. */
function appendThenFail(a: number, command: string): DrawnFlow {
  return {
    text: `
modules:
  - { id: root, name: log, configs: { message: "{{context.root}}" } }
  - { id: row, name: inline_source, configs: { rows: [{ a: ${a} }] } }
  - { id: grown, name: csv_sink, configs: { output_path: grown.csv, mode: append } }
  - { id: behind, name: shell, configs: { command: "${command}" } }
connections: { data: ["row.data - grown.input"], control: ["root (1|) row", "grown (1|) behind"] }
`,
    files: {},
  }
}

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
