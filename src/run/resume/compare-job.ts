import { type ControlConnection, type Dag, type ExecutionMetadata, nameConnection } from '../../core/dag.js'
import { groupBy } from '../../core/group-by.js'
import type { Json } from '../../core/json.js'
import { listRefs } from '../../core/template.js'
import type { RunRecord, VoidRecords } from '../checkpoint/journal/records.js'

/** What of a run's records does not count for the job as it is built now. */
export interface JobChanges {
  readonly void: Omit<VoidRecords, 'lost'>
  /** Why a sub flow does not count, by its name. */
  readonly reasons: ReadonlyMap<string, string>
}

/**
 * Compares a job with the hashes under which a run recorded: a sub flow counts while its own hash and those of everything before it hold, the sub flows
 * that lead to it and those whose globals it takes. Those of `forced`, each with its reason, count as changed.
 */
export function compareJob(
  dag: Dag,
  metadata: ExecutionMetadata,
  hashes: RunRecord['hashes'],
  forced: ReadonlyMap<string, string>,
): JobChanges {
  const before = findBefore(dag)
  const reasons = new Map<string, string>()
  for (const name of metadata.order) {
    const change = forced.get(name) ?? describeChange(hashes[name], metadata.sub_flows[name]?.hash)
    const reason = change ?? describeBefore(before.ofSubFlow(name), reasons)
    if (reason !== undefined) reasons.set(name, reason)
  }
  const isVoid = (subFlow: string) => reasons.has(subFlow)
  const connections = dag.control.filter((connection) => before.ofCondition(connection).some(isVoid))
  return {
    void: {
      sub_flows: [...reasons.keys()],
      connections: connections.map(nameConnection),
      loops: findLoopsToWalk(dag, metadata, isVoid).map(nameConnection),
    },
    reasons,
  }
}

function describeChange(then: string | undefined, now: string | undefined): string | undefined {
  if (then === undefined) return 'new'
  return then === now ? undefined : 'changed'
}

function describeBefore(before: readonly string[], reasons: ReadonlyMap<string, string>): string | undefined {
  const cause = before.find((name) => reasons.has(name))
  return cause === undefined ? undefined : `after ${cause}`
}

/** Loops with something inside, or right behind them, that does not count. */
function findLoopsToWalk(dag: Dag, metadata: ExecutionMetadata, isVoid: (subFlow: string) => boolean) {
  const subFlowOf = new Map(dag.nodes.map((node) => [node.id, node.sub_flow]))
  const leaving = groupBy(dag.control, ({ from }) => subFlowOf.get(from) ?? '')
  const leadsToVoid = (name: string) => (leaving.get(name) ?? []).some(({ to }) => isVoid(subFlowOf.get(to) ?? ''))
  return metadata.scopes
    .filter(({ sub_flows }) => sub_flows.some((name) => isVoid(name) || leadsToVoid(name)))
    .map((scope) => scope.connection)
}

/** The sub flows that others stand on. */
function findBefore(dag: Dag) {
  const nodes = new Map(dag.nodes.map((node) => [node.id.toLowerCase(), node.sub_flow]))
  const subFlowOf = (node: string) => nodes.get(node.toLowerCase())
  const entering = groupBy(dag.control, ({ to }) => subFlowOf(to) ?? '')
  const inside = groupBy(dag.nodes, (node) => node.sub_flow)
  const givers = (value: Json) => listRefs(value).flatMap((ref) => (ref.scope === 'global' ? (subFlowOf(ref.node) ?? []) : []))
  const ofCondition = ({ condition }: ControlConnection) => (condition === null ? [] : givers(condition))
  return {
    ofCondition,
    ofSubFlow: (name: string): readonly string[] => [
      ...(entering.get(name) ?? []).flatMap((connection) => [subFlowOf(connection.from) ?? [], ...ofCondition(connection)].flat()),
      ...(inside.get(name) ?? []).flatMap(({ configs }) => givers(configs)),
    ],
  }
}
