import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LocalClock } from '../../../src/run/backfill/clock.js'
import { planDates, STEPS } from '../../../src/run/backfill/plan-dates.js'

const HOUR = 3_600_000
const QUARTER = HOUR / 4
const plan = (from: string, to: string, every: (typeof STEPS)[number] = 'day', timeZone = 'UTC') => planDates({ from, to, every, timeZone })

describe('the dates of a backfill', () => {
  it('have both ends', () => {
    expect(plan('2026-02-27', '2026-03-01')).toEqual(['2026-02-27 00:00:00', '2026-02-28 00:00:00', '2026-03-01 00:00:00'])
    expect(plan('2026-02-27', '2026-02-27')).toEqual(['2026-02-27 00:00:00'])
  })

  it('go through the whole day that --to names, and no further than a time that it names', () => {
    expect(plan('2026-02-27 06:00', '2026-02-28')).toEqual(['2026-02-27 06:00:00', '2026-02-28 06:00:00'])
    expect(plan('2026-02-27 06:00', '2026-02-28 05:59')).toEqual(['2026-02-27 06:00:00'])
    expect(plan('2026-02-27', '2026-02-27', 'hour')).toHaveLength(24)
    expect(plan('2026-02-27 22:30:00.50', '2026-02-28 00:30:00.5', 'hour').at(-1)).toBe('2026-02-28 00:30:00.5')
  })

  it('keep the day of the first month, or take the last one of a shorter month', () => {
    expect(plan('2024-01-31', '2024-05-31', 'month').map((date) => date.slice(5, 10))).toEqual([
      '01-31',
      '02-29',
      '03-31',
      '04-30',
      '05-31',
    ])
    expect(plan('2025-11-30 12:00', '2026-02-28', 'month').map((date) => date.slice(0, 10))).toEqual([
      '2025-11-30',
      '2025-12-30',
      '2026-01-30',
      '2026-02-28',
    ])
  })

  it('are a week apart', () =>
    expect(plan('2026-01-01', '2026-01-20', 'week').map((date) => date.slice(8, 10))).toEqual(['01', '08', '15']))

  it('leave out the hour that the clocks leave out, and have the repeated one once', () => {
    const hours = (day: string, zone: string, from = '00:00') =>
      plan(`${day} ${from}`, `${day} 04:00`, 'hour', zone).map((date) => date.slice(11, 16))
    expect(hours('2026-03-29', 'Europe/Berlin')).toEqual(['00:00', '01:00', '03:00', '04:00'])
    expect(hours('2026-10-25', 'Europe/Berlin')).toEqual(['00:00', '01:00', '02:00', '03:00', '04:00'])
    // Half of the hour that begins in the gap is there.
    expect(hours('2026-03-29', 'Europe/Berlin', '00:30')).toEqual(['00:30', '01:30', '02:30', '03:30'])
    expect(hours('2026-10-04', 'Australia/Lord_Howe')).toEqual(['00:00', '01:00', '02:00', '03:00', '04:00'])
  })

  it('keep a time that a day does not have, and leave out a day that the clocks left out', () => {
    expect(plan('2026-03-28 02:30', '2026-03-30', 'day', 'Europe/Berlin')).toHaveLength(3)
    expect(plan('2011-12-29', '2011-12-31', 'day', 'Pacific/Apia').map((date) => date.slice(8, 10))).toEqual(['29', '31'])
  })

  it('go up to the end of all dates', () => expect(plan('9999-12-30', '9999-12-31')).toHaveLength(2))

  it.each([
    ['2026-02-02', '2026-02-01', 'day', /--from 2026-02-02 is after --to/],
    ['2026-02-30', '2026-03-01', 'day', /--from 2026-02-30 is neither/],
    ['2026-02-01', 'soon', 'day', /--to soon is neither/],
    ['1900-01-01', '2026-01-01', 'hour', /more than 100,000 runs/],
    ['0001-01-01', '9999-12-31', 'month', /more than 100,000 runs/],
  ] as const)('from %s to %s every %s are refused', (from, to, every, message) => {
    expect(() => plan(from, to, every)).toThrow(expect.objectContaining({ code: 'USAGE', message: expect.stringMatching(message) }))
  })
})

const ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'Africa/Casablanca',
  'Pacific/Apia',
  'Asia/Kathmandu',
  'America/Sao_Paulo',
]

/** A quarter of an hour in years in which these zones have changed their clocks; they all do so at such a time. */
const times = fc.integer({ min: Date.UTC(2009, 0, 1) / QUARTER, max: Date.UTC(2027, 0, 1) / QUARTER }).map((quarters) => quarters * QUARTER)
const textOf = (ms: number): string => new Date(ms).toISOString().slice(0, 19).replace('T', ' ')
const msOf = (text: string): number => Date.parse(`${text.replace(' ', 'T')}Z`)

describe('for any range and zone, the dates', () => {
  it('ascend, begin at the first end and stay within the last', () => {
    const ranges = fc.record({ from: times, steps: fc.nat(60), every: fc.constantFrom(...STEPS), timeZone: fc.constantFrom(...ZONES) })
    fc.assert(
      fc.property(ranges, ({ from, steps, every, timeZone }) => {
        const width = { hour: HOUR, day: 24 * HOUR, week: 168 * HOUR, month: 28 * 24 * HOUR }[every]
        const to = from + steps * width
        const dates = planDates({ from: textOf(from), to: textOf(to), every, timeZone }).map(msOf)
        for (const [i, date] of dates.slice(1).entries()) expect(date).toBeGreaterThan(dates[i] ?? Number.POSITIVE_INFINITY)
        for (const date of dates) expect(date >= from && date <= to).toBe(true)
        if (every !== 'month') for (const date of dates) expect((date - from) % width).toBe(0)
        if (!new LocalClock(timeZone).leavesOut(from, from + width)) expect(dates[0]).toBe(from)
      }),
      { numRuns: 500 },
    )
  })

  it('every hour: each moment is in exactly one of the hours, and each hour has a moment', () => {
    const ranges = fc.record({ from: times, hours: fc.integer({ min: 1, max: 72 }), timeZone: fc.constantFrom(...ZONES) })
    // Around a change of clocks in each zone too, which a random time seldom meets.
    const changes = fc
      .constantFrom(
        ['2026-03-28 12:00', 'Europe/Berlin'],
        ['2026-10-24 12:30', 'Europe/Berlin'],
        ['2026-10-03 20:15', 'Australia/Lord_Howe'],
        ['2026-04-04 20:15', 'Australia/Lord_Howe'],
        ['2011-12-29 03:00', 'Pacific/Apia'],
        ['2018-11-03 12:00', 'America/Sao_Paulo'],
        ['2026-02-14 12:00', 'Africa/Casablanca'],
      )
      .chain(([from = '', timeZone = '']) =>
        fc.record({
          from: fc.nat(70).map((quarters) => msOf(`${from}:00`) + quarters * QUARTER),
          hours: fc.constant(48),
          timeZone: fc.constant(timeZone),
        }),
      )
    fc.assert(
      fc.property(fc.oneof(ranges, changes), ({ from, hours, timeZone }) => {
        const end = from + hours * HOUR
        const dates = planDates({ from: textOf(from), to: textOf(end - 1000), every: 'hour', timeZone }).map(msOf)
        const clock = new LocalClock(timeZone)
        const hit = new Set<number>()
        // All moments at which the clock may show a time of the range, quarter by quarter of an hour.
        for (let moment = from - 26 * HOUR; moment < end + 26 * HOUR; moment += QUARTER) {
          const shown = clock.read(moment)
          if (shown < from || shown >= end) continue
          const within = dates.filter((date) => date <= shown && shown < date + HOUR)
          expect(within).toHaveLength(1)
          hit.add(within[0] ?? 0)
        }
        expect(hit.size).toBe(dates.length)
      }),
      { numRuns: 120 },
    )
  })
})
