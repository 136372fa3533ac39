import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { PypeError } from '../../../../src/core/errors.js'
import { NO_DATABASES } from '../../../../src/run/checkpoint/databases/no-databases.js'
import { type Disk, nodeDisk } from '../../../../src/run/checkpoint/files/disk.js'
import { claimLeftovers } from '../../../../src/run/checkpoint/settle/leftovers.js'
import { settleLeftovers } from '../../../../src/run/checkpoint/settle/settle-leftovers.js'
import { CommitPlace, NOTHING, writePart } from '../commit-fixture.js'
import { DyingDisk } from '../disk-fixture.js'
import { replayWhole } from '../journal/replay-whole.js'

const SIGNAL = new AbortController().signal

let place: CommitPlace
beforeEach(() => {
  place = new CommitPlace()
})
afterEach(() => place.remove())

const OLD = {
  'gone.csv': 'gone',
  'in/a.csv': 'a',
  'in/b.csv': 'b',
  'in/deep/c.csv': 'c',
  'out/b.csv': 'old b',
  'merged/kept.csv': 'kept',
  'merged/same.csv': 'old',
  'work/x/1.csv': '1',
  'work/2.csv': '2',
}
const NEW = {
  'in/deep/c.csv': 'c',
  'out/b.csv': 'b',
  'out/copy.csv': 'c',
  'fresh/er/a.csv': 'a',
  'merged/kept.csv': 'kept',
  'merged/same.csv': 'new',
  'merged/sub/new.csv': 'new',
}

/** One sub flow that moves, copies, deletes and merges; on another disk it moves by a copy. */
async function changeAll(dying: DyingDisk, disk: Disk = dying.disk): Promise<void> {
  for (const [name, text] of Object.entries(OLD)) place.write(name, text)
  const staging = place.staging('a', disk)
  await staging.stageMove('n1', 'in/a.csv', 'fresh/er/a.csv', 'create', SIGNAL)
  await staging.stageMove('n2', 'in/b.csv', 'out/b.csv', 'replace', SIGNAL)
  await staging.stageCopy('n3', 'in/deep/c.csv', 'out/copy.csv', 'create', SIGNAL)
  await staging.stageDelete('n4', 'gone.csv', false)
  await staging.stageDelete('n5', 'work', true)
  const merged = await staging.stageFile('n6', 'merged', 'merge')
  writePart(merged, 'sub', '')
  rmSync(path.join(merged, 'sub/data.txt'))
  writeFileSync(path.join(merged, 'sub/new.csv'), 'new')
  writeFileSync(path.join(merged, 'same.csv'), 'new')
  await staging.commit(NOTHING)
}

async function settle(disk: Disk = nodeDisk): Promise<void> {
  const { leftovers } = await claimLeftovers(place.runs)
  await settleLeftovers(leftovers, { disk, databases: NO_DATABASES, emit: () => {}, now: () => new Date() })
}

function renew(): void {
  place.remove()
  place = new CommitPlace()
}

/** A disk on which no rename goes from one folder to another one, as between two mounts. */
function parted(disk: Disk): Disk {
  return {
    ...nodeDisk,
    ...Object.fromEntries(
      Object.keys(nodeDisk).map((name) => [
        name,
        (...args: never[]) => (disk[name as keyof Disk] as (...args: never[]) => unknown)(...args),
      ]),
    ),
    rename: (from, to) => {
      if (path.basename(from).includes('-try-')) {
        throw new PypeError('FILE_UNWRITABLE', 'cross-device', { cause: Object.assign(new Error('EXDEV'), { code: 'EXDEV' }) })
      }
      disk.rename(from, to)
    },
  }
}

