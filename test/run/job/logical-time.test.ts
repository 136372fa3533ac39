import { describe, expect, it } from 'vitest'
import { readLogicalTime } from '../../../src/run/job/logical-time.js'
import { createRunId } from '../../../src/run/job/run-id.js'

const NOON = new Date('2026-06-01T23:30:05.123Z')

describe('the logical time', () => {
  it.each([
    ['2026-01-31', '2026-01-31 00:00:00'],
    ['2026-01-31 06:05', '2026-01-31 06:05:00'],
    ['2026-01-31T06:05:04.5', '2026-01-31 06:05:04.5'],
  ])('of --date %s is %s', (date, expected) => expect(readLogicalTime(date, NOON, 'UTC')).toBe(expected))

  it.each(['2026-02-30', '2026-13-01', '31.01.2026', 'today', '2026-01-31 25:00', ''])('cannot be "%s"', (date) => {
    expect(() => readLogicalTime(date, NOON, 'UTC')).toThrow(expect.objectContaining({ code: 'USAGE' }))
  })

  it('is the time of the start in the time zone of the flow', () => {
    expect(readLogicalTime(undefined, NOON, 'UTC')).toBe('2026-06-01 23:30:05')
    expect(readLogicalTime(undefined, NOON, 'Europe/Berlin')).toBe('2026-06-02 01:30:05')
  })
})

describe('run ids', () => {
  it('sort by the time of the start', () => {
    const ids = [0, 1, 1000, 86_400_000].map((ms) => createRunId(new Date(NOON.getTime() + ms)))
    expect([...ids].sort()).toEqual(ids)
    expect(ids[0]).toMatch(/^20260601T233005123-[0-9a-f]{6}$/)
  })
})
