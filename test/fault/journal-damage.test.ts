import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { type Disk, nodeDisk } from '../../src/run/checkpoint/disk.js'
import { JOURNAL_FILE } from '../../src/run/checkpoint/journal.js'
import { formatRecord } from '../../src/run/checkpoint/journal-format.js'
import { readJournal } from '../../src/run/checkpoint/read-journal.js'
import type { JournalRecord } from '../../src/run/checkpoint/records.js'
import { runJob } from '../../src/run/run.js'
import type { Remains } from './power/durable-tree.js'
import { layOut } from './power/lay-out.js'
import { readRemains } from './power/read-remains.js'
import type { DrawnFlow } from './resume/draw-flow.js'
import { type FaultFlow, prepareBuilt } from './resume/fault-flow.js'
import { Place } from './resume/place.js'
import { listDifferences } from './resume/victim.js'
import { goOn } from './resume/worker/go-on.js'
import { recordKind } from './resume/worker/mortal-disk.js'
import { compileWorker } from './resume/worker-process.js'

/** Appends in a loop, and replaces a file behind it. */
const SMALL: DrawnFlow = {
  text: `
modules:
  - { id: begin, name: log, configs: { message: "{{context.root}}" } }
  - { id: list, name: inline_source, configs: { rows: [{ n: 1 }] } }
  - { id: row, name: inline_source, configs: { rows: [{ a: 1 }] } }
  - { id: grown, name: csv_sink, configs: { output_path: grown/all.csv, mode: append } }
  - { id: last, name: inline_source, configs: { rows: [{ a: 1 }] } }
  - { id: out, name: csv_sink, configs: { output_path: out.csv } }
connections:
  data: ["row.data - grown.input", "last.data - out.input"]
  control: ["begin (1|) list", "list (1|iterate) row", "list (2|{{grown__row_count}} = 1) last"]
`,
  files: { 'out.csv': 'old\n' },
}

const folder = mkdtempSync(path.join(tmpdir(), 'pype-damage-'))
const worker = compileWorker(path.join(folder, 'worker'))
const root = path.join(folder, 'place')
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Bytes between two cuts of a record; the first and the last ones are all cut. */
const STRIDE = Number(process.env['PYPE_STRIDE'] ?? 12)

describe('a journal that is cut in its last record, and a resume', () => {
  const prepared = prepareBuilt('the small flow', SMALL, path.join(folder, 'flow'), worker)
  const kinds = prepared.then(recordKinds)

  it.each(['run', 'list', 'started', 'intent', 'completed', 'settled', 'frame', 'end'] as const)(
    'end as if nothing had happened, wherever its record of kind %s is cut',
    async (kind) => {
      const flow = await prepared
      const { remains, run, start, end } = (await kinds).get(kind) ?? expect.fail(`The flow writes no record of kind ${kind}.`)
      for (let cut = start; cut < end; cut += cut - start < 12 || end - cut < 6 ? 1 : STRIDE) {
        layOut(root, remains)
        const journal = path.join(root, 'runs', run, JOURNAL_FILE)
        writeFileSync(journal, readFileSync(journal).subarray(0, cut))
        const place = Place.open(root)
        const { status } = await goOn(place.task(flow.job, true))
        const faults = [...(status === flow.status ? [] : [status]), ...listDifferences(flow.targets, await place.snapshot())]
        expect(faults, `cut at byte ${cut - start} of ${end - start}\n${place.journals()}`).toEqual([])
      }
    },
    120_000,
  )

  it('are refused when the journal is of another job', async () => {
    const { flow, journal, resume } = await killed()
    change(journal, (record) => (record.kind === 'run' ? { ...record, job: 'another' } : record))
    await expect(resume()).rejects.toMatchObject({ code: 'JOURNAL_FOREIGN' })
    expect(await Place.open(root).snapshot()).not.toEqual(flow.targets)
  })

  it('are refused when a newer version wrote it', async () => {
    const { journal, resume } = await killed()
    change(journal, (record) => (record.kind === 'run' ? { ...record, journal_version: 99 } : record))
    await expect(resume()).rejects.toMatchObject({ code: 'JOURNAL_FOREIGN', hint: expect.any(String) })
  })

  it('are refused when a byte in the middle is another one', async () => {
    const { journal, resume } = await killed()
    const bytes = readFileSync(journal)
    const middle = Math.floor(bytes.length / 2)
    bytes[middle] = (bytes[middle] ?? 0) ^ 1
    writeFileSync(journal, bytes)
    await expect(resume()).rejects.toMatchObject({ code: 'JOURNAL_BROKEN', hint: expect.any(String) })
    expect(readFileSync(journal).equals(bytes)).toBe(true)
  })

  /** A run that was killed in its loop. */
  async function killed(): Promise<{ readonly flow: FaultFlow; readonly journal: string; readonly resume: () => Promise<unknown> }> {
    const flow = await prepared
    const { remains, run } = (await kinds).get('frame') ?? expect.fail()
    layOut(root, remains)
    const place = Place.open(root)
    const resume = () => runJob(flow.job, { cwd: place.folder, runs: place.runs, env: {}, resume: { run } })
    return { flow, journal: path.join(place.runs, run, JOURNAL_FILE), resume }
  }
})

interface Killed {
  readonly remains: Remains
  readonly run: string
  /** Where the last record begins and ends, in bytes. */
  readonly start: number
  readonly end: number
}

/** What lies there when the first record of each kind has just been written, before anything that follows: a kill would leave the same. */
async function recordKinds(flow: FaultFlow): Promise<ReadonlyMap<string, Killed>> {
  const place = await Place.create(root, flow.flow.files)
  const killed = new Map<string, Killed>()
  const append: Disk['append'] = (file, bytes) => {
    nodeDisk.append(file, bytes)
    const kind = recordKind(bytes)
    const run = place.runIds()[0]
    if (kind === undefined || run === undefined || killed.has(kind)) return
    const end = statSync(file.path).size
    killed.set(kind, { remains: readRemains(root), run, start: end - bytes.length, end })
  }
  await goOn(place.task(flow.job, false), { disk: { ...nodeDisk, append } })
  return killed
}

function change(journal: string, how: (record: JournalRecord) => JournalRecord): void {
  const lines: Buffer[] = []
  readJournal(journal, (record) => lines.push(formatRecord(how(record))))
  writeFileSync(journal, Buffer.concat(lines))
}
