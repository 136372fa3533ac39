import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { tryFolderLock } from '../../../src/engine/duckdb/folder-lock.js'
import { enterRunsFolder } from '../../../src/run/overlap/enter-runs-folder.js'
import { readSummary } from '../../cli/pype-project.js'
import { RunPlace, SLOW_FLOW } from './run-processes.js'

const QUICK = ['--set', 'many=1']

async function createJob(settings = '{}'): Promise<RunPlace> {
  const place = new RunPlace()
  await place.build(`settings: ${settings}${SLOW_FLOW}`)
  return place
}

describe('a start while another run of the job goes on', () => {
  it('fails with 3 and names that run', async () => {
    const place = await createJob()
    const first = await place.startEndless()
    const second = await place.start(QUICK).ended
    expect(second).toMatchObject({
      code: 3,
      stdout: '',
      stderr: expect.stringContaining(`RUN_BUSY  Another run of this job is going on (${first.id}`),
    })
    expect(place.runIds()).toEqual([first.id])
  })

  it('with `wait` says which run it waits for, and starts at once when that one is killed', async () => {
    const place = await createJob('{ on_overlap: wait }')
    const first = await place.startEndless()
    const second = place.start([...QUICK, '--date', '2026-01-31'])
    await second.says(new RegExp(`waiting for ${first.id} to end`))
    expect(place.runIds()).toEqual([first.id])
    first.child.kill('SIGKILL')
    const { code, stderr } = await second.ended
    expect(code).toBe(0)
    expect(stderr).toMatch(/Waited \d+\.\d s for another run/)
    expect(place.runIds().map((run) => place.endOf(run))).toEqual(['superseded', 'completed'])
    expect(readdirSync(path.join(place.runs, first.id))).not.toContain('.lock.duckdb')
  })

  it('with `wait` hears Ctrl-C, and leaves no run folder', async () => {
    const place = await createJob()
    const first = await place.startEndless()
    const second = place.start([...QUICK, '--on-overlap', 'wait'])
    await second.says(/waiting for/)
    second.child.kill('SIGINT')
    expect(await second.ended).toMatchObject({ code: 130, stderr: expect.stringContaining('CANCELLED') })
    expect(place.runIds()).toEqual([first.id])
  })

  it('with `skip` ends with 0, says so, and leaves no run folder', async () => {
    const place = await createJob('{ on_overlap: skip }')
    const first = await place.startEndless()
    const [plain, json] = await Promise.all([place.start(QUICK).ended, place.start([...QUICK, '--json']).ended])
    expect(plain).toMatchObject({ code: 0, stdout: expect.stringContaining(`skipped: Another run of this job is going on (${first.id}`) })
    expect(json.code).toBe(0)
    expect(readSummary(json.stdout)).toMatchObject({ status: 'skipped' })
    expect(place.runIds()).toEqual([first.id])
  })

  it('with `allow` runs beside it and leaves what it has staged alone', async () => {
    const place = await createJob('{ on_overlap: skip }')
    const first = await place.startEndless()
    const { code } = await place.start([...QUICK, '--on-overlap', 'allow']).ended
    expect(code).toBe(0)
    expect(place.read('out.csv')).toBe('n\n0\n')
    expect(place.endOf(first.id)).toBeUndefined()
    expect(readdirSync(place.root).filter((name) => name.startsWith('.'))).toHaveLength(1)
    first.child.kill('SIGINT')
    expect((await first.ended).code).toBe(130)
    expect(readdirSync(place.root).filter((name) => name.startsWith('.'))).toEqual([])
    expect(place.endOf(first.id)).toBe('cancelled')
  })

  it('counts one that was started with `allow` as going on too', async () => {
    const place = await createJob()
    const first = await place.startEndless(['--on-overlap', 'allow'])
    expect(await place.start(QUICK).ended).toMatchObject({ code: 3, stderr: expect.stringContaining(first.id) })
    first.child.kill('SIGKILL')
    await first.ended
    expect((await place.start(QUICK).ended).code).toBe(0)
    expect(place.endOf(first.id)).toBe('superseded')
  })
})

