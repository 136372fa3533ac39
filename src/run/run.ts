import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { acquireFolderLock } from '../engine/duckdb/folder-lock.js'
import { nodeDisk, toDiskError } from './checkpoint/disk.js'
import { settleLeftovers } from './checkpoint/settle-leftovers.js'
import { loadDefinitions } from './job/load-definitions.js'
import { loadJob } from './job/load-job.js'
import { readLogicalTime } from './job/logical-time.js'
import { readContext } from './job/read-context.js'
import { refuseUnsupported } from './job/refuse-unsupported.js'
import { createRunId } from './job/run-id.js'
import { chooseThreads } from './job/threads.js'
import { Emitter } from './observe/emitter.js'
import { createLogListeners } from './observe/log-lines.js'
import { type RunSummary, SummaryCollector } from './observe/summary.js'
import type { RunOptions } from './run-options.js'
import { type OpenedRun, walkJob } from './walk-job.js'

/**
 * Runs a job from its folder. Resolves with the summary, also when the run failed or was cancelled; rejects with a coded
 * error when nothing could be started.
 */
export async function runJob(jobFolder: string, options: RunOptions): Promise<RunSummary> {
  const now = options.now ?? (() => new Date())
  const started = now()
  const cwd = path.resolve(options.cwd)
  const job = loadJob(path.resolve(cwd, jobFolder))
  refuseUnsupported(job)
  const context = readContext(job.dag, { jobFolder: job.folder, cwd, context: options.context, set: options.set ?? [], env: options.env })
  const time = readLogicalTime(options.date, started, job.metadata.settings.time_zone)
  const threads = chooseThreads(options.threads, job.metadata.settings, options.env)
  const definitions = await loadDefinitions(job.dag, job.folder, cwd)
  const runsFolder = options.runs === undefined ? path.join(job.folder, 'runs') : path.resolve(cwd, options.runs)
  const lock = await acquireFolderLock(runsFolder)
  try {
    const runId = createRunId(started)
    const runFolder = makeRunFolder(runsFolder, runId)
    const collector = new SummaryCollector()
    const emitter = createEmitter(options, collector, runId, runFolder)
    try {
      await settleLeftovers(runsFolder, nodeDisk, emitter.emit, now)
      return await walkAndSum(
        { job, context, time, definitions, runId, runFolder, cwd, threads, started, now, emit: emitter.emit, options },
        collector,
      )
    } finally {
      await emitter.close()
    }
  } finally {
    lock.release()
  }
}

async function walkAndSum(run: OpenedRun, collector: SummaryCollector): Promise<RunSummary> {
  const begun = performance.now()
  const { job, time, runId, runFolder, started, emit } = run
  emit({ type: 'run.started', job: job.name, folder: runFolder, date: time, subFlows: Object.keys(job.metadata.sub_flows).length })
  const { status, errors, ends } = await walkJob(run)
  const seconds = (performance.now() - begun) / 1000
  const [first] = errors
  emit({ type: 'run.completed', status, seconds, ...(first === undefined ? {} : { error: first }) })
  const summary: RunSummary = {
    run: runId,
    job: job.name,
    flow_version: job.dag.flow.version,
    status,
    started: started.toISOString(),
    seconds,
    date: time,
    sub_flows: ends,
    ...collector.counts(),
    // Kilobytes, on Linux and macOS alike.
    peak_memory: process.resourceUsage().maxRSS * 1024,
    errors,
    folder: runFolder,
  }
  writeSummary(summary, emit)
  return summary
}

function createEmitter(options: RunOptions, collector: SummaryCollector, runId: string, runFolder: string): Emitter {
  const log = options.log ?? { level: 'info', destinations: ['file'] }
  return new Emitter([collector, ...createLogListeners(log, runId, runFolder, options.stderr ?? (() => {})), ...(options.listeners ?? [])])
}

function makeRunFolder(runsFolder: string, runId: string): string {
  const folder = path.join(runsFolder, runId)
  try {
    mkdirSync(path.join(folder, 'artifacts'), { recursive: true })
  } catch (error) {
    throw toDiskError(folder, error)
  }
  return folder
}

/** The summary is for people: when it cannot be written, the run has ended as it has. */
function writeSummary(summary: RunSummary, emit: OpenedRun['emit']): void {
  try {
    writeFileSync(path.join(summary.folder, 'summary.json'), `${JSON.stringify(summary, undefined, 2)}\n`)
  } catch (error) {
    emit({
      type: 'log',
      level: 'warn',
      message: `summary.json cannot be written: ${error instanceof Error ? error.message : String(error)}`,
    })
  }
}

export type { RunOptions, RunSummary }
