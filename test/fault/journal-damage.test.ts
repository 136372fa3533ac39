import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { type Disk, nodeDisk } from '../../src/run/checkpoint/files/disk.js'
import { formatRecord } from '../../src/run/checkpoint/journal/format.js'
import { JOURNAL_FILE, Journal } from '../../src/run/checkpoint/journal/journal.js'
import { readFirstRecord, readJournal } from '../../src/run/checkpoint/journal/read-journal.js'
import type { JournalRecord } from '../../src/run/checkpoint/journal/records.js'
import { findUnfinished } from '../../src/run/checkpoint/settle/leftovers.js'
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

/** Appends in a loop, and replaces a file behind it; a failure is handled. */
const SMALL: DrawnFlow = {
  text: `
settings: { retries: 0, fail_strategy: continue }
modules:
  - { id: begin, name: log, configs: { message: "{{context.root}}" } }
  - { id: list, name: inline_source, configs: { rows: [{ n: 1 }] } }
  - { id: row, name: inline_source, configs: { rows: [{ a: 1 }] } }
  - { id: grown, name: csv_sink, configs: { output_path: grown/all.csv, mode: append } }
  - { id: last, name: inline_source, configs: { rows: [{ a: 1 }] } }
  - { id: out, name: csv_sink, configs: { output_path: out.csv } }
  - { id: broken, name: fail, configs: { message: as it should } }
  - { id: handled, name: log, configs: { message: handled } }
connections:
  data: ["row.data - grown.input", "last.data - out.input"]
  control:
    - begin (1|) list
    - list (1|iterate) row
    - list (2|{{grown__row_count}} = 1) last
    - list (3|) broken
    - broken (1|error) handled
`,
  files: { 'out.csv': 'old\n' },
}

const folder = mkdtempSync(path.join(tmpdir(), 'pype-damage-'))
const worker = compileWorker(path.join(folder, 'worker'))
const root = path.join(folder, 'place')
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** With a number, runs are resumed from every so many bytes of a record. */
const STRIDE = Number(process.env['PYPE_STRIDE'] ?? Number.POSITIVE_INFINITY)

const KINDS = ['run', 'resumed', 'list', 'started', 'intent', 'completed', 'failed', 'abort', 'settled', 'frame', 'end'] as const

describe('a journal that is cut in its last record, and a resume', () => {
  const prepared = prepareBuilt('the small flow', SMALL, path.join(folder, 'flow'), worker)
  const kinds = prepared.then(recordKinds)
  const findKind = async (kind: string) => (await kinds).get(kind) ?? expect.fail(`The flow writes no record of kind ${kind}.`)

  it.each(KINDS)('begin with the same records, at whichever byte its record of kind %s is cut', async (kind) => {
    const { remains, run, start, end } = await findKind(kind)
    layOut(root, remains)
    const journal = path.join(root, 'runs', run, JOURNAL_FILE)
    const bytes = readFileSync(journal)
    const begin = (cut: number) => {
      writeFileSync(journal, bytes.subarray(0, cut))
      return beginResume(journal)
    }
    const expected = begin(start)
    for (let cut = start + 1; cut < end; cut++) expect(begin(cut), `cut at byte ${cut - start} of ${end - start}`).toBe(expected)
    expect(begin(end), 'not cut').not.toBe(expected)
  })

  // From what an abort leaves, the first resume says that a file is lost.
  it.each(KINDS.filter((kind) => kind !== 'abort'))(
    'end as if nothing had happened, when its record of kind %s is cut',
    async (kind) => {
      const flow = await prepared
      const { remains, run, start, end } = await findKind(kind)
      const cuts = new Set([start, start + 1, Math.floor((start + end) / 2), end - 1])
      for (let cut = start; cut < end; cut += STRIDE) cuts.add(cut)
      for (const cut of cuts) {
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
  const disk = { ...nodeDisk, append }
  await goOn(place.task(flow.job, false), { disk })
  layOut(root, killed.get('frame')?.remains ?? expect.fail())
  await goOn(place.task(flow.job, true), { disk })
  layOut(root, killed.get('intent')?.remains ?? expect.fail())
  // What was staged is gone: the commit is given up.
  for (const name of readdirSync(path.join(place.folder, 'grown'))) rmSync(path.join(place.folder, 'grown', name))
  await expect(goOn(place.task(flow.job, true), { disk })).rejects.toMatchObject({ code: 'COMMIT_LOST' })
  return killed
}

/** All that a resume makes of a journal before it goes on: which runs it finds unfinished, what they say, and what it appends to. */
function beginResume(journal: string): string {
  const folder = path.dirname(journal)
  const unfinished = findUnfinished(path.dirname(folder))
  const records: JournalRecord[] = []
  const length = readJournal(journal, (record) => records.push(record))
  // Thousands of times: what a flush is for, no power cut tests here.
  Journal.open({ ...nodeDisk, flush: () => {}, flushFolder: () => {} }, folder, length).close()
  return JSON.stringify([unfinished, readFirstRecord(journal), records, readFileSync(journal, 'latin1')])
}

function change(journal: string, how: (record: JournalRecord) => JournalRecord): void {
  const lines: Buffer[] = []
  readJournal(journal, (record) => lines.push(formatRecord(how(record))))
  writeFileSync(journal, Buffer.concat(lines))
}
