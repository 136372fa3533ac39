import { readFileSync } from 'node:fs'
import { type PypeError, toCodedError } from '../../core/errors.js'
import { type EventError, type RunStatus, toEventError } from '../../core/events.js'
import { runJob } from '../../run/run.js'
import type { RunOptions } from '../../run/run-options.js'
import { type CaseFolder, type CasePlan, openCaseFolder } from './case-plan.js'
import { createMortalDisk, createMortalListener } from './mortal-disk.js'
import { createStandIns } from './stand-in.js'

/** What is the same for all cases. */
export interface CaseWorld {
  /** The environment of the command. */
  readonly env: { readonly [name: string]: string | undefined }
  /** Cases that run at once in this process. */
  readonly share: number
  readonly signal: AbortSignal
  readonly onStall?: RunOptions['onStall']
  /** Runs the case of a folder by {@link runMortalCase} in a process of its own, and waits for its end. */
  readonly runApart: (caseFolder: string, signal: AbortSignal) => Promise<ApartEnd>
}

/** How a process of its own has ended. */
export interface ApartEnd {
  readonly wasKilled: boolean
  readonly stderr: string
}

/** How the run of a case has ended. */
export interface CaseRun {
  readonly status: RunStatus
  readonly errors: readonly EventError[]
  /** The folder of the run; undefined: nothing could be started. */
  readonly runFolder: string | undefined
  /** Why the case was not killed where it should have been. */
  readonly survived?: string
}

/** Runs a case; where it says so, in a process that is killed, and then to its end. */
export async function runCase(plan: CasePlan, folder: CaseFolder, world: CaseWorld): Promise<CaseRun> {
  if (plan.kill === undefined) return runOnce(folder, chooseOptions(plan, folder, world))
  const { wasKilled, stderr } = await world.runApart(folder.root, world.signal)
  if (!wasKilled) return { status: 'failed', errors: [], runFolder: undefined, survived: stderr.trim() }
  const { context: _, set: __, date: ___, ...options } = chooseOptions(plan, folder, world)
  return runOnce(folder, { ...options, resume: {} })
}

/** The first process of a case that is killed: it ends when its run has come to the point. `die` does not return. */
export async function runMortalCase(root: string, env: RunOptions['env'], signal: AbortSignal, die: () => never): Promise<CaseRun> {
  const folder = openCaseFolder(root)
  // Written by the process that has started this one.
  const plan: CasePlan = JSON.parse(readFileSync(folder.plan, 'utf8'))
  const options = chooseOptions(plan, folder, { env, share: 1, signal })
  if (plan.kill === undefined) return runOnce(folder, options)
  return runOnce(folder, {
    ...options,
    seams: { disk: createMortalDisk(plan.kill, die) },
    listeners: [createMortalListener(plan.kill, die)],
  })
}

function chooseOptions(
  plan: CasePlan,
  folder: CaseFolder,
  { env, share, signal, onStall }: Pick<CaseWorld, 'env' | 'share' | 'signal' | 'onStall'>,
): RunOptions {
  return {
    cwd: folder.files,
    context: plan.context,
    set: plan.set,
    date: plan.date,
    env: { ...env, ...plan.env },
    share,
    signal,
    onStall,
    log: { level: 'warn', destinations: [] },
    rehearsal: { project: plan.project, standIn: createStandIns(plan, folder) },
  }
}

async function runOnce(folder: CaseFolder, options: RunOptions): Promise<CaseRun> {
  try {
    const { status, errors, folder: runFolder } = await runJob(folder.job, options)
    return { status, errors, runFolder }
  } catch (error) {
    const coded: PypeError = toCodedError(error)
    if (coded.code === 'INTERNAL') throw error
    return { status: 'failed', errors: [toEventError(coded)], runFolder: undefined }
  }
}
