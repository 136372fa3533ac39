import path from 'node:path'
import { PypeError, toCodedError } from '../core/errors.js'
import { type Emit, type EventError, type RunStatus, toEventError } from '../core/events.js'
import { nameWithoutFrame } from '../core/frame.js'
import { findNodesBefore } from '../core/nodes-before.js'
import { PYPE_VERSION } from '../core/version.js'
import { openEngine } from '../engine/duckdb/open-engine.js'
import type { Engine } from '../engine/engine.js'
import type { ModuleDefinition } from '../sdk/define-module.js'
import { moveRunCursors } from './checkpoint/cursors/move-run-cursors.js'
import { RunCursors } from './checkpoint/cursors/run-cursors.js'
import type { Patience } from './checkpoint/databases/ask-committed.js'
import { createPatience } from './checkpoint/databases/create-patience.js'
import { TokenTables } from './checkpoint/databases/token-tables.js'
import { type Disk, nodeDisk } from './checkpoint/disk.js'
import { Journal } from './checkpoint/journal.js'
import { maskRecord } from './checkpoint/mask-record.js'
import { leavesCommitOpen } from './checkpoint/open-commit.js'
import { JOURNAL_VERSION } from './checkpoint/records.js'
import type { CommitDeps } from './checkpoint/staging.js'
import { TargetClaims } from './checkpoint/target-claims.js'
import type { ChildOutcome, ChildRequest, Kin } from './child/kin.js'
import { listCandidates, listConnectionConfigs } from './connections/candidates.js'
import { Connections } from './connections/connections.js'
import { loadDriver } from './connections/load-driver.js'
import { sessionOf } from './connections/session.js'
import { createExecutor } from './execution/executor.js'
import { shareEngine } from './job/engine-share.js'
import type { Job } from './job/load-job.js'
import { type Machine, readMachine } from './job/machine.js'
import type { ResolvedContext } from './job/read-context.js'
import type { RenderedContext } from './job/render-context.js'
import { createNodeLogger } from './observe/node-logger.js'
import { createRefiller } from './refill/create-refiller.js'
import { refillDatabase } from './refill/refill-database.js'
import type { OpenedResume } from './resume/open-resume.js'
import { ruleOf } from './resume/rule.js'
import type { RunOptions } from './run-options.js'
import { RunState } from './run-state.js'
import { NOTHING_RECORDED } from './scheduling/recorded.js'
import { createSubFlowRunner } from './scheduling/run-sub-flow.js'
import { type WalkResult, walk } from './scheduling/walk.js'
import { maskCoded } from './secrets/mask-error.js'
import { recordContext } from './secrets/recorded-context.js'
import type { RunSecrets } from './secrets/run-secrets.js'
import { evaluateCondition } from './templating/evaluate-condition.js'
import type { Found } from './templating/found.js'
import { GlobalStore } from './templating/global-store.js'
import { createLookup, type TemplateValues } from './templating/lookup.js'
import { resolveConfig } from './templating/resolve-config.js'
import { watchForStop } from './watch-for-stop.js'

/** A run whose folder, log and lock are there. */
export interface OpenedRun {
  readonly job: Job
  readonly context: ResolvedContext
  /** The logical time. */
  readonly time: string
  readonly definitions: ReadonlyMap<string, ModuleDefinition>
  /** Read. */
  readonly secrets: RunSecrets
  readonly runId: string
  readonly runFolder: string
  readonly cwd: string
  /** Bound on the nodes that run at once. */
  readonly threads: number
  readonly started: Date
  /** What earlier processes have come to; undefined in a fresh run. */
  readonly resume: WalkedResume | undefined
  readonly now: () => Date
  readonly emit: Emit
  readonly options: RunOptions
  readonly kin: Kin
  /** Runs another job for a node of this run. */
  readonly startChild: (request: ChildRequest) => Promise<ChildOutcome>
}

/** A run that earlier processes have begun to walk. */
export interface WalkedResume extends OpenedResume {
  /** What its context has now and had not then; undefined: nothing. */
  readonly added: RenderedContext | undefined
  /** When the first of them started, ISO 8601. */
  readonly begun: string
}

/** How a run ended. */
export interface RunResult {
  readonly status: RunStatus
  readonly errors: readonly EventError[]
  readonly ends: WalkResult['ends']
}

const NOTHING_ENDED: WalkResult['ends'] = { completed: 0, failed: 0, skipped: 0, blocked: 0, cancelled: 0 }

