import { chmodSync, lstatSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { PypeError } from '../../../../src/core/errors.js'
import { type Disk, nodeDisk } from '../../../../src/run/checkpoint/files/disk.js'
import { replayJournal } from '../../../../src/run/checkpoint/journal/replay.js'
import { CommitPlace, NOTHING } from '../commit-fixture.js'
import { DyingDisk } from '../disk-fixture.js'

let place: CommitPlace
beforeEach(() => {
  place = new CommitPlace()
})
afterEach(() => place.remove())

describe('a staged file', () => {
  it('is hidden, lies beside its target and keeps its suffix', async () => {
    const staged = await place.staging().stageFile('n1', 'out/data.csv.gz', 'replace')
    expect(path.dirname(staged)).toBe(path.join(place.targets, 'out'))
    expect(path.basename(staged)).toMatch(/^\..*\.csv\.gz$/)
  })

  it('is in the journal before it is handed out', async () => {
    const staged = await place.staging().stageFile('n1', 'data.csv', 'replace')
    expect(replayJournal(path.join(place.runs, 'run1', 'journal.log')).staged.get('a')).toEqual([staged])
  })

  it('leaves nothing behind after a rollback, no folder that was made for it either', async () => {
    place.write('data.csv', 'old')
    const staging = place.staging()
    const log: number[] = []
    staging.onRollback(() => void log.push(1))
    staging.onRollback(() => void log.push(2))
    writeFileSync(await staging.stageFile('n1', 'data.csv', 'replace'), 'new')
    writeFileSync(await staging.stageFile('n2', 'new/data.csv', 'replace'), 'new')
    await staging.rollback()
    expect(readdirSync(place.targets)).toEqual(['data.csv'])
    expect(place.read('data.csv')).toBe('old')
    expect(log).toEqual([2, 1])
  })

  it('may have a target whose name is as long as the system allows', async () => {
    const name = `${'ä'.repeat(125)}.csv`
    const staging = place.staging()
    writeFileSync(await staging.stageFile('n1', name, 'replace'), 'new')
    await staging.commit(NOTHING)
    expect(place.read(name)).toBe('new')
  })
})

describe('a commit', () => {
  it('keeps the rights of the target that it replaces', async () => {
    place.write('data.csv', 'old')
    chmodSync(path.join(place.targets, 'data.csv'), 0o640)
    const staging = place.staging()
    writeFileSync(await staging.stageFile('n1', 'data.csv', 'replace'), 'new')
    await staging.commit(NOTHING)
    expect(statSync(path.join(place.targets, 'data.csv')).mode & 0o777).toBe(0o640)
  })

  it('writes through symbolic links, also one that leads to nothing yet', async () => {
    place.write('real/data.csv', 'old')
    symlinkSync('real/data.csv', path.join(place.targets, 'link.csv'))
    symlinkSync('real/fresh.csv', path.join(place.targets, 'dangling.csv'))
    const staging = place.staging()
    writeFileSync(await staging.stageFile('n1', 'link.csv', 'replace'), 'new')
    writeFileSync(await staging.stageFile('n2', 'dangling.csv', 'replace'), 'fresh')
    await staging.commit(NOTHING)
    expect(place.read('real/data.csv')).toBe('new')
    expect(place.read('real/fresh.csv')).toBe('fresh')
    expect(lstatSync(path.join(place.targets, 'link.csv')).isSymbolicLink()).toBe(true)
  })

  it('runs its actions after everything is in place, and one that throws changes nothing', async () => {
    const staging = place.staging()
    const seen: (string | undefined)[] = []
    staging.onCommit(() => {
      throw new Error('mail server down')
    })
    staging.onCommit(() => void seen.push(place.read('data.csv')))
    writeFileSync(await staging.stageFile('n1', 'data.csv', 'replace'), 'new')
    await staging.commit(NOTHING)
    expect(seen).toEqual(['new'])
    expect(place.warnings).toEqual([expect.stringContaining('mail server down')])
  })

  it('flushes what it renames before the intent, the intent before the rename, and the folder after it', async () => {
    const recording = new DyingDisk()
    const staging = place.staging('a', recording.disk)
    writeFileSync(await staging.stageFile('n1', 'data.csv', 'replace'), 'new')
    await staging.commit(NOTHING)
    expect(recording.operations).toEqual([
      'openAppend',
      'flushFolder',
      'append',
      'makeFolder',
      'flushFile',
      'flushFolder',
      'append',
      'flush',
      'rename',
      'flushFolder',
      'append',
    ])
  })

  it('appends the rows of parallel sub flows one after the other', async () => {
    const stagings = await Promise.all(
      Array.from({ length: 20 }, async (_, i) => {
        const staging = place.staging(`s${i}`)
        writeFileSync(await staging.stageFile('n1', 'log.csv', 'append'), `${i}\n`.repeat(100))
        return staging
      }),
    )
    await Promise.all(stagings.map((staging) => staging.commit(NOTHING)))
    const lines = place.read('log.csv')?.trimEnd().split('\n') ?? []
    expect(lines).toHaveLength(2000)
    expect(new Set(lines.filter((line, i) => line !== lines[i - 1])).size).toBe(20)
  })

  it('puts what an append leads in with before it, as the end of the file then asks for, and keeps nothing of one that throws', async () => {
    const lead = async (before: readonly string[]) => Buffer.from(before.length === 0 ? 'head\n' : `${before.length}:`)
    const stagings = ['a', 'b'].map((name) => place.staging(name))
    for (const [i, staging] of stagings.entries())
      for (const node of ['n1', 'n2']) writeFileSync(await staging.stageFile(node, 'log.csv', 'append', lead), `${i}${node}\n`)
    await stagings[1]?.commit(NOTHING)
    await stagings[0]?.commit(NOTHING)
    expect(place.snapshot()).toEqual({ 'log.csv': 'head\n1n1\n2:1n2\n1:0n1\n3:0n2\n' })
    const wrong = place.staging('c')
    writeFileSync(await wrong.stageFile('n1', 'log.csv', 'append', lead), 'x')
    const staged = await wrong.stageFile('n2', 'log.csv', 'append', async () => Promise.reject(new PypeError('SCHEMA_MISMATCH', 'other')))
    writeFileSync(staged, 'x')
    await expect(wrong.commit(NOTHING)).rejects.toMatchObject({ code: 'SCHEMA_MISMATCH', node: 'n2' })
    await wrong.rollback()
    expect(Object.keys(place.snapshot())).toEqual(['log.csv'])
  })

  it('finishes at once when a rename failed only for a moment', async () => {
    let failures = 1
    const staging = place.staging(
      'a',
      failingRenames(() => failures-- > 0),
    )
    writeFileSync(await staging.stageFile('n1', 'data.csv', 'replace'), 'new')
    await staging.commit(NOTHING)
    expect(place.read('data.csv')).toBe('new')
  })

  it('that cannot be finished is not rolled back: the next start finishes it', async () => {
    const staging = place.staging(
      'a',
      failingRenames(() => true),
    )
    const staged = await staging.stageFile('n1', 'data.csv', 'replace')
    writeFileSync(staged, 'new')
    await expect(staging.commit(NOTHING)).rejects.toMatchObject({ code: 'COMMIT_UNFINISHED' })
    await staging.rollback()
    expect(place.snapshot()).toEqual({ [path.basename(staged)]: 'new' })
  })
})

describe('a target', () => {
  it('that exists is an error for mode create, but not what the same sub flow has written', async () => {
    place.write('old.csv', 'old')
    const staging = place.staging()
    await expect(staging.stageFile('n1', 'old.csv', 'create')).rejects.toMatchObject({ code: 'TARGET_EXISTS', node: 'n1' })
    writeFileSync(await staging.stageFile('n1', 'new.csv', 'create'), '1')
    writeFileSync(await staging.stageFile('n2', 'new.csv', 'create'), '2')
    await staging.commit(NOTHING)
    expect(place.read('new.csv')).toBe('2')
  })

  it('that came into being meanwhile is an error for mode create', async () => {
    const staging = place.staging()
    writeFileSync(await staging.stageFile('n1', 'new.csv', 'create'), 'ours')
    place.write('new.csv', 'theirs')
    await expect(staging.commit(NOTHING)).rejects.toMatchObject({ code: 'TARGET_EXISTS' })
    await staging.rollback()
    expect(place.snapshot()).toEqual({ 'new.csv': 'theirs' })
  })

  it('of two sub flows in one run is a clash, unless both append', async () => {
    const commit = async (name: string, target: string, mode: 'replace' | 'append') => {
      const staging = place.staging(name)
      writeFileSync(await staging.stageFile('n1', target, mode), name)
      await staging.commit(NOTHING)
    }
    await commit('a', 'data.csv', 'replace')
    await expect(commit('b', 'data.csv', 'replace')).rejects.toMatchObject({ code: 'TARGET_CLASH' })
    await expect(commit('b', './sub/../data.csv', 'append')).rejects.toMatchObject({ code: 'TARGET_CLASH' })
    await commit('a', 'log.csv', 'append')
    await commit('b', 'log.csv', 'append')
    expect(place.read('log.csv')).toBe('ab')
  })

  it('that is a device is refused, and stays one', async () => {
    await expect(place.staging().stageFile('n1', '/dev/null', 'replace')).rejects.toMatchObject({ code: 'FILE_UNWRITABLE' })
    expect(lstatSync('/dev/null').isCharacterDevice()).toBe(true)
  })

  it('that is a folder is not replaced by a file', async () => {
    place.write('data/kept.csv', 'kept')
    const staging = place.staging()
    writeFileSync(await staging.stageFile('n1', 'data', 'replace'), 'new')
    await expect(staging.commit(NOTHING)).rejects.toMatchObject({ code: 'FILE_UNWRITABLE' })
    await staging.rollback()
    expect(place.snapshot()).toEqual({ 'data/kept.csv': 'kept' })
  })

  it('for which nothing was written is an error that names the node', async () => {
    const staging = place.staging()
    await staging.stageFile('n1', 'data.csv', 'replace')
    await expect(staging.commit(NOTHING)).rejects.toMatchObject({ code: 'MODULE_FAILED', node: 'n1' })
  })
})

function failingRenames(fails: () => boolean): Disk {
  return {
    ...nodeDisk,
    rename: (from, to) => {
      if (fails()) throw new PypeError('FILE_UNWRITABLE', `${to} cannot be written`)
      nodeDisk.rename(from, to)
    },
  }
}