describe('a start in the same process', () => {
  it('waits too, and keeps the logical time of its call', async () => {
    const place = await createJob('{ on_overlap: wait }')
    const lock = await tryFolderLock(place.runs)
    const times = [new Date('2026-01-31T23:59:59Z')]
    const waitedFor: (string | undefined)[] = []
    const summary = await place.run(path.join(place.root, 'jobs/sample'), {
      set: ['many=1'],
      now: () => times.shift() ?? new Date('2026-02-01T00:10:00Z'),
      onWait: (run) => {
        waitedFor.push(run)
        void lock?.release()
      },
    })
    expect(summary).toMatchObject({ status: 'completed', date: '2026-01-31 23:59:59', started: '2026-02-01T00:10:00.000Z' })
    expect(waitedFor).toEqual([undefined])
  })
})

describe('a start that settles for too long', () => {
  const LONGEST = { longestSettling: 1 }

  it.each(['fail', 'skip', 'allow'] as const)('ends one with `%s`, which says where', async (policy) => {
    const place = await createJob()
    const other = await tryFolderLock(place.runs, '.starting.duckdb')
    await expect(enterRunsFolder(place.runs, { policy, ...LONGEST })).rejects.toMatchObject({
      code: 'RUN_BUSY',
      message: expect.stringContaining(`settling what killed runs have left in ${place.runs}`),
      hint: expect.stringContaining('end it'),
    })
    await other?.release()
    await (await enterRunsFolder(place.runs, { policy, ...LONGEST })).leave()
  })

  it('is waited for with `wait`', async () => {
    const place = await createJob()
    const other = await tryFolderLock(place.runs, '.starting.duckdb')
    const onWait = () => void other?.release()
    const entry = await enterRunsFolder(place.runs, { policy: 'wait', onWait, ...LONGEST })
    expect(entry.waitedSeconds).toBeGreaterThan(0)
    await entry.leave()
  })
})

describe('starts at the same instant', () => {
  it('settle what a killed run has left once, and run beside each other with `allow`', async () => {
    const place = await createJob('{ on_overlap: allow }')
    const killed = await place.startEndless()
    killed.child.kill('SIGKILL')
    await killed.ended
    const all = await Promise.all([1, 2, 3].map(() => place.start(QUICK).ended))
    expect(all.map(({ code }) => code)).toEqual([0, 0, 0])
    expect(all.flatMap(({ stderr }) => stderr.match(/"event":"leftover.settled"/g) ?? [])).toHaveLength(1)
    expect(readdirSync(place.root).filter((name) => name.startsWith('.'))).toEqual([])
  })

  it('run one after the other with `wait`', async () => {
    const place = await createJob('{ on_overlap: wait }')
    const all = await Promise.all([1, 2, 3].map(() => place.start([...QUICK, '--json']).ended))
    expect(all.map(({ code }) => code)).toEqual([0, 0, 0])
    const spans = all
      .map(({ stdout }): { started: string; seconds: number } => readSummary(stdout))
      .map(({ started, seconds }) => ({ begin: Date.parse(started), end: Date.parse(started) + seconds * 1000 }))
      .sort((a, b) => a.begin - b.begin)
    for (const [i, span] of spans.slice(1).entries()) expect(span.begin).toBeGreaterThanOrEqual(Math.floor(spans[i]?.end ?? 0))
  })
})

describe('a runs folder that is not as it should be', () => {
  it.each(['.lock.duckdb', '.starting.duckdb'])('with rubbish in %s: a clear error, and nothing runs', async (name) => {
    const place = await createJob()
    mkdirSync(place.runs)
    writeFileSync(path.join(place.runs, name), 'rubbish')
    const { code, stderr } = await place.start(QUICK).ended
    expect(code).toBe(1)
    expect(stderr).toMatch(new RegExp(`^error FILE_CORRUPT  The lock file .*${name} is damaged[\\s\\S]*hint: .*rm -r .*${name}\n$`))
    expect(place.runIds()).toEqual([])
  })

  it('that cannot be made: a clear error', async () => {
    const place = await createJob()
    place.write('block', '')
    const { code, stderr } = await place.start([...QUICK, '--runs', 'block/runs']).ended
    expect(code).toBe(1)
    expect(stderr).toMatch(/^error FILE_UNWRITABLE {2}The runs folder .*block\/runs cannot be written[\s\S]*hint: .*--runs DIR\n$/)
  })
})

it('--on-overlap takes one of four words', async () => {
  const place = await createJob()
  expect(await place.start(['--on-overlap', 'wiat']).ended).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('did you mean "wait"?'),
  })
})
