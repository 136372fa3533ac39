import { looksLikeRunId } from './run-id.js'

/** Clocks of machines that share a folder are seldom nearer to each other, in ms. */
const NEAR = 5000

/**
 * What to say when the clock was set back: one of the runs has begun in the future, as its id tells. Undefined when none has. The order of runs is that of the
 * clock, and a resume counts on it.
 */
export function describeClock(runs: readonly string[], now: Date): string | undefined {
  const ahead = runs.filter((run) => looksLikeRunId(run) && startOf(run) > now.getTime() + NEAR).toSorted()
  const last = ahead.at(-1)
  if (last === undefined) return undefined
  return `The clock has been set back: by it, the run ${last} begins in the future. That one counts as the last until the clock has passed it; do not resume it when this run has written to the same targets.`
}

/** In ms since 1970. */
function startOf(run: string): number {
  const [, year, month, day, hours, minutes, rest] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d{5})/.exec(run) ?? []
  return Date.parse(`${year}-${month}-${day}T${hours}:${minutes}:${rest?.slice(0, 2)}.${rest?.slice(2)}Z`)
}
