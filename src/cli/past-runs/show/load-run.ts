import { readHistory } from '../../../run/history/list-history.js'
import { readRun } from '../../../run/history/read-run.js'
import { findRun, loadJobOf } from '../find/find-run.js'
import { describeRun } from './describe-run.js'
import type { ShownRun } from './shown-run.js'

/** Finds a run by what a user calls it and reads all that is known of it. */
export async function loadRun(word: string, runs: string | undefined, cwd: string, now: Date): Promise<ShownRun> {
  const found = findRun(word, runs, cwd)
  const flow = loadJobOf(found)
  const read = await readRun(found.runsFolder, found.run, flow, now)
  return describeRun(found, read, await readHistory(found.runsFolder, found.run), flow)
}
