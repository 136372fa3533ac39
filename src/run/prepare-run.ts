import path from 'node:path'
import type { OverlapPolicy } from '../core/dag.js'
import { prepareLocks } from '../engine/duckdb/folder-lock.js'
import type { ModuleDefinition } from '../sdk/define-module.js'
import type { Kin } from './child/kin.js'
import { flowFile } from './job/flow-file.js'
import { loadDefinitions } from './job/load-definitions.js'
import { type Job, loadJob } from './job/load-job.js'
import { type ResolvedContext, readContext } from './job/read-context.js'
import { refuseUnsupported } from './job/refuse-unsupported.js'
import { chooseThreads } from './job/threads.js'
import type { Rehearsal } from './rehearsal.js'
import type { RunOptions } from './run-options.js'
import { findSecrets, type SecretRef } from './secrets/find-secrets.js'

/** A job that is loaded and checked. */
export interface LoadedRun {
  readonly job: Job
  /** Absolute, like `cwd`. */
  readonly runsFolder: string
  readonly cwd: string
  /** Bound on the nodes that run at once. */
  readonly threads: number
  readonly overlap: OverlapPolicy
  readonly options: RunOptions
  readonly kin: Kin
}

/** A loaded job with its context and its modules, ready to be run for any logical time. */
export interface PreparedRun extends LoadedRun {
  readonly context: ResolvedContext
  readonly definitions: ReadonlyMap<string, ModuleDefinition>
  /** Those that the flow needs. */
  readonly secrets: readonly SecretRef[]
}

/** Loads and checks a job without touching its runs. Throws a coded error for all that is wrong with the job, the context or the options. */
export function prepareRun(jobFolder: string, options: RunOptions, kin: Kin): Promise<PreparedRun> {
  return prepareFresh(loadRun(jobFolder, options, kin))
}

/** Loads and checks a job itself. */
export function loadRun(jobFolder: string, options: RunOptions, kin: Kin): LoadedRun {
  // Opens beside the reading and checking, in a thread of its own.
  prepareLocks()
  const cwd = path.resolve(options.cwd)
  const job = loadJob(path.resolve(cwd, jobFolder))
  const { settings } = job.metadata
  refuseUnsupported(job)
  const threads = chooseThreads(options.threads, settings, options.env)
  const runsFolder = options.runs === undefined ? path.join(job.folder, 'runs') : path.resolve(cwd, options.runs)
  return { job, runsFolder, cwd, threads, overlap: options.onOverlap ?? settings.on_overlap, options, kin }
}

/** Prepares a new run of a job. */
export function prepareFresh(loaded: LoadedRun): Promise<PreparedRun> {
  const { job, cwd, options } = loaded
  const source = { jobFolder: job.folder, cwd, context: options.context, set: options.set ?? [], env: options.env }
  return prepareWith(loaded, readContext(job.dag, source))
}

/** Prepares a run that has its context. */
export async function prepareWith(loaded: LoadedRun, context: ResolvedContext): Promise<PreparedRun> {
  const { job, cwd, options } = loaded
  const { rehearsal } = options
  const definitions = rehearse(job, await loadDefinitions(job.dag, job.folder, rehearsal?.project ?? cwd, flowFile(loaded)), rehearsal)
  return { ...loaded, context, definitions, secrets: findSecrets(job.dag, definitions, context) }
}

function rehearse(
  { dag }: Job,
  definitions: ReadonlyMap<string, ModuleDefinition>,
  rehearsal: Rehearsal | undefined,
): ReadonlyMap<string, ModuleDefinition> {
  if (rehearsal === undefined) return definitions
  const standIns = dag.nodes.flatMap((node) => {
    const definition = definitions.get(node.id)
    return definition === undefined ? [] : [[node.id, rehearsal.standIn(node, definition)] as const]
  })
  return new Map(standIns)
}
