import type { EventError } from '../../../core/events.js'
import type { HistoryEntry } from '../../../run/history/list-history.js'
import type { ReadRun, RunFlow } from '../../../run/history/read-run.js'
import type { RunProcess, TimelineRecords } from '../../../run/history/timeline-records.js'
import { nameResume } from '../../start-run/run-again.js'
import type { FoundRun } from '../find/find-run.js'
import { toIso } from '../to-iso.js'
import { describeSubFlows, hashesOf } from './describe-sub-flows.js'
import type { ShownLife, ShownRun } from './shown-run.js'

/** Puts together what is known of a run. `flow` is its flow as its job is by now. */
export function describeRun(found: FoundRun, read: ReadRun, entry: HistoryEntry, flow: RunFlow | undefined): ShownRun {
  const { timeline, summary, status, progress } = read
  const record = timeline.run
  const last = timeline.resumes.at(-1) ?? record
  const { processes } = timeline
  return {
    run: read.run,
    job: record?.job ?? entry.job,
    folder: read.folder,
    status,
    date: record?.date ?? null,
    context: record?.context_name ?? null,
    set: record?.set ?? {},
    values: record?.context ?? {},
    engine: last?.engine ?? null,
    modules: last?.modules ?? {},
    parent: record?.parent ?? null,
    pype_version: last?.pype_version ?? null,
    processes: processes.map((process, i) => describeProcess(process, status === 'running' && i === processes.length - 1)),
    seconds: processes.reduce((sum, { from, to }) => sum + (to - from) / 1000, 0),
    rows: entry.rows,
    peak_memory: summary?.peakMemory ?? null,
    spilled: summary?.spilled ?? { artifacts: 0, bytes: 0 },
    sub_flows: describeSubFlows(read, flow),
    columns: Object.fromEntries(timeline.columns),
    errors: findErrors(read),
    children: timeline.children.map(({ node, job, run }) => ({ node, job, run })),
    why_not_resumable: entry.why_not_resumable,
    resume: entry.why_not_resumable === null && found.job !== null ? nameResume(found.job, read.run, found.runs) : null,
    changed_since: flow === undefined ? [] : findChanged(timeline, flow),
    warnings: listWarnings(read, progress === undefined ? found : undefined),
  }
}

/** A run that was killed may have an end all the same, from the start that has overtaken it. */
function describeProcess({ from, to, end }: RunProcess, isRunning: boolean): ShownLife {
  const started = toIso(from)
  if (isRunning) return { started, ended: null }
  return end === undefined || end === 'superseded' ? { started, ended: null, last_sign: toIso(to) } : { started, ended: toIso(to) }
}

/** Those of sub flows, and of the run as a whole when there is none: the summary is that of the last process. */
function findErrors({ progress, summary, status }: ReadRun): readonly EventError[] {
  const ofNodes = [...(progress?.nodes.values() ?? [])].flatMap(({ error }) => error ?? [])
  if (status !== 'failed' && status !== 'cancelled') return ofNodes
  const told = summary?.errors ?? []
  // The summary has every frame of a loop that failed, and what is of no node.
  return told.length > 0 ? told : ofNodes
}

function listWarnings({ timeline, damage }: ReadRun, withoutFlow: FoundRun | undefined): string[] {
  const warnings = damage === undefined ? [] : [`${damage.message} What comes behind it is not shown.`]
  if (withoutFlow !== undefined) {
    warnings.push(
      withoutFlow.job === null
        ? 'The job of the run is not there any more: only what the run itself has recorded is shown.'
        : `The job ${withoutFlow.job} cannot be read any more: only what the run itself has recorded is shown.`,
    )
  }
  if (timeline.lacksTimes) warnings.push('An older version of pype has written the run: times of sub flows are missing.')
  return warnings
}

/** The sub flows that are other ones by now, are new or are gone. */
function findChanged(timeline: TimelineRecords, { metadata }: RunFlow): readonly string[] {
  const hashes = hashesOf(timeline)
  if (hashes === undefined) return []
  const names = new Set([...Object.keys(hashes), ...Object.keys(metadata.sub_flows)])
  return [...names].filter((name) => hashes[name] !== metadata.sub_flows[name]?.hash)
}
