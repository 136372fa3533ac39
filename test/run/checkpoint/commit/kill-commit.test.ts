import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Emit, RunEvent } from '../../../../src/core/events.js'
import { NO_DATABASES } from '../../../../src/run/checkpoint/databases/no-databases.js'
import { type Disk, nodeDisk } from '../../../../src/run/checkpoint/files/disk.js'
import { claimLeftovers } from '../../../../src/run/checkpoint/settle/leftovers.js'
import { settleLeftovers } from '../../../../src/run/checkpoint/settle/settle-leftovers.js'
import { CommitPlace, NOTHING, writePart } from '../commit-fixture.js'
import { DyingDisk } from '../disk-fixture.js'
import { replayWhole } from '../journal/replay-whole.js'

let place: CommitPlace
beforeEach(() => {
  place = new CommitPlace()
})
afterEach(() => place.remove())

const OLD = {
  'append.csv': 'old\n',
  'parts/d=1/data.txt': 'old 1',
  'parts/d=2/data.txt': 'old 2',
  'replace.csv': 'old',
  'whole/d=1/data.txt': 'old',
}
const NEW = {
  'append.csv': 'old\nnew 1\nnew 2\n',
  'deep/er/new.csv': 'new',
  'parts/d=1/data.txt': 'old 1',
  'parts/d=2/data.txt': 'new 2',
  'parts/d=3/data.txt': 'new 3',
  'replace.csv': 'new',
  'whole/d=9/data.txt': 'new',
}

/** One sub flow with a sink of every mode. */
async function commitAll(dying: DyingDisk): Promise<void> {
  for (const [name, text] of Object.entries(OLD)) place.write(name, text)
  const staging = place.staging('a', dying.disk)
  writeFileSync(await staging.stageFile('n1', 'replace.csv', 'replace'), 'new')
  writeFileSync(await staging.stageFile('n3', 'append.csv', 'append'), 'new 2\n')
  writeFileSync(await staging.stageFile('n2', 'append.csv', 'append'), 'new 1\n')
  writeFileSync(await staging.stageFile('n4', 'deep/er/new.csv', 'create'), 'new')
  writePart(await staging.stageFile('n5', 'whole', 'replace'), 'd=9', 'new')
  const parts = await staging.stageFile('n6', 'parts', 'replace-partitions')
  writePart(parts, 'd=2', 'new 2')
  writePart(parts, 'd=3', 'new 3')
  await staging.commit(NOTHING)
}

/** Settles what the dead process has left, as the next start does. */
async function settle(disk: Disk, emit: Emit = () => {}): Promise<void> {
  const { leftovers } = await claimLeftovers(place.runs)
  await settleLeftovers(leftovers, { disk, databases: NO_DATABASES, emit, now: () => new Date() })
}

async function countOperations(): Promise<number> {
  const counting = new DyingDisk()
  await commitAll(counting)
  expect(place.snapshot()).toEqual(NEW)
  place.remove()
  place = new CommitPlace()
  return counting.operations.length
}

describe('a process that dies in a commit', () => {
  it.each([false, true])(
    'leaves, once settled, all targets old or all new, whichever operation was its last (torn record: %s)',
    async (tear) => {
      const total = await countOperations()
      expect(total).toBeGreaterThan(30)
      let finished = 0
      for (let last = 2; last <= total; last++) {
        const dying = new DyingDisk(last, tear)
        await expect(commitAll(dying)).rejects.toThrow()
        const events: RunEvent[] = []
        await settle(nodeDisk, (event) => events.push(event))
        const snapshot = place.snapshot()
        const hasCommitted = snapshot['replace.csv'] === 'new'
        expect(snapshot, `after ${last} operations: ${dying.operations.slice(-3)}`).toEqual(hasCommitted ? NEW : OLD)
        const state = replayWhole(path.join(place.runs, 'run1', 'journal.log'))
        expect(state.end?.status).toBe('superseded')
        expect(state.completed.has('a')).toBe(hasCommitted)
        if (hasCommitted) finished++
        // Settled once, it is left alone.
        await settle(nodeDisk, (event) => events.push(event))
        expect(events).toHaveLength(1)
        place.remove()
        place = new CommitPlace()
      }
      expect(finished).toBeGreaterThan(10)
      expect(finished).toBeLessThan(total - 10)
    },
  )

  it('can die again and again while it is settled', async () => {
    const total = await countOperations()
    for (let last = 2; last <= total; last += 3) {
      await expect(commitAll(new DyingDisk(last))).rejects.toThrow()
      for (let step = 1; ; step++) {
        const dying = new DyingDisk(step)
        try {
          await settle(dying.disk)
          break
        } catch (error) {
          expect(error).toMatchObject({ message: 'killed' })
        }
      }
      const snapshot = place.snapshot()
      expect(snapshot).toEqual(snapshot['replace.csv'] === 'new' ? NEW : OLD)
      place.remove()
      place = new CommitPlace()
    }
  })

  it('that loses its staged files before they were renamed is told of once, and its targets stay', async () => {
    const total = await countOperations()
    // The last operation but those that come behind the intent: the intent is flushed and nothing is renamed.
    for (let last = total; last > 2; last--) {
      const dying = new DyingDisk(last)
      await expect(commitAll(dying)).rejects.toThrow()
      if (dying.operations.includes('rename') || !dying.operations.includes('flush')) {
        place.remove()
        place = new CommitPlace()
        continue
      }
      for (const name of Object.keys(place.snapshot()))
        if (name.startsWith('.pype-') && !name.includes('/')) nodeDisk.remove(path.join(place.targets, name))
      await expect(settle(nodeDisk)).rejects.toMatchObject({ code: 'COMMIT_LOST' })
      expect(place.snapshot()).toEqual(OLD)
      await settle(nodeDisk)
      return
    }
    throw new Error('no operation lay between the flush of the intent and the first rename')
  })
})
