import path from 'node:path'
import { messageOf, PypeError, toCodedError } from '../core/errors.js'
import { type EventError, type RunStatus, toEventError } from '../core/events.js'
import { nameWithoutFrame } from '../core/frame.js'
import { openEngine } from '../engine/duckdb/open-engine.js'
import type { Engine } from '../engine/engine.js'
import type { CommitDeps } from './checkpoint/commit/commit-deps.js'
import { leavesCommitOpen } from './checkpoint/commit/open-commit.js'
import { moveRunCursors } from './checkpoint/cursors/move-run-cursors.js'
import { noteWaiting } from './checkpoint/cursors/waiting-cursors.js'
import { TokenTables } from './checkpoint/databases/token-tables.js'
import { Journal } from './checkpoint/journal/journal.js'
import { maskRecord } from './checkpoint/journal/mask-record.js'
import { noteStart } from './checkpoint/journal/note-start.js'
import type { DatabaseConnections } from './database-connections/database-connections.js'
import { openDatabaseConnections } from './database-connections/open-database-connections.js'
import type { Executor } from './execution/executor.js'
import { shareEngine } from './job/engine-share.js'
import { flowFile } from './job/flow-file.js'
import { type Machine, readMachine } from './job/machine.js'
import { startTicker } from './observe/progress-ticker.js'
import { diskOf, type OpenedRun, spillFolder } from './opened-run.js'
import { ruleOf } from './resume/rule.js'
import { createRunCommit, type RunConnections } from './run-commit.js'
import { type Activity, createRunExecutor } from './run-executor.js'
import { createRunState } from './run-state.js'
import { NOTHING_RECORDED } from './scheduling/recorded.js'
import { createSubFlowRunner } from './scheduling/run-sub-flow.js'
import { noEnds } from './scheduling/settle.js'
import { walk } from './scheduling/walk.js'
import type { WalkResult } from './scheduling/walk-deps.js'
import { maskCoded } from './secrets/mask-error.js'
import { evaluateCondition } from './templating/evaluate-condition.js'
import { watchForStop } from './watch-for-stop.js'

/** How a run ended. */
export interface RunResult {
  readonly status: RunStatus
  readonly errors: readonly EventError[]
  readonly ends: WalkResult['ends']
}

/** Walks a job from its journal's first record to its last. Resolves however the run ends. */
export async function walkJob(run: OpenedRun): Promise<RunResult> {
  const { runFolder, emit } = run
  const running = new Set<string>()
  const ticker = startTicker(run.options.progressEvery, spillFolder(run), emit)
  const activity: Activity = { running, statements: ticker.statements }
  const stop = watchForStop(run.options.signal, run.job.metadata.settings.timeout, running)
  const tokenTables = new TokenTables()
  let connections: DatabaseConnections | undefined
  let journal: Journal | undefined
  let result: RunResult
  try {
    journal = Journal.open(diskOf(run), runFolder, run.resume?.length, (record) => maskRecord(record, run.secrets.masker))
    connections = await openDatabaseConnections(run)
    const databases = { connections, tokenTables }
    result = toResult(await walkWithEngine({ run, journal, databases, activity, signal: stop.signal }), run, stop.signal)
  } catch (error) {
    const coded = maskCoded(toCodedError(error), run.secrets.masker)
    result = { status: coded.code === 'CANCELLED' ? 'cancelled' : 'failed', errors: [toEventError(coded)], ends: noEnds() }
  } finally {
    ticker.stop()
    stop.clear()
  }
  try {
    const hasEnded = journal !== undefined && closeJournal(journal, result, run)
    if (hasEnded) await tokenTables.forget(run.runId, (message) => emit({ type: 'log', level: 'warn', message }))
  } catch (error) {
    emit({ type: 'log', level: 'error', message: `The journal has no end: ${toCodedError(error).message}` })
    result = { ...result, status: 'failed', errors: [...result.errors, toEventError(toCodedError(error))] }
  }
  await closeConnections(connections, run)
  // After the journal's end is flushed: what it names may be gone only then.
  removeRows(run, result)
  return result
}

/** What cannot be closed changes nothing in how the run has ended; a database closes it when the process is gone. */
async function closeConnections(connections: DatabaseConnections | undefined, { emit }: OpenedRun): Promise<void> {
  try {
    await connections?.close()
  } catch (error) {
    emit({ type: 'log', level: 'warn', message: `Connections to databases cannot be closed: ${messageOf(error)}` })
  }
}

/** What cannot be removed changes nothing in how the run has ended; the next start tries it again. */
function removeRows(run: OpenedRun, { status }: RunResult): void {
  const disk = diskOf(run)
  try {
    disk.remove(spillFolder(run))
    if (status === 'completed' && run.options.keep !== true) disk.remove(path.join(run.runFolder, 'artifacts'))
  } catch (error) {
    if (!(error instanceof PypeError)) throw error
    run.emit({ type: 'log', level: 'warn', message: `What the run has kept cannot be removed: ${error.message}` })
  }
}