/** Walks a job from its journal's first record to its last. Resolves however the run ends. */
export async function walkJob(run: OpenedRun): Promise<RunResult> {
  const { runFolder, emit } = run
  const running = new Set<string>()
  const stop = watchForStop(run.options.signal, run.job.metadata.settings.timeout, running)
  const tokenTables = new TokenTables()
  let connections: Connections | undefined
  let journal: Journal | undefined
  let result: RunResult
  try {
    journal = Journal.open(diskOf(run), runFolder, run.resume?.length, (record) => maskRecord(record, run.secrets.masker))
    connections = await openConnections(run)
    const databases = { connections, tokenTables }
    result = toResult(await walkWithEngine(run, journal, databases, running, stop.signal), run, stop.signal)
  } catch (error) {
    const coded = maskCoded(toCodedError(error), run.secrets.masker)
    result = { status: coded.code === 'CANCELLED' ? 'cancelled' : 'failed', errors: [toEventError(coded)], ends: NOTHING_ENDED }
  } finally {
    stop.clear()
  }
  try {
    const hasEnded = journal !== undefined && closeJournal(journal, result, run)
    if (hasEnded) await tokenTables.forget(run.runId, (message) => emit({ type: 'log', level: 'warn', message }))
  } catch (error) {
    emit({ type: 'log', level: 'error', message: `The journal has no end: ${toCodedError(error).message}` })
    result = { ...result, status: 'failed', errors: [...result.errors, toEventError(toCodedError(error))] }
  }
  await connections?.close()
  // After the journal's end is flushed: what it names may be gone only then.
  removeRows(run, result)
  return result
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
function closeJournal(journal: Journal, { status, errors }: RunResult, { now, options }: OpenedRun): boolean {
  try {
    if (errors.some(leavesCommitOpen)) return false
    journal.append({ kind: 'end', status, time: now().toISOString(), ...(options.keep === true ? { keeps: true } : {}) })
    journal.flush()
    return true
  } finally {
    journal.close()
  }
}

/** How a run reaches databases. */
interface Databases {
  readonly connections: Connections
  readonly tokenTables: TokenTables
}

async function walkWithEngine(
  run: OpenedRun,
  journal: Journal,
  databases: Databases,
  running: Set<string>,
  signal: AbortSignal,
): Promise<WalkResult> {
  const engine = await openRunEngine(run, readMachine())
  try {
    noteStart(run, journal, engine)
    return await walkWithExecutor(run, journal, engine, databases, running, signal)
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

async function walkWithExecutor(
  run: OpenedRun,
  journal: Journal,
  engine: Engine,
  databases: Databases,
  running: Set<string>,
  signal: AbortSignal,
): Promise<WalkResult> {
  const { job, emit, runId, cwd, runFolder, threads } = run
  const { dag, metadata } = job
  const file = flowFile(run)
  const { connections } = databases
  const state = new RunState({
    dag,
    metadata,
    engine,
    journal,
    disk: diskOf(run),
    values: templateValues(run),
    signal,
    keepsArtifacts: run.resume !== undefined || run.options.keep === true,
    recorded: run.resume?.recorded,
    emit,
  })
  const executor = createExecutor({
    dag,
    metadata,
    flowFile: file,
    engine,
    definitions: run.definitions,
    resolveConfig: (node, definition, frame) => resolveConfig(definition, node, state.lookup(node.sub_flow, frame), file, connections),
    lookup: (node, frame) => state.lookup(node.sub_flow, frame),
    sealedOf: (connection) => connections.sealedOf(connection),
    lookupGlobal: (name, frame) => state.global(name, frame),
    boundaryArtifact: (node, port, frame) => state.boundaryArtifact(node, port, frame),
    emit,
    createLogger: (node, frame) => createNodeLogger(emit, node, frame),
    runId,
    runFolder,
    disk: diskOf(run),
    spillDir: spillFolder(run),
    cwd,
    env: run.secrets.env,
    time: run.time,
    resumed: run.resume !== undefined,
    pass: run.resume?.record.pass ?? 1,
    childrenOf: (node, frame) => run.resume?.recorded.children(node, frame) ?? [],
    runChild: run.startChild,
    running,
    masker: run.secrets.masker,
    threads,
  })
  const commit: CommitDeps = {
    ...commitDeps(run, journal, databases, signal),
    refill: (missing, database, where) => {
      const { definitions } = run
      const lookup = state.lookup(where.subFlow, where.frame)
      const refiller = createRefiller({ executor, connections, definitions, lookup, scratchFolder: spillFolder(run), file }, where)
      return refillDatabase(missing, database, refiller, patienceOf(run, signal))
    },
  }
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
      evaluate: ({ connection, from }, frame, abort) => evaluateCondition(connection, engine, state.lookup(from, frame), file, abort),
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
    return signal.aborted ? result : await moveCursors(result, commit)
  } finally {
    await executor.close()
  }
}

/** The cursors that wait for the end move when nothing has failed. */
async function moveCursors(result: WalkResult, commit: CommitDeps): Promise<WalkResult> {
  if (result.failures.length > 0) return result
  try {
    await moveRunCursors(commit)
    return result
  } catch (error) {
    return { ...result, failures: [toCodedError(error)] }
  }
}

function templateValues({ job, runId, time, context, options, secrets }: OpenedRun): Omit<TemplateValues, 'dag' | 'globals'> {
  return { job: job.name, runId, time, context: context.values, writtenContext: context.written, env: options.env, secrets }
}

async function openConnections(run: OpenedRun): Promise<Connections> {
  const { job, context, definitions, cwd, options, secrets } = run
  const needed = listConnectionConfigs(job.dag, definitions).length > 0
  const connections = new Connections({
    openDatabase: options.seams?.openDatabase ?? (needed ? await loadDriver() : refuseDatabase),
    session: sessionOf(job, run.runId),
    cwd,
    candidates: listCandidates(job.dag, definitions, context),
    onPassword: (password) => secrets.masker.add(password),
  })
  // Before the first record and the first line of the log.
  const lookup = createLookup({ ...templateValues(run), dag: job.dag, globals: new GlobalStore(job.dag) }, [])
  connections.learnPasswords((ref) => (ref.scope === 'global' || ref.scope === 'iter' ? UNKNOWN : lookup(ref)))
  return connections
}

/** In the place of what is known only later: it can be a host, a port, a name. */
const UNKNOWN: Found = { kind: 'json', value: '1' }

function refuseDatabase(): never {
  throw new PypeError('INTERNAL', 'A flow without connections has used a database.')
}

function commitDeps(
  run: OpenedRun,
  journal: Journal,
  { connections, tokenTables }: Databases,
  signal: AbortSignal,
): Omit<CommitDeps, 'refill'> {
  const { job, context, runId, runFolder, cwd, emit } = run
  const positions = new Map(job.dag.nodes.map((node, index) => [node.id, index]))
  return {
    disk: diskOf(run),
    journal,
    claims: run.resume?.recorded.claims ?? new TargetClaims(),
    databases: connections,
    cursors: new RunCursors({
      job: job.name,
      context: context.name,
      stateFolder: path.join(path.dirname(runFolder), '..', 'state'),
      nodesBefore: findNodesBefore(job.dag),
      pending: run.resume?.recorded.cursors ?? [],
      appended: run.resume?.recorded.appended.nodes ?? new Set(),
    }),
    tokenTables,
    patience: patienceOf(run, signal),
    runId,
    cwd,
    positionOf: (node) => positions.get(node) ?? 0,
    warn: (message, node) => emit({ type: 'log', level: 'warn', message, ...(node === undefined ? {} : { node }) }),
  }
}

function patienceOf({ options }: OpenedRun, signal: AbortSignal): Patience {
  return options.seams?.patience ?? createPatience(signal)
}

function diskOf({ options }: OpenedRun): Disk {
  return options.seams?.disk ?? nodeDisk
}

function noteStart(run: OpenedRun, journal: Journal, engine: Engine): void {
  const { job, context, runId, started, time, cwd, definitions, kin, resume, secrets } = run
  const { dag, metadata } = job
  const versions = {
    pype_version: PYPE_VERSION,
    engine: { name: engine.name, version: engine.version },
    modules: Object.fromEntries(dag.nodes.map((node) => [node.module, definitions.get(node.id)?.version ?? node.version])),
  }
  if (resume !== undefined) {
    const { set: _, ...added } = recordContext({ ...context, values: {}, written: {}, ...resume.added }, secrets.masker)
    journal.append({
      kind: 'resumed',
      started: started.toISOString(),
      spill: spillFolder(run),
      ...versions,
      ...resume.record,
      ...(resume.added && added),
    })
    // What it makes void must never count again.
    journal.flush()
    return
  }
  journal.append({
    kind: 'run',
    journal_version: JOURNAL_VERSION,
    job: job.name,
    run: runId,
    ...(kin.parent === undefined ? {} : { parent: kin.parent.run }),
    started: started.toISOString(),
    date: time,
    time_zone: metadata.settings.time_zone,
    cwd,
    spill: spillFolder(run),
    context_name: context.name,
    ...recordContext(context, secrets.masker),
    ...versions,
    hashes: Object.fromEntries(Object.entries(metadata.sub_flows).map(([name, { hash }]) => [name, hash])),
  })
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
  return node === undefined ? failure : failure.with({ at: { file: flowFile(run), ...node.place } })
}

/** The copy of the flow file that places refer to, as short as it can be written. */
function flowFile({ job, cwd }: OpenedRun): string {
  const file = path.join(job.folder, `${job.name}.yaml`)
  const relative = path.relative(cwd, file)
  return relative.startsWith('..') ? file : relative
}

function spillFolder({ job, runFolder, runId, cwd }: OpenedRun): string {
  const { spill_dir: dir } = job.metadata.settings
  return dir === null ? path.join(runFolder, 'spill') : path.resolve(cwd, dir, runId)
}
