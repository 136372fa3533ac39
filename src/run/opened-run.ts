import path from 'node:path'
import type { Emit } from '../core/events.js'
import type { ModuleDefinition } from '../sdk/define-module.js'
import type { Patience } from './checkpoint/databases/ask-committed.js'
import { createPatience } from './checkpoint/databases/create-patience.js'
import { type Disk, nodeDisk } from './checkpoint/files/disk.js'
import type { ChildOutcome, ChildRequest, Kin } from './child/kin.js'
import type { Job } from './job/load-job.js'
import type { ResolvedContext } from './job/read-context.js'
import type { RenderedContext } from './job/render-context.js'
import type { PreparedRun } from './prepare-run.js'
import type { OpenedResume } from './resume/open-resume.js'
import type { RunOptions } from './run-options.js'
import type { RunSecrets } from './secrets/run-secrets.js'
import type { TemplateValues } from './templating/lookup.js'

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

/** A prepared run, now that it has a folder. */
export function openRun(
  prepared: PreparedRun,
  opened: Pick<OpenedRun, 'time' | 'secrets' | 'runId' | 'runFolder' | 'started' | 'resume' | 'now' | 'emit'>,
): OpenedRun {
  const { job, context, definitions, cwd, threads, options, kin } = prepared
  const { runId, time } = opened
  return {
    job,
    context,
    definitions,
    cwd,
    threads,
    options,
    kin,
    ...opened,
    startChild: (request) => kin.startChild({ kin, folder: job.folder, cwd, options, runId, time }, request),
  }
}

/** What the templates of a run stand for, but for what its nodes publish. */
export function templateValues({ job, runId, time, context, options, secrets }: OpenedRun): Omit<TemplateValues, 'dag' | 'globals'> {
  return { job: job.name, runId, time, context: context.values, writtenContext: context.written, env: options.env, secrets }
}

/** How long a commit that is in doubt waits for its database. */
export function patienceOf({ options }: Pick<OpenedRun, 'options'>, signal: AbortSignal): Patience {
  return options.seams?.patience ?? createPatience(signal)
}

/** What the run's journal, staging and commits write to. */
export function diskOf({ options }: OpenedRun): Disk {
  return options.seams?.disk ?? nodeDisk
}

/** For what does not fit in memory; gone after the run. */
export function spillFolder({ job, runFolder, runId, cwd }: OpenedRun): string {
  const { spill_dir: dir } = job.metadata.settings
  return dir === null ? path.join(runFolder, 'spill') : path.resolve(cwd, dir, runId)
}
