import { readCompleted } from '../housekeeping/completed-times.js'
import { normalizeTime } from './plan-dates.js'
import type { PastRun } from './read-past-runs.js'

/**
 * The logical times for which a run of a purpose has completed, each with the id of the last such run: also those whose folders are gone. Those
 * that failed, were cancelled or superseded do not count.
 */
export function findCompleted(runsFolder: string, purpose: string, past: readonly PastRun[]): Map<string, string> {
  const gone = readCompleted(runsFolder).filter((one) => one.purpose === purpose)
  const known = past.filter(({ end }) => end?.status === 'completed').map(({ record }) => record)
  return new Map([...gone, ...known].map(({ date, run }) => [normalizeTime(date), run]))
}
