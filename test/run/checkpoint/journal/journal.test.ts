import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { PypeError } from '../../../../src/core/errors.js'
import { nodeDisk } from '../../../../src/run/checkpoint/files/disk.js'
import { formatRecord } from '../../../../src/run/checkpoint/journal/format.js'
import { Journal } from '../../../../src/run/checkpoint/journal/journal.js'
import { readJournal, readLastRecord } from '../../../../src/run/checkpoint/journal/read-journal.js'
import type { JournalRecord } from '../../../../src/run/checkpoint/journal/records.js'
import { replayJournal } from '../../../../src/run/checkpoint/journal/replay.js'

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'pype-journal-'))
  file = path.join(folder, 'journal.log')
})
afterEach(() => rmSync(folder, { recursive: true }))

const text = fc.string({ unit: 'binary', maxLength: 60 })
const frame = fc.array(fc.nat(5), { maxLength: 3 })
const record: fc.Arbitrary<JournalRecord> = fc.oneof(
  fc.record({
    kind: fc.constant('settled'),
    from: text,
    to: text,
    frame,
    verdict: fc.constantFrom('taken', 'not taken', 'blocking'),
    rule: text,
  }),
  fc.record({ kind: fc.constant('abort'), sub_flow: text, frame, reason: text }),
  fc.record({
    kind: fc.constant('completed'),
    sub_flow: text,
    frame,
    globals: fc.constant({ a__b: { type: 'VARCHAR', text: '1 2\n3' } }),
    boundaries: fc.constant([]),
    nodes: fc.constant([]),
  }),
)
const records = fc.array(record, { minLength: 1, maxLength: 8 })

function read(): { readonly found: JournalRecord[]; readonly length: number } {
  const found: JournalRecord[] = []
  const length = readJournal(file, (one) => found.push(one))
  return { found, length }
}

