import path from 'node:path'
import type { EventError, RunStatus } from '../../core/events.js'
import type { ProgressStatus } from '../../core/run-progress.js'
import type { TypedValue } from '../../engine/engine.js'
import { JOURNAL_FILE } from '../../run/checkpoint/journal/journal.js'
import { readJournal } from '../../run/checkpoint/journal/read-journal.js'
import { readProgress } from '../../run/history/read-progress.js'
import type { TestedFlow } from '../plan/build-for-tests.js'
import type { CaseRun } from '../rehearse/run-case.js'

/** What has come of the run of a case. */
export interface Outcome {
  readonly status: RunStatus
  readonly errors: readonly EventError[]
  readonly statusOf: (subFlow: string) => ProgressStatus
  /** By `node__global` in lower case; of a loop those of the last pass. */
  readonly globals: ReadonlyMap<string, TypedValue>
}

/** Reads what the journal of a run tells. */
export async function readOutcome({ status, errors, runFolder }: CaseRun, { dag, job }: TestedFlow): Promise<Outcome> {
  if (runFolder === undefined) return { status, errors, statusOf: () => 'not begun', globals: new Map() }
  const { subFlows } = await readProgress(path.dirname(runFolder), path.basename(runFolder), dag, job.metadata)
  const globals = new Map<string, TypedValue>()
  readJournal(path.join(runFolder, JOURNAL_FILE), (record) => {
    if (record.kind === 'completed') for (const [name, value] of Object.entries(record.globals)) globals.set(name, value)
  })
  return { status, errors, statusOf: (subFlow) => subFlows.get(subFlow)?.status ?? 'not begun', globals }
}
