import type { Dag } from '../../../core/dag.js'
import type { TimelineRecords } from '../../../run/history/timeline-records.js'

/**
 * The earliest moment at which a sub flow that has no end could begin in the last process, in milliseconds since 1970: when the last of what leads to it and has
 * ended was done. Undefined: nothing has been walked.
 */
export function estimateStart(name: string, { processes, spans }: TimelineRecords, { nodes, control }: Dag): number | undefined {
  const process = processes.length - 1
  const begun = processes[process]?.from
  if (begun === undefined) return undefined
  const subFlowOf = new Map(nodes.map(({ id, sub_flow }) => [id, sub_flow]))
  const before = control.filter(({ to }) => subFlowOf.get(to) === name).map(({ from }) => subFlowOf.get(from) ?? '')
  const ends = before.flatMap((each) => spans.get(each)?.filter((span) => span.process === process) ?? []).map(({ to }) => to)
  return Math.max(begun, ...ends)
}