describe('a journal', () => {
  it('gives back the records that it took, whatever stands in them', () => {
    fc.assert(
      fc.property(records, (written) => {
        writeFileSync(file, Buffer.concat(written.map(formatRecord)))
        expect(read().found).toEqual(written)
        expect(readLastRecord(file)).toEqual(written.at(-1))
      }),
    )
  })

  it('cut at any byte gives the records before the cut, and knows where to go on', () => {
    fc.assert(
      fc.property(records, fc.nat(), (written, seed) => {
        const whole = Buffer.concat(written.map(formatRecord))
        const cut = seed % (whole.length + 1)
        writeFileSync(file, whole.subarray(0, cut))
        const { found, length } = read()
        expect(found).toEqual(written.slice(0, found.length))
        expect(length).toBe(Buffer.concat(found.map(formatRecord)).length)
        const next = written[found.length]
        expect(length + (next === undefined ? 0 : formatRecord(next).length)).toBeGreaterThanOrEqual(cut)
      }),
    )
  })

  it('with a changed byte before its last record is an error and never another story', () => {
    fc.assert(
      fc.property(records, record, fc.nat(), fc.integer({ min: 1, max: 255 }), (written, last, seed, change) => {
        const bytes = Buffer.concat([...written, last].map(formatRecord))
        const at = seed % (bytes.length - formatRecord(last).length)
        bytes[at] = (bytes[at] ?? 0) ^ change
        writeFileSync(file, bytes)
        expect(read).toThrow(expect.objectContaining({ code: 'JOURNAL_BROKEN' }))
      }),
    )
  })

  it('with a changed end of line before its last record is an error too', () => {
    const one = formatRecord({ kind: 'abort', sub_flow: 'a', frame: [], reason: 'x' })
    const bytes = Buffer.concat([one, one])
    bytes[one.length - 1] = 0x20
    writeFileSync(file, bytes)
    expect(read).toThrow(expect.objectContaining({ code: 'JOURNAL_BROKEN' }))
  })

  it('takes zeros that a power cut has left at its end for a torn record', () => {
    const one = formatRecord({ kind: 'abort', sub_flow: 'a', frame: [], reason: 'x' })
    writeFileSync(file, Buffer.concat([one, Buffer.alloc(5000)]))
    expect(read().length).toBe(one.length)
  })

  it('reads records that are longer than the pieces it reads', () => {
    const big: JournalRecord = { kind: 'abort', sub_flow: 'a', frame: [], reason: 'ü'.repeat(2_000_000) }
    writeFileSync(file, Buffer.concat([big, big, big].map(formatRecord)))
    expect(read().found).toHaveLength(3)
  })

  it('can be read by a person', () => {
    expect(formatRecord({ kind: 'settled', from: 'a', to: 'b', frame: [2, 0], verdict: 'taken', rule: 'normal 1' }).toString()).toMatch(
      /^\d+ [0-9a-f]{8} settled \{"from":"a","to":"b","frame":\[2,0\],"verdict":"taken","rule":"normal 1"\}\n$/,
    )
  })

  it('is cut to its last whole record before it goes on', () => {
    const one: JournalRecord = { kind: 'abort', sub_flow: 'a', frame: [], reason: 'x' }
    writeFileSync(file, formatRecord(one))
    appendFileSync(file, '99 00000000 set')
    const journal = Journal.open(nodeDisk, folder, read().length)
    journal.append(one)
    journal.close()
    expect(read().found).toEqual([one, one])
  })

  it('that could not take a record stays readable and takes no other one', () => {
    let full = false
    const disk = {
      ...nodeDisk,
      append: (...[handle, bytes]: Parameters<typeof nodeDisk.append>) => {
        if (!full) return nodeDisk.append(handle, bytes)
        nodeDisk.append(handle, bytes.subarray(0, 10))
        throw new PypeError('DISK_FULL', 'no space')
      },
    }
    const one: JournalRecord = { kind: 'abort', sub_flow: 'a', frame: [], reason: 'x' }
    const journal = Journal.open(disk, folder)
    journal.append(one)
    full = true
    expect(() => journal.append(one)).toThrow('no space')
    full = false
    expect(() => journal.append(one)).toThrow('no space')
    journal.close()
    expect(readFileSync(file)).toEqual(formatRecord(one))
  })

  it('never tries a flush again that has failed', () => {
    let flushes = 0
    const disk = {
      ...nodeDisk,
      flush: () => {
        flushes++
        throw new PypeError('FILE_UNWRITABLE', 'the disk is broken')
      },
    }
    const journal = Journal.open(disk, folder)
    journal.append({ kind: 'abort', sub_flow: 'a', frame: [], reason: 'x' })
    expect(() => journal.flush()).toThrow('broken')
    expect(() => journal.flush()).toThrow('broken')
    expect(flushes).toBe(1)
    journal.close()
  })
})

describe('a replay', () => {
  function openAfter(...all: readonly JournalRecord[]): string[] {
    writeFileSync(file, Buffer.concat(all.map(formatRecord)))
    return [...replayJournal(file).openIntents.keys()]
  }

  const completion = { globals: {}, boundaries: [], nodes: [] }

  it('keeps a commit open until its completed or abort record', () => {
    const intent: JournalRecord = {
      kind: 'intent',
      sub_flow: 'a',
      frame: [1],
      attempt: 1,
      entries: [],
      remove: [],
      databases: [],
      completion,
    }
    const where = { sub_flow: 'a', frame: [1] }
    expect(openAfter(intent)).toEqual(['a#1'])
    expect(openAfter(intent, { kind: 'failed', ...where, attempt: 1, error: { code: 'INTERNAL', message: '' } })).toEqual(['a#1'])
    expect(openAfter(intent, { kind: 'completed', ...where, ...completion })).toEqual([])
    expect(openAfter(intent, { kind: 'abort', ...where, reason: '' })).toEqual([])
    // The same sub flow in another frame.
    expect(openAfter(intent, { kind: 'completed', ...where, frame: [0], ...completion })).toEqual(['a#1'])
  })
})
