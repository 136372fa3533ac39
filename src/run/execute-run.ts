import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { messageOf, PypeError } from '../core/errors.js'
import { formatSeconds } from '../core/quantity.js'
import { type FolderLock, lockNewFolder, removeLockFile } from '../engine/duckdb/folder-lock.js'
import { type Disk, nodeDisk } from './checkpoint/files/disk.js'
import { makeLastingFolder } from './checkpoint/files/make-folder.js'
import type { RunRecord } from './checkpoint/journal/records.js'
import type { ReplayedState } from './checkpoint/journal/replay.js'
import { listRuns } from './checkpoint/settle/leftovers.js'
import { describeClock } from './job/clock-set-back.js'
import type { RenderedContext } from './job/render-context.js'
import { createRunId } from './job/run-id.js'
import { countSinkRows } from './observe/count-sink-rows.js'
import { Emitter, type Listener } from './observe/emitter.js'
import { createEventLines, createLogListeners } from './observe/log-lines.js'
import { maskEvent } from './observe/mask-event.js'
import { type RunSummary, SUMMARY_FILE, SummaryCollector } from './observe/summary.js'
import { type OpenedRun, openRun, type WalkedResume } from './opened-run.js'
import type { Entry } from './overlap/enter-runs-folder.js'
import type { PreparedRun } from './prepare-run.js'
import { findWaitingCursor } from './resume/find-waiting.js'
import { openResume } from './resume/open-resume.js'
import type { RunOptions } from './run-options.js'
import { createSecrets } from './secrets/create-secrets.js'
import { maskError } from './secrets/mask-error.js'
import type { RunSecrets } from './secrets/run-secrets.js'
import { settleBeforeStart, withSettling } from './settle-before-start.js'
import { walkJob } from './walk-job.js'

/** A run that is gone on with. */
export interface EarlierRun {
  readonly id: string
  /** Of its folder; the caller releases it. */
  readonly lock: FolderLock
  readonly run: RunRecord
  readonly before: ReplayedState
  /** What its context has now and had not then; undefined: nothing. */
  readonly added: RenderedContext | undefined
  /** What is to be said before it goes on. */
  readonly warning: string | undefined
}

/**
 * One run of a prepared job: makes its folder, settles what the entry has found, and walks. `entry` is undefined for a run of a
 * backfill, which has entered once for all of them. With `earlier` that run is gone on with.
 */
export async function executeRun(prepared: PreparedRun, time: string, entry?: Entry, earlier?: EarlierRun): Promise<RunSummary> {
  const secrets = createSecrets(prepared)
  try {
    // Before anything is there: a run that lacks one has not started.
    await secrets.read(prepared.secrets)
    if (earlier === undefined) checkWaiting(prepared, entry !== undefined)
    return await executeWithSecrets(prepared, time, secrets, entry, earlier)
  } catch (error) {
    throw maskError(error, secrets.masker)
  } finally {
    secrets.close()
  }
}

/** `--force` of a resume is about that run, also when `auto` finds none. Throws CURSOR_WAITS, and USAGE when nothing is to be forced. */
function checkWaiting(prepared: PreparedRun, isAlone: boolean): void {
  const { options, kin } = prepared
  const waiting = findWaitingCursor(prepared)
  if (options.force !== true || options.resume !== undefined) {
    if (waiting !== undefined) throw waiting
  } else if (waiting === undefined && isAlone && kin.parent === undefined) {
    // Who has left --resume away does not mean to begin anew.
    throw new PypeError('USAGE', '--force is for a resume, or for a start that the cursor of an earlier run is in the way of.', {
      hint: 'e.g. --resume --force',
    })
  }
}

async function executeWithSecrets(
  prepared: PreparedRun,
  time: string,
  secrets: RunSecrets,
  entry: Entry | undefined,
  earlier: EarlierRun | undefined,
): Promise<RunSummary> {
  const { options, kin } = prepared
  const now = options.now ?? (() => new Date())
  const started = now()
  const runId = earlier?.id ?? kin.parent?.childRun ?? createRunId(started)
  const runFolder = makeRunFolder(options.seams?.disk ?? nodeDisk, prepared.runsFolder, runId)
  // Before the journal: a run that has one and whose lock is free has been killed.
  const lock = earlier?.lock ?? (await lockNewFolder(runFolder))
  const collector = new SummaryCollector()
  const emitter = createEmitter(options, [collector, ...createLogs(options, runId, runFolder)], secrets)
  secrets.tell((message) => emitter.emit({ type: 'log', level: 'warn', message }))
  const clock = describeClock(listRuns(prepared.runsFolder), now())
  if (clock !== undefined) emitter.emit({ type: 'log', level: 'warn', message: clock })
  if (earlier?.warning !== undefined) emitter.emit({ type: 'log', level: 'warn', message: earlier.warning })
  try {
    if (entry !== undefined) await settle(prepared, entry, emitter.emit, secrets)
    const resume = earlier === undefined ? undefined : await openEarlier(prepared, runFolder, earlier, emitter.emit, secrets)
    return await walkAndSum(openRun(prepared, { time, secrets, runId, runFolder, started, resume, now, emit: emitter.emit }), collector)
  } finally {
    await emitter.close()
    removeLockFile(runFolder)
    await lock.release()
  }
}