describe.each([
  ['on one disk', (dying: DyingDisk) => dying.disk],
  ['between two mounts', (dying: DyingDisk) => parted(dying.disk)],
])('moves, copies and deletions of one sub flow %s', (_, diskOf) => {
  async function countOperations(): Promise<number> {
    const counting = new DyingDisk()
    await changeAll(counting, diskOf(counting))
    expect(place.snapshot()).toEqual(NEW)
    renew()
    return counting.operations.length
  }

  it('are all done or all undone once a killed process is settled, whichever operation was its last', async () => {
    const total = await countOperations()
    let finished = 0
    for (let last = 2; last <= total; last++) {
      const dying = new DyingDisk(last)
      await expect(changeAll(dying, diskOf(dying))).rejects.toThrow()
      await settle()
      const snapshot = place.snapshot()
      const hasCommitted = !('gone.csv' in snapshot)
      expect(snapshot, `after ${last} operations: ${dying.operations.slice(-3)}`).toEqual(hasCommitted ? NEW : OLD)
      expect(replayWhole(path.join(place.runs, 'run1', 'journal.log')).completed.has('a')).toBe(hasCommitted)
      if (hasCommitted) finished++
      renew()
    }
    expect(finished).toBeGreaterThan(8)
    expect(finished).toBeLessThan(total - 8)
  })

  it('can be settled by processes that die again and again', async () => {
    const total = await countOperations()
    for (let last = 2; last <= total; last += 5) {
      const dying = new DyingDisk(last)
      await expect(changeAll(dying, diskOf(dying))).rejects.toThrow()
      for (let step = 1; ; step++) {
        const again = new DyingDisk(step)
        try {
          await settle(diskOf(again))
          break
        } catch (error) {
          expect(error).toMatchObject({ message: 'killed' })
        }
      }
      const snapshot = place.snapshot()
      expect(snapshot).toEqual('gone.csv' in snapshot ? OLD : NEW)
      renew()
    }
  })
})

/** Kills a move of in/a.csv to out/a.csv, and a deletion of gone.csv, behind the flush of the intent. */
async function killBehindIntent(behindRename: boolean): Promise<void> {
  for (const [name, text] of Object.entries(OLD)) place.write(name, text)
  const disk: Disk = {
    ...nodeDisk,
    rename: (from, to) => {
      if (!from.includes('-try-') && behindRename) nodeDisk.rename(from, to)
      if (!from.includes('-try-')) throw new Error('killed')
      nodeDisk.rename(from, to)
    },
    remove: (target) => {
      if (target.endsWith('gone.csv')) throw new Error('killed')
      nodeDisk.remove(target)
    },
  }
  const staging = place.staging('a', disk)
  await staging.stageMove('n1', 'in/a.csv', 'out/a.csv', 'replace', SIGNAL)
  await staging.stageDelete('n2', 'gone.csv', false)
  await expect(staging.commit(NOTHING)).rejects.toMatchObject({ code: 'COMMIT_UNFINISHED' })
}

describe('a file that comes to the path of one that a killed run moved or deleted', () => {
  it('stays: the commit is finished without it', async () => {
    await killBehindIntent(true)
    place.write('in/a.csv', 'tomorrow')
    place.write('gone.csv', 'tomorrow')
    await settle()
    expect([place.read('in/a.csv'), place.read('out/a.csv'), place.read('gone.csv')]).toEqual(['tomorrow', 'a', 'tomorrow'])
  })

  it('before it was moved: nothing is moved or deleted, and the next start says so', async () => {
    await killBehindIntent(false)
    place.write('in/a.csv', 'tomorrow')
    await expect(settle()).rejects.toMatchObject({ code: 'COMMIT_LOST' })
    expect([place.read('in/a.csv'), place.read('out/a.csv'), place.read('gone.csv')]).toEqual(['tomorrow', undefined, 'gone'])
    await settle()
  })
})

/** Puts a new file with the same content there. */
function replaceSource(): void {
  rmSync(path.join(place.targets, 'in/a.csv'))
  place.write('in/a.csv', 'a')
}

