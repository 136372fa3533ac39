import type { DagNode } from '../../../core/dag.js'
import type { ProgressStatus } from '../../../core/run-progress.js'
import type { ReadRun, RunFlow } from '../../../run/history/read-run.js'
import type { TimelineRecords, WorkSpan } from '../../../run/history/timeline-records.js'
import { toIso } from '../to-iso.js'
import { estimateStart } from './estimate-start.js'
import type { ShownNode, ShownSubFlow, ShownTime, ShownWork } from './shown-run.js'

/** The sub flows of a run in the order of its walk. The job may have been built again since: what it does not have any more comes last, and what the run did not have is left out. */
export function describeSubFlows(read: ReadRun, flow: RunFlow | undefined): readonly ShownSubFlow[] {
  const { timeline } = read
  const hashes = hashesOf(timeline)
  const names = new Set([...(flow?.metadata.order ?? []), ...Object.keys(hashes ?? {}), ...timeline.spans.keys()])
  return [...names]
    .filter((name) => hashes === undefined || hashes[name] !== undefined || timeline.spans.has(name))
    .map((name) => describeSubFlow(name, hashes?.[name] ?? null, read, flow))
}

/** The hashes of the sub flows as the last process had them. Undefined: the journal has lost them. */
export function hashesOf({ run, resumes }: TimelineRecords): { readonly [subFlow: string]: string } | undefined {
  return resumes.findLast(({ hashes }) => hashes !== undefined)?.hashes ?? run?.hashes
}

function describeSubFlow(name: string, hash: string | null, read: ReadRun, flow: RunFlow | undefined): ShownSubFlow {
  const { timeline, progress } = read
  const spans = timeline.spans.get(name) ?? []
  const known = progress?.subFlows.get(name)
  const status = known?.status ?? lastEnd(spans)
  const nodes = flow?.dag.nodes.filter(({ sub_flow }) => sub_flow === name) ?? []
  return {
    name,
    hash,
    status,
    passes: known?.passes ?? null,
    items: known?.items ?? null,
    attempts: Math.max(1, ...spans.map(({ attempts }) => attempts)),
    work: [...spans.map(toWork), ...(status === 'running' || status === 'killed' ? [openWork(name, status, read, flow)] : [])],
    nodes: nodes.length > 0 ? nodes.map((node) => describeNode(node, read)) : listRecorded(name, timeline),
  }
}

/** The nodes of a sub flow that the job does not have any more, or of which nobody knows the job. */
function listRecorded(subFlow: string, timeline: TimelineRecords): readonly ShownNode[] {
  const totals = timeline.reports.get(subFlow)?.list() ?? []
  return totals.map(({ node, runs, rows, outputs = {}, rejected, seconds }): ShownNode => {
    return { node, module: null, type: null, status: 'completed', runs, rows, outputs, rejected, seconds, time: timeOf(node, timeline) }
  })
}

function toWork({ process, from, to, ends }: WorkSpan): ShownWork {
  const status = ends.failed > 0 ? 'failed' : ends.cancelled > 0 && ends.completed === 0 ? 'cancelled' : 'completed'
  return { process: process + 1, started: toIso(from), ended: toIso(to), status }
}

/** What runs, or ran when the process was killed, has no record yet: it began when what leads to it had ended. */
function openWork(name: string, status: 'running' | 'killed', { timeline }: ReadRun, flow: RunFlow | undefined): ShownWork {
  const from = flow === undefined ? undefined : estimateStart(name, timeline, flow.dag)
  const last = timeline.processes.at(-1)
  return {
    process: timeline.processes.length,
    started: toIso(from ?? last?.from ?? 0),
    ended: null,
    ...(status === 'killed' ? { last_sign: toIso(last?.to ?? 0) } : {}),
    status,
    estimated: true,
  }
}

function describeNode({ id, module, type }: DagNode, { progress, timeline }: ReadRun): ShownNode {
  const { status = 'not begun', runs = 0, rows = null, outputs = {}, rejected = null, seconds = null } = progress?.nodes.get(id) ?? {}
  return {
    node: id,
    module,
    type,
    status,
    runs,
    rows,
    outputs,
    rejected,
    seconds,
    time: status === 'completed' ? timeOf(id, timeline) : null,
  }
}

function timeOf(node: string, { nodes }: TimelineRecords): ShownTime | null {
  const time = nodes.get(node)
  return time === undefined ? null : { started: toIso(time.from), ended: toIso(time.to) }
}

function lastEnd(spans: readonly WorkSpan[]): ProgressStatus {
  const last = spans.at(-1)
  return last === undefined ? 'not begun' : toWork(last).status
}