/** Whether the journal has an end now. A commit that is not finished leaves it open: the next start sees it and finishes it. */
function closeJournal(journal: Journal, { status, errors }: RunResult, run: OpenedRun): boolean {
  try {
    if (errors.some(leavesCommitOpen)) return false
    const keeps = run.options.keep === true ? ({ keeps: true } as const) : {}
    // In its folder it is found without.
    const spill = run.job.metadata.settings.spill_dir === null ? {} : { spill: spillFolder(run) }
    const waiting = status === 'completed' ? {} : noteWaiting(run.runFolder)
    journal.append({ kind: 'end', status, time: run.now().toISOString(), ...keeps, ...spill, ...waiting })
    journal.flush()
    return true
  } finally {
    journal.close()
  }
}

/** What is open while the flow is walked. */
interface WalkParts {
  readonly run: OpenedRun
  readonly journal: Journal
  readonly databases: RunConnections
  readonly activity: Activity
  readonly signal: AbortSignal
}

async function walkWithEngine(parts: WalkParts): Promise<WalkResult> {
  const { run, journal } = parts
  const engine = await openRunEngine(run, readMachine())
  try {
    noteStart(run, journal, engine)
    return await walkWithExecutor({ ...parts, engine })
  } finally {
    await engine.close()
  }
}

function openRunEngine(run: OpenedRun, machine: Machine): Promise<Engine> {
  const { settings } = run.job.metadata
  return openEngine({
    ...shareEngine(settings, machine, run.options.env, run.options.share ?? 1, run.kin.parent?.memoryShare),
    spillDir: spillFolder(run),
    timeZone: settings.time_zone,
    cwd: run.cwd,
    onWarning: (message) => run.emit({ type: 'log', level: 'warn', message }),
    ...run.options.engine,
  })
}

async function walkWithExecutor({
  run,
  journal,
  engine,
  databases,
  activity,
  signal,
}: WalkParts & { readonly engine: Engine }): Promise<WalkResult> {
  const { emit, threads } = run
  const { dag, metadata } = run.job
  const flow = flowFile(run)
  const state = createRunState(run, engine, journal, signal)
  const executor = createRunExecutor(run, engine, state, databases.connections, activity)
  const commit = createRunCommit({ run, journal, databases, state, executor, signal })
  try {
    const result = await walk(dag, metadata, {
      runSubFlow: createSubFlowRunner({
        metadata,
        executor,
        emit,
        random: run.options.random ?? Math.random,
        commit,
        iteration: (name, frame) => state.iteration(name, frame),
        onCommitted: (frame, outcome) => state.add(frame, outcome),
        onFailed: (frame, globals) => state.addFailed(frame, globals),
      }),
      evaluate: ({ connection, from }, frame, abort) => evaluateCondition(connection, engine, state.lookup(from, frame), flow, abort),
      loops: state,
      recorded: run.resume?.recorded ?? NOTHING_RECORDED,
      onRecorded: (name, frame) => state.restore(name, frame),
      onSettled: ({ connection }, frame, verdict) => {
        const { from, to } = connection
        journal.append({ kind: 'settled', from, to, frame, verdict, rule: ruleOf(connection) })
      },
      onEnd: (name, frame, end, error) => state.end(name, frame, end, error),
      emit,
      threads,
      signal,
    })
    run.kin.parent?.onGlobals(state.globals())
    return signal.aborted ? result : await moveCursors(result, commit, executor)
  } finally {
    await executor.close()
  }
}

/** The cursors that wait for the end move when nothing has failed. */
async function moveCursors(result: WalkResult, commit: CommitDeps, executor: Executor): Promise<WalkResult> {
  if (result.failures.length > 0) return result
  try {
    await moveRunCursors(commit, (node) => executor.targetsBehind(node))
    return result
  } catch (error) {
    return { ...result, failures: [toCodedError(error)] }
  }
}

function toResult({ failures, ends }: WalkResult, run: OpenedRun, signal: AbortSignal): RunResult {
  const errors = failures.map((failure) => toEventError(maskCoded(placeFailure(failure, run), run.secrets.masker)))
  if (!signal.aborted) return { status: failures.length > 0 ? 'failed' : 'completed', errors, ends }
  const reason = toCodedError(signal.reason)
  return { status: reason.code === 'CANCELLED' ? 'cancelled' : 'failed', errors: [...errors, toEventError(reason)], ends }
}

/** A loop without a list knows its node, and not its place. */
function placeFailure(failure: PypeError, run: OpenedRun): PypeError {
  const node = run.job.dag.nodes.find(({ id }) => id === nameWithoutFrame(failure.node ?? ''))
  return node === undefined ? failure : failure.with({ at: { ...flowFile(run), ...node.place } })
}