describe('a staged move', () => {
  it('moves nothing before the commit, and nothing after a rollback', async () => {
    place.write('in/a.csv', 'a')
    const staging = place.staging()
    await staging.stageMove('n1', 'in/a.csv', 'new/a.csv', 'replace', SIGNAL)
    await staging.stageDelete('n1', 'in/a.csv', false)
    expect(place.snapshot()).toEqual({ 'in/a.csv': 'a' })
    await staging.rollback()
    expect(readdirSync(place.targets)).toEqual(['in'])
    expect(place.snapshot()).toEqual({ 'in/a.csv': 'a' })
  })

  it.each([
    ['was written to', () => place.write('in/a.csv', 'b')],
    ['was replaced', replaceSource],
    ['has gone', () => rmSync(path.join(place.targets, 'in/a.csv'))],
  ])('of a file that %s before the commit is an error, and nothing happens', async (_, change) => {
    place.write('in/a.csv', 'a')
    place.write('in/b.csv', 'b')
    const staging = place.staging()
    await staging.stageMove('n1', 'in/a.csv', 'out/a.csv', 'replace', SIGNAL)
    await staging.stageMove('n1', 'in/b.csv', 'out/b.csv', 'replace', SIGNAL)
    change()
    const before = place.snapshot()
    await expect(staging.commit(NOTHING)).rejects.toMatchObject({ code: 'SOURCE_CHANGED', node: 'n1' })
    await staging.rollback()
    expect(place.snapshot()).toEqual(before)
  })

  it('keeps rights and time of a file, between two mounts too', async () => {
    for (const diskOf of [(disk: Disk) => disk, parted]) {
      place.write('in/a.csv', 'a')
      place.write('out/a.csv', 'old')
      const source = path.join(place.targets, 'in/a.csv')
      chmodSync(source, 0o604)
      utimesSync(source, 1000, 1_000_000.5)
      const staging = place.staging('a', diskOf(nodeDisk))
      await staging.stageMove('n1', 'in/a.csv', 'out/a.csv', 'replace', SIGNAL)
      await staging.commit(NOTHING)
      const { mode, mtimeMs } = statSync(path.join(place.targets, 'out/a.csv'))
      expect([mode & 0o777, mtimeMs, place.read('in/a.csv')]).toEqual([0o604, 1_000_000_500, undefined])
    }
  })

  it.skipIf(!existsSync('/dev/shm'))('goes to another file system', async () => {
    const shm = mkdtempSync('/dev/shm/pype-ü -')
    try {
      expect(statSync(shm).dev).not.toBe(statSync(place.targets).dev)
      place.write('in/a b ü.csv', 'a')
      const staging = place.staging()
      await staging.stageMove('n1', 'in/a b ü.csv', path.join(shm, 'neu/ä.csv'), 'replace', SIGNAL)
      await staging.commit(NOTHING)
      expect(readdirSync(path.join(shm, 'neu'))).toEqual(['ä.csv'])
      expect(place.snapshot()).toEqual({})
    } finally {
      rmSync(shm, { recursive: true })
    }
  })

  it('moves a link itself, follows one at its target, and takes one of two names of a file away', async () => {
    place.write('in/a.csv', 'a')
    place.write('in/b.csv', 'b')
    place.write('real.csv', 'old')
    symlinkSync('a.csv', path.join(place.targets, 'in/link.csv'))
    symlinkSync('real.csv', path.join(place.targets, 'to.csv'))
    linkSync(path.join(place.targets, 'in/a.csv'), path.join(place.targets, 'in/other.csv'))
    const staging = place.staging()
    await staging.stageMove('n1', 'in/link.csv', 'in/moved.csv', 'replace', SIGNAL)
    await staging.stageMove('n1', 'in/b.csv', 'to.csv', 'replace', SIGNAL)
    await staging.stageMove('n1', 'in/other.csv', 'in/a.csv', 'replace', SIGNAL)
    await staging.commit(NOTHING)
    expect(readdirSync(path.join(place.targets, 'in')).sort()).toEqual(['a.csv', 'moved.csv'])
    expect(lstatSync(path.join(place.targets, 'in/moved.csv')).isSymbolicLink()).toBe(true)
    expect([place.read('real.csv'), lstatSync(path.join(place.targets, 'to.csv')).isSymbolicLink()]).toEqual(['b', true])
  })

  it.each([
    ['a missing file', 'FILE_NOT_FOUND', 'in/none.csv', 'out.csv'],
    ['a file in a missing folder', 'FILE_NOT_FOUND', 'none/none.csv', 'out.csv'],
    ['a folder', 'FILE_UNREADABLE', 'in', 'out'],
    ['a file to itself', 'CONFIG_INVALID', 'in/a.csv', './in/../in/a.csv'],
    ['a file to a folder', 'FILE_UNWRITABLE', 'in/a.csv', 'dir'],
    ['a file to below a file', 'FILE_UNWRITABLE', 'in/a.csv', 'in/b.csv/a.csv'],
  ])('of %s is %s', async (_, code, from, to) => {
    place.write('in/a.csv', 'a')
    place.write('in/b.csv', 'b')
    mkdirSync(path.join(place.targets, 'dir'))
    await expect(place.staging().stageMove('n1', from, to, 'replace', SIGNAL)).rejects.toMatchObject({ code })
  })

  it('onto what the same sub flow writes, moves or takes away is a clash', async () => {
    for (const name of ['a.csv', 'b.csv', 'dir/c.csv']) place.write(name, name)
    const cases: ((staging: ReturnType<CommitPlace['staging']>) => Promise<void>)[] = [
      (staging) => staging.stageMove('n1', 'b.csv', 'x.csv', 'replace', SIGNAL),
      (staging) => staging.stageMove('n1', 'a.csv', 'y.csv', 'replace', SIGNAL),
      async (staging) => writeFileSync(await staging.stageFile('n1', 'a.csv', 'replace'), 'new'),
      async (staging) => writeFileSync(await staging.stageFile('n1', 'x.csv', 'replace'), 'new'),
      async (staging) => {
        await staging.stageMove('n1', 'dir/c.csv', 'c.csv', 'replace', SIGNAL)
        await staging.stageDelete('n1', 'dir', true)
      },
    ]
    const before = place.snapshot()
    for (const [index, stage] of cases.entries()) {
      const staging = place.staging(`s${index}`)
      await staging.stageMove('n1', 'a.csv', 'x.csv', 'replace', SIGNAL)
      await stage(staging)
      await expect(staging.commit(NOTHING), String(index)).rejects.toMatchObject({ code: 'NAME_CLASH' })
      await staging.rollback()
      expect(place.snapshot()).toEqual(before)
    }
  })

  it('of one file by two sub flows at once is done by one of them', async () => {
    place.write('a.csv', 'a')
    const commit = async (name: string) => {
      const staging = place.staging(name)
      await staging.stageMove('n1', 'a.csv', `${name}.csv`, 'replace', SIGNAL)
      return staging
    }
    const stagings = await Promise.all([commit('x'), commit('y')])
    const results = await Promise.allSettled(stagings.map((staging) => staging.commit(NOTHING)))
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(results.find((result) => result.status === 'rejected')).toMatchObject({ reason: { code: 'SOURCE_CHANGED' } })
    expect(Object.values(place.snapshot())).toEqual(['a'])
  })

  it('frees the path for another sub flow of the run', async () => {
    for (const name of ['x', 'y']) {
      const write = place.staging(`${name}1`)
      writeFileSync(await write.stageFile('n1', 'work/a.csv', 'replace'), name)
      await write.commit(NOTHING)
      const move = place.staging(`${name}2`)
      await move.stageMove('n1', 'work/a.csv', `done/${name}.csv`, 'replace', SIGNAL)
      await move.commit(NOTHING)
    }
    expect(place.snapshot()).toEqual({ 'done/x.csv': 'x', 'done/y.csv': 'y' })
  })
})

describe('a staged deletion', () => {
  it('takes a link and not what it leads to, and a folder whole', async () => {
    place.write('real/a.csv', 'a')
    place.write('dir/sub/b.csv', 'b')
    symlinkSync('real', path.join(place.targets, 'link'))
    symlinkSync('none', path.join(place.targets, 'broken'))
    const staging = place.staging()
    await staging.stageDelete('n1', 'link', false)
    await staging.stageDelete('n1', 'broken', false)
    await staging.stageDelete('n1', 'dir/sub/b.csv', false)
    await staging.stageDelete('n1', 'dir', true)
    await staging.commit(NOTHING)
    expect(readdirSync(place.targets)).toEqual(['real'])
  })

  it('of a folder needs recursive, and never takes the folder that the run works in', async () => {
    mkdirSync(path.join(place.targets, 'dir'))
    const staging = place.staging()
    await expect(staging.stageDelete('n1', 'dir', false)).rejects.toMatchObject({
      code: 'FILE_UNWRITABLE',
      hint: expect.stringContaining('recursive'),
    })
    for (const folder of ['.', '..', '/']) {
      await expect(staging.stageDelete('n1', folder, true)).rejects.toMatchObject({ code: 'FILE_UNWRITABLE' })
    }
  })
})
