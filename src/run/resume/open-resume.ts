import path from 'node:path'
import { PypeError } from '../../core/errors.js'
import type { Emit } from '../../core/events.js'
import { readNameInFrame } from '../../core/frame.js'
import { formatQuantity } from '../../core/quantity.js'
import { suggestNearest } from '../../core/suggest.js'
import type { ResumedRecord, RunRecord } from '../checkpoint/journal/records.js'
import type { ReplayedState } from '../checkpoint/journal/replay.js'
import { type LeftoverDeps, settleForResume } from '../checkpoint/settle/settle-leftovers.js'
import type { Job } from '../job/load-job.js'
import { findRepeats } from './find-repeats.js'
import { findLaterCommit } from './later-commit.js'
import type { RecordedRun } from './recorded-run.js'

/** Sub flows that are named one by one. */
const MOST_SHOWN = 20

/** What a resume goes on from. */
export interface OpenedResume {
  readonly recorded: RecordedRun
  /** Bytes of the journal's whole records. */
  readonly length: number
  /** The record that the new process begins with, but for the versions that it runs with. */
  readonly record: Pick<ResumedRecord, 'process' | 'hashes' | 'void'>
}

/** Which run is opened, and for which job. */
export interface ResumeOptions {
  readonly folder: string
  readonly job: Job
  readonly run: RunRecord
  /** What its journal comes to. */
  readonly before: ReplayedState
  /** Nodes whose sub flows run again. */
  readonly again: readonly string[]
  /** Also when a later run of the job has committed. */
  readonly force: boolean
  /** A child is asked for what it has come to, also when it has completed. */
  readonly allowCompleted: boolean
  /** Then runs of other logical times are nobody's older or newer ones: a backfill runs its dates in any order. */
  readonly inBackfill: boolean
}

/**
 * Opens a run whose lock is held, to go on with it: settles what its last process has left, reads what it recorded, and says what runs again. Throws
 * NOTHING_TO_RESUME when it completed, RESUME_REFUSED when a sub flow would add its rows a second time, and what settling throws.
 */
export async function openResume(
  { folder, job, run, before, again, force, allowCompleted, inBackfill }: ResumeOptions,
  deps: LeftoverDeps,
): Promise<OpenedResume> {
  const isComplete = before.end?.status === 'completed'
  if (isComplete && !allowCompleted) throw hasCompleted(run)
  const later = force || isComplete ? undefined : findLaterCommit(path.dirname(folder), run.run, before, inBackfill)
  if (later !== undefined) throw isOlder(run, later, inBackfill)
  await settleForResume(folder, before, deps)
  const { metadata } = job
  const hashes = before.resumes.findLast((resume) => resume.hashes !== undefined)?.hashes ?? run.hashes
  const asked = findSubFlows(job, again)
  const repeats = findRepeats({ folder, job, before, hashes }, asked)
  const { recorded, reasons } = repeats
  tellStart(repeats.completed.size, before.resumes.length + 2, deps.emit)
  tellRepeats(repeats.completed, reasons, deps.emit)
  refuseAppended(job, recorded, reasons, run, asked)
  const isSame = Object.entries(metadata.sub_flows).every(([name, { hash }]) => hashes[name] === hash)
  const now = isSame ? undefined : Object.fromEntries(Object.entries(metadata.sub_flows).map(([name, { hash }]) => [name, hash]))
  return {
    recorded,
    length: repeats.length,
    record: { process: before.resumes.length + 2, void: repeats.void, ...(now === undefined ? {} : { hashes: now }) },
  }
}

/** The sub flows of nodes. Throws USAGE for a node that the flow does not have. */
function findSubFlows({ dag }: Job, nodes: readonly string[]): ReadonlySet<string> {
  return new Set(
    nodes.map((id) => {
      const node = dag.nodes.find((each) => each.id === id)
      if (node !== undefined) return node.sub_flow
      throw new PypeError('USAGE', `--again ${id}: the flow has no such node.`, {
        hint: suggestNearest(
          id,
          dag.nodes.map((each) => each.id),
          'give the id of a node',
        ),
      })
    }),
  )
}

function tellStart(completed: number, process: number, emit: Emit): void {
  const message = `The run goes on, in its process number ${process}: ${formatQuantity(completed, 'sub flow')} had completed.`
  emit({ type: 'log', level: 'info', message })
}

/** What has completed and runs again all the same is said before anything starts. */
function tellRepeats(completed: ReadonlySet<string>, reasons: ReadonlyMap<string, string>, emit: Emit): void {
  const repeats = [...reasons].filter(([name]) => completed.has(readNameInFrame(name).name))
  if (repeats.length === 0) return
  const shown = repeats.slice(0, MOST_SHOWN).map(([name, reason]) => `${name} (${reason})`)
  const more = repeats.length > MOST_SHOWN ? [`${repeats.length - MOST_SHOWN} more`] : []
  emit({ type: 'log', level: 'warn', message: `Runs again although it has completed: ${[...shown, ...more].join(', ')}.` })
}

/** Rows that were added to what a target had would be there twice. */
function refuseAppended(
  { dag }: Job,
  recorded: RecordedRun,
  reasons: ReadonlyMap<string, string>,
  run: RunRecord,
  asked: ReadonlySet<string>,
): void {
  const repeated = new Map([...reasons].map(([name, reason]) => [readNameInFrame(name).name, reason]))
  const doubled = dag.nodes.filter(({ id, sub_flow }) => recorded.appended.has(id) && repeated.has(sub_flow) && !asked.has(sub_flow))
  const names = [...new Set(doubled.map((node) => node.sub_flow))]
  if (names.length === 0) return
  const told = names.map((name) => `${name} (${repeated.get(name)})`).join(', ')
  const options = [...asked, ...names].map((name) => `--again ${name}`).join(' ')
  const added = recorded.appended.describe(
    doubled.map(({ id }) => id),
    dag,
  )
  throw new PypeError(
    'RESUME_REFUSED',
    `${told} would run again, and has added rows to a target already: they would be there twice. ${added}`,
    {
      hint: `undo the change; or take these rows out and resume with: pype run ${run.job} --resume ${run.run} ${options}`,
    },
  )
}

function isOlder({ job, run, date }: RunRecord, later: string, inBackfill: boolean): PypeError {
  const anew = inBackfill ? `run the date by itself: pype run ${job} --date '${date}'` : 'leave --resume away'
  return new PypeError('RESUME_REFUSED', `The run ${later} of the job was started later than ${run} and has committed.`, {
    hint: `when the older rows may come behind the newer ones: pype run ${job} --resume ${run} --force; to start anew all the same, which adds once more what the run has added, ${anew}`,
  })
}

function hasCompleted({ run }: RunRecord): PypeError {
  return new PypeError('NOTHING_TO_RESUME', `The run ${run} has completed.`, { hint: 'start a new run without --resume' })
}