async function openEarlier(
  prepared: PreparedRun,
  folder: string,
  { run, before, added }: EarlierRun,
  emit: OpenedRun['emit'],
  secrets: RunSecrets,
): Promise<WalkedResume> {
  const { job, options, kin } = prepared
  const wanted = {
    folder,
    job,
    run,
    before,
    again: options.again ?? [],
    force: options.force === true,
    allowCompleted: kin.parent !== undefined,
    inBackfill: kin.inBackfill,
  }
  const opened = await withSettling(prepared, emit, secrets, (settling) => openResume(wanted, settling))
  return { ...opened, added, begun: run.started }
}

async function settle(prepared: PreparedRun, entry: Entry, emit: OpenedRun['emit'], secrets: RunSecrets): Promise<void> {
  if (entry.waitedSeconds > 0) {
    emit({ type: 'log', level: 'info', message: `Waited ${formatSeconds(entry.waitedSeconds, 1)} for another run of the job to end.` })
  }
  await settleBeforeStart(prepared, entry, emit, secrets)
}

async function walkAndSum(run: OpenedRun, collector: SummaryCollector): Promise<RunSummary> {
  const begun = performance.now()
  const { job, time, runId, runFolder, started, emit } = run
  emit({ type: 'run.started', job: job.name, folder: runFolder, date: time, subFlows: Object.keys(job.metadata.sub_flows).length })
  const { status, errors, ends } = await walkJob(run)
  const seconds = (performance.now() - begun) / 1000
  const [first] = errors
  emit({ type: 'run.completed', status, seconds, ...(first === undefined ? {} : { error: first }) })
  const counts = collector.counts()
  const summary: RunSummary = {
    run: runId,
    job: job.name,
    flow_version: job.dag.flow.version,
    status,
    started: run.resume?.begun ?? started.toISOString(),
    seconds,
    date: time,
    sub_flows: { ...ends, recorded: run.resume === undefined ? 0 : Math.max(0, ends.completed - collector.completed) },
    flow_sub_flows: Object.keys(job.metadata.sub_flows).length,
    ...counts,
    rows: countSinkRows(job.dag, counts.nodes),
    // Kilobytes, on Linux and macOS alike.
    peak_memory: process.resourceUsage().maxRSS * 1024,
    errors,
    folder: runFolder,
  }
  writeSummary(summary, emit)
  return summary
}

function createEmitter({ listeners = [] }: RunOptions, own: readonly Listener[], { masker }: RunSecrets): Emitter {
  return new Emitter([...own, ...listeners], (event) => maskEvent(event, masker))
}

function createLogs({ log, stderr, onEventLine }: RunOptions, runId: string, runFolder: string): readonly Listener[] {
  const logs = createLogListeners(log ?? { level: 'info', destinations: ['file'] }, runId, runFolder, stderr ?? (() => {}))
  return onEventLine === undefined ? logs : [...logs, createEventLines(runId, onEventLine)]
}

function makeRunFolder(disk: Disk, runsFolder: string, runId: string): string {
  const folder = path.join(runsFolder, runId)
  makeLastingFolder(disk, path.join(folder, 'artifacts'))
  // The folder of the runs was made when it was locked, maybe just now.
  disk.flushFolder(path.dirname(runsFolder))
  return folder
}

/** The summary is for people: when it cannot be written, the run has ended as it has. */
function writeSummary(summary: RunSummary, emit: OpenedRun['emit']): void {
  try {
    writeFileSync(path.join(summary.folder, SUMMARY_FILE), `${JSON.stringify(summary, undefined, 2)}\n`)
  } catch (error) {
    emit({ type: 'log', level: 'warn', message: `${SUMMARY_FILE} cannot be written: ${messageOf(error)}` })
  }
}
