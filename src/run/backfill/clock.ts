const HOUR = 3_600_000
/** Longer than any change of clocks, so that the two sides of one are told apart (Samoa left out a whole day). */
const ASIDE = 36 * HOUR

/**
 * The clock of a time zone. Readings of it are numbers: the milliseconds of a UTC clock that shows the same digits.
 */
export class LocalClock {
  readonly #format: Intl.DateTimeFormat

  constructor(timeZone: string) {
    // The Swedish form of a date is that of ISO 8601.
    this.#format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' })
  }

  /** What the clock shows at an instant, in whole seconds. */
  read(instant: number): number {
    return Date.parse(`${this.#format.format(instant).replace(' ', 'T')}Z`)
  }

  /** Whether the clock never shows any time from `begin` up to (and without) `end`, because it was put forward over all of it. */
  leavesOut(begin: number, end: number): boolean {
    const before = this.#offset(begin - ASIDE)
    const after = this.#offset(end + ASIDE)
    // Also where there is no offset, in years that do not have four digits.
    if (!(after > before)) return false
    return !this.#shows(begin, before, after) && !this.#shows(end - 1, before, after)
  }

  /** Whether the clock, of which the offset grows around this time, shows it. */
  #shows(reading: number, before: number, after: number): boolean {
    return [before, after].some((offset) => this.#offset(reading - offset) === offset)
  }

  #offset(instant: number): number {
    const second = Math.floor(instant / 1000) * 1000
    return this.read(second) - second
  }
}
