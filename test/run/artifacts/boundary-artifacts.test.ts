import { readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { PypeError } from '../../../src/core/errors.js'
import type { RunEvent } from '../../../src/core/events.js'
import type { RunSummary } from '../../../src/index.js'
import { type BoundaryArtifact, isIntact } from '../../../src/run/artifacts/boundary-file.js'
import { type Disk, nodeDisk } from '../../../src/run/checkpoint/files/disk.js'
import { replayWhole } from '../checkpoint/journal/replay-whole.js'
import { JobPlace } from '../job/job-fixture.js'

let place: JobPlace
beforeEach(() => {
  place = new JobPlace()
})
afterEach(() => place.remove())

const ROWS = '{ id: rows, name: inline_source, configs: { rows: [{ a: 1 }, { a: 2 }] } }'
const OUT = '{ id: out, name: csv_sink, configs: { output_path: out.csv } }'

/** A job whose rows cross a boundary, with a shell command between them and the sink. */
function build(command: string): Promise<string> {
  const shell = `{ id: between, name: shell, configs: { command: ${JSON.stringify(command)} } }`
  return place.build(`
modules: [${ROWS}, ${OUT}, ${shell}]
connections: { data: ["rows.data - out.input"], control: ["rows (1|) between", "rows (2|) out"] }
`)
}

function artifactOf({ folder }: RunSummary): BoundaryArtifact {
  const [artifact] = replayWhole(path.join(folder, 'journal.log')).completed.get('rows')?.boundaries ?? []
  if (artifact === undefined) throw new Error('no rows have crossed')
  return artifact
}

it('rows that cross a boundary are whole and flushed under their name before the journal says so', async () => {
  const steps: string[] = []
  const disk = new Proxy(nodeDisk, {
    get: (target, name: keyof Disk) => {
      const operation: (...args: never[]) => unknown = target[name]
      return (...args: never[]) => {
        const words = (args as readonly unknown[]).filter((each) => typeof each === 'string').map((each) => path.basename(each))
        const [, bytes] = args as readonly unknown[]
        const record =
          name === 'append' && bytes instanceof Uint8Array ? [/ ([a-z]+) \{/.exec(Buffer.from(bytes).toString())?.[1] ?? ''] : []
        steps.push([name, ...words, ...record].join(' '))
        return operation(...args)
      }
    },
  })
  await place.run(await build('true'), { seams: { disk } })
  const begin = steps.findIndex((step) => step.startsWith('flushFile'))
  expect(steps.slice(begin, begin + 4)).toEqual([
    'flushFile .rows.data.parquet.partial',
    'rename .rows.data.parquet.partial rows.data.parquet',
    'flushFolder artifacts',
    'append completed',
  ])
})

it.each([
  ['cut off', 'for f in jobs/*/runs/*/artifacts/*; do printf PAR1 > "$f"; done'],
  ['gone', 'rm jobs/*/runs/*/artifacts/*'],
])('a run whose rows were %s in between fails instead of going on with others', async (_, command) => {
  const summary = await place.run(await build(command))
  expect(summary.errors).toMatchObject([{ code: 'ARTIFACT_DAMAGED', message: expect.stringContaining('rows.data.parquet') }])
  expect(place.list()).not.toContain('out.csv')
})

it('the artifacts of a failed run can be told from files that are damaged, gone or others', async () => {
  const artifact = artifactOf(await place.run(await build('false')))
  expect(isIntact(artifact)).toBe(true)
  const bytes = readFileSync(artifact.path)
  const other = artifactOf(
    await place.run(
      await place.build(
        `
modules: [{ id: rows, name: inline_source, configs: { rows: [{ a: 1 }, { a: 3 }] } }, ${OUT}, { id: between, name: shell, configs: { command: "false" } }]
connections: { data: ["rows.data - out.input"], control: ["rows (1|) between", "rows (2|) out"] }
`,
        'other',
      ),
    ),
  )
  renameSync(other.path, artifact.path)
  expect(isIntact(artifact)).toBe(false)
  writeFileSync(artifact.path, bytes)
  expect(isIntact(artifact)).toBe(true)
  bytes.writeUInt8((bytes.at(-20) ?? 0) ^ 1, bytes.length - 20)
  writeFileSync(artifact.path, bytes)
  expect(isIntact(artifact)).toBe(false)
  truncateSync(artifact.path, 5)
  expect(isIntact(artifact)).toBe(false)
  rmSync(artifact.path)
  expect(isIntact(artifact)).toBe(false)
})

/** The artifacts that a shell node finds each time that it runs. */
const SEEN = { id: 'seen', name: 'shell', configs: { command: 'echo $(ls jobs/*/runs/*/artifacts) >> seen.txt' } }

function node(id: string, name: string, configs: object): string {
  return JSON.stringify({ id, name, configs })
}

it('rows that crossed a boundary go when their last reader has completed, and not before', async () => {
  const job = await place.build(`
modules: [${ROWS}, ${OUT}, ${node('other', 'csv_sink', { output_path: 'other.csv' })}, ${JSON.stringify(SEEN)}, ${node('seen2', 'shell', SEEN.configs)}]
connections:
  data: ["rows.data - out.input", "rows.data - other.input"]
  control: ["rows (1|) out", "rows (2|) seen", "rows (3|) other", "rows (4|) seen2"]
`)
  expect((await place.run(job)).status).toBe('completed')
  expect(place.read('seen.txt')).toBe('rows.data.parquet\n\n')
})

it('rows that a loop reads, and those of its list, go when it has ended; those that a pass leaves in it, with the pass', async () => {
  const job = await place.build(`
modules:
  - ${node('lookup', 'inline_source', { rows: [{ k: 1 }] })}
  - ${node('list', 'inline_source', { rows: Array.from({ length: 70 }, (_, i) => ({ i })) })}
  - ${node('inner', 'inline_source', { rows: [{ i: 1 }] })}
  - ${node('joined', 'sql_mod', { sql: 'SELECT i, k FROM input1, input2' })}
  - ${node('out', 'csv_sink', { output_path: 'out{{iter.index}}.csv' })}
  - ${JSON.stringify(SEEN)}
  - ${node('seen2', 'shell', SEEN.configs)}
connections:
  data: ["inner.data - joined.input1", "lookup.data - joined.input2", "joined.output - out.input"]
  control: ["list (1|iterate) inner", "inner (1|) joined", "lookup (1|) joined", "lookup (2|) list", "out (1|{{iter.index}} = 69) seen", "list (Last|) seen2"]
`)
  expect((await place.run(job)).errors).toEqual([])
  const [inLast = '', after] = place.read('seen.txt').split('\n')
  expect(inLast.split(' ')).toEqual(expect.arrayContaining(['list.data.parquet', 'lookup.data.parquet']))
  expect(inLast.split(' ').length).toBeLessThan(20)
  expect(after).toBe('')
})

it('after a failure they stay until the run has completed', async () => {
  const job = await place.build(`
settings: { fail_strategy: continue }
modules: [${ROWS}, ${OUT}, ${node('wrong', 'shell', { command: 'false' })}]
connections: { data: ["rows.data - out.input"], control: ["rows (1|) wrong", "rows (2|) out"] }
`)
  const { status, folder } = await place.run(job)
  expect(status).toBe('failed')
  expect(place.list(path.relative(place.root, folder))).toContain('artifacts/rows.data.parquet')
  expect(place.read('out.csv')).toBe('a\n1\n2\n')
})

it('with keep they stay when the run has completed', async () => {
  const { status, folder } = await place.run(await build('true'), { keep: true })
  expect(status).toBe('completed')
  expect(place.list(path.relative(place.root, folder))).toContain('artifacts/rows.data.parquet')
  expect((await place.run(await build('true'))).folder).not.toBe(folder)
})

it('a run that cannot remove what it has kept has completed all the same, and the next one removes it', async () => {
  const warnings: string[] = []
  const remove: Disk['remove'] = (file) => {
    if (path.basename(file) === 'artifacts') throw new PypeError('FILE_UNWRITABLE', `${file} cannot be written.`)
    nodeDisk.remove(file)
  }
  const listener = {
    name: 'test',
    hear: (event: RunEvent) => {
      if (event.type === 'log' && event.level === 'warn') warnings.push(event.message)
    },
  }
  const job = await build('true')
  const { status, folder } = await place.run(job, { seams: { disk: { ...nodeDisk, remove } }, listeners: [listener] })
  expect(status).toBe('completed')
  expect(warnings).toEqual([expect.stringMatching(/^What the run has kept cannot be removed: .*artifacts/)])
  await place.run(job)
  expect(place.list(path.relative(place.root, folder))).not.toContain('artifacts')
})
