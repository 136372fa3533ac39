import path from 'node:path'
import { formatFrame } from '../../core/frame.js'
import { type Disk, nodeDisk } from '../../run/checkpoint/files/disk.js'
import { parseRecord } from '../../run/checkpoint/journal/format.js'
import { JOURNAL_FILE } from '../../run/checkpoint/journal/journal.js'
import type { Listener } from '../../run/observe/emitter.js'
import type { KillOrder } from './case-plan.js'

/** A disk under which the process dies when the journal comes to a point; `die` does not return. */
export function createMortalDisk({ point, subFlow, frame }: KillOrder, die: () => never): Disk {
  const isMeant = (bytes: Uint8Array, kinds: readonly string[]): boolean => {
    const record = parseRecord(Buffer.from(bytes), 0)?.record
    return (
      record !== undefined &&
      kinds.includes(record.kind) &&
      'sub_flow' in record &&
      record.sub_flow === subFlow &&
      formatFrame(record.frame) === formatFrame(frame)
    )
  }
  return {
    ...nodeDisk,
    append: (file, bytes) => {
      const isJournal = path.basename(file.path) === JOURNAL_FILE
      // What has nothing to put in place completes without an intent.
      if (isJournal && point === 'before_commit' && isMeant(bytes, ['intent', 'completed'])) die()
      nodeDisk.append(file, bytes)
      if (isJournal && point === 'in_commit' && isMeant(bytes, ['intent'])) die()
      if (isJournal && point === 'after' && isMeant(bytes, ['completed'])) die()
    },
  }
}

/** A listener by which the process dies when a sub flow starts. */
export function createMortalListener({ point, subFlow, frame }: KillOrder, die: () => never): Listener {
  return {
    name: 'test',
    hear: (event) => {
      if (
        point === 'start' &&
        event.type === 'subflow.started' &&
        event.subFlow === subFlow &&
        formatFrame(event.frame) === formatFrame(frame)
      )
        die()
    },
  }
}
