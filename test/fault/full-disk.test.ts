import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, it, onTestFinished } from 'vitest'
import { EVERY_PART } from './resume/every-part.js'
import { prepareBuilt } from './resume/fault-flow.js'
import { finish } from './resume/survive.js'
import { Victim } from './resume/victim.js'
import { compileWorker, runWorker } from './resume/worker-process.js'

const folder = mkdtempSync(path.join(tmpdir(), 'pype-full-'))
const worker = compileWorker(path.join(folder, 'worker'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Bytes that a run of the flow may have: from too few to start with, to enough for nearly all. */
const SIZES = Array.from({ length: 12 }, (_, i) => 2_000 * (i + 1))
const KIBIBYTES = Array.from({ length: 10 }, (_, i) => 24 + 12 * i)

describe.runIf(process.platform === 'linux')('a disk that is full, and a resume when there is room again', () => {
  const prepared = prepareBuilt('the flow with all parts', EVERY_PART, path.join(folder, 'flow'), worker)

  it('end as if nothing had happened, wherever a file could not grow', async () => {
    const flow = await prepared
    const ends: string[] = []
    for (const fileSize of SIZES) {
      const victim = await Victim.create(flow, path.join(folder, `file-${fileSize}`))
      const { answers } = await runWorker({ ...worker, fileSize }, { tasks: [victim.nextTask() ?? expect.fail()] })
      ends.push(JSON.stringify(answers))
      await victim.die(`by files of at most ${fileSize} bytes`)
      await finish(victim, worker)
    }
    expect(ends.join('\n')).toContain('DISK_FULL')
  }, 120_000)

  it.runIf(canMount())(
    'end as if nothing had happened, wherever the disk was full',
    async () => {
      const flow = await prepared
      const ends: string[] = []
      for (const kibibytes of KIBIBYTES) {
        const disk = path.join(folder, `disk-${kibibytes}`)
        mkdirSync(disk)
        execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${kibibytes}k`, 'tmpfs', disk])
        onTestFinished(() => void execFileSync('umount', ['-l', disk]))
        const victim = await Victim.create(flow, path.join(disk, 'place'))
        const { answers } = await runWorker(worker, { tasks: [victim.nextTask() ?? expect.fail()] })
        ends.push(JSON.stringify(answers))
        await victim.die(`by a disk of ${kibibytes} KiB`)
        execFileSync('mount', ['-o', 'remount,size=16m', disk])
        await finish(victim, worker)
      }
      expect(ends.join('\n')).toContain('DISK_FULL')
    },
    120_000,
  )
})

function canMount(): boolean {
  const disk = path.join(folder, 'probe')
  mkdirSync(disk)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk], { stdio: 'ignore' })
    execFileSync('umount', [disk])
    return true
  } catch {
    return false
  }
}
