import path from 'node:path'
import type { Dag, DagNode, ExecutionMetadata } from '../../core/dag.js'
import { PypeError } from '../../core/errors.js'
import { groupBy } from '../../core/group-by.js'
import type { HistoryStatus, NodeProgress, ProgressStatus, RunProgress, SubFlowProgress } from '../../core/run-progress.js'
import { JOURNAL_FILE } from '../checkpoint/journal/journal.js'
import { readJournal } from '../checkpoint/journal/read-journal.js'
import type { JournalRecord } from '../checkpoint/journal/records.js'
import { type PlannedConnection, type PlannedLoop, type PlannedSubFlow, planWalk, type WalkPlan } from '../scheduling/plan-walk.js'
import { addSettled, type Cause, causeBehind, decideJoin, type End, openJoin } from '../scheduling/settle.js'
import { findRunStatus } from './list-history.js'
import { ProgressRecords } from './progress-records.js'

/** Who hears the records of a run too, for what else is to be known of it. */
export interface RecordReader {
  readonly fold: (record: JournalRecord) => void
  /** A damaged record, JOURNAL_BROKEN: what follows it cannot be read. */
  readonly onDamage: (error: PypeError) => void
}

/**
 * Reads how far a run has come from its journal, whether it has ended, is going on or was killed. Throws JOURNAL_BROKEN, unless `reader` takes it: then as
 * far as the journal can be read.
 */
export async function readProgress(
  runsFolder: string,
  run: string,
  dag: Dag,
  metadata: ExecutionMetadata,
  reader?: RecordReader,
): Promise<RunProgress> {
  const status = await findRunStatus(runsFolder, run)
  const subFlowOf = new Map(dag.nodes.map((node) => [node.id, node.sub_flow]))
  const plan = planWalk(dag, metadata)
  const records = new ProgressRecords(plan, metadata, subFlowOf)
  const read = (record: JournalRecord) => {
    records.fold(record)
    reader?.fold(record)
  }
  readRecords(path.join(runsFolder, run), read, reader?.onDamage)
  const statuses = new Conclusion(plan, records, status).conclude(metadata.order)
  return {
    run,
    status,
    subFlows: new Map(
      [...statuses].map(([name, each]): [string, SubFlowProgress] => {
        const passes = records.passes.get(name)
        const loop = plan.subFlows.get(name)?.loop?.connection
        const items = loop && records.items.get(`${loop.from}>${loop.to}`)
        return [name, { status: each, ...(passes === undefined ? {} : { passes }), ...(items === undefined ? {} : { items }) }]
      }),
    ),
    nodes: new Map(dag.nodes.map((node) => [node.id, describeNode(node, statuses.get(node.sub_flow) ?? 'not begun', records)])),
    connections: new Map([...records.settled].map(([key, { verdict }]) => [key, verdict])),
    items: records.items,
  }
}

/** Hands over the records of a run. Throws JOURNAL_BROKEN where nobody takes the damage. */
export function readRecords(folder: string, read: (record: JournalRecord) => void, onDamage?: RecordReader['onDamage']): void {
  try {
    readJournal(path.join(folder, JOURNAL_FILE), read)
  } catch (error) {
    if (onDamage === undefined || !(error instanceof PypeError) || error.code !== 'JOURNAL_BROKEN') throw error
    onDamage(error)
  }
}

/** Of a sub flow that failed, the node that did is told apart: the work of the others was undone. */
function describeNode({ id, sub_flow }: DagNode, status: ProgressStatus, { sums, errors, passes }: ProgressRecords): NodeProgress {
  const error = errors.get(id)
  const sum = sums.get(id) ?? { runs: 0, rows: null, rejected: null, seconds: null }
  if (status !== 'failed') return { status, ...sum }
  // The error may be of the sub flow as a whole, under the name of its first node.
  if (error !== undefined) return { status, ...sum, error }
  return { status: (passes.get(sub_flow)?.completed ?? 0) > 0 ? 'completed' : 'cancelled', ...sum }
}

/** What follows from the records for the sub flows that have none: those that run, and those that were not started. */
class Conclusion {
  readonly #plan: WalkPlan
  readonly #records: ProgressRecords
  readonly #run: HistoryStatus
  readonly #entering: ReadonlyMap<string, readonly PlannedConnection[]>
  readonly #causes = new Map<string, Cause>()
  readonly #statuses = new Map<string, ProgressStatus>()

  constructor(plan: WalkPlan, records: ProgressRecords, run: HistoryStatus) {
    this.#plan = plan
    this.#records = records
    this.#run = run
    const connections = [...plan.subFlows.values()].flatMap(({ groups }) => groups.flat())
    this.#entering = groupBy(connections, ({ to }) => to)
  }

  /** `order` has each sub flow behind those that lead to it. */
  conclude(order: readonly string[]): ReadonlyMap<string, ProgressStatus> {
    for (const name of order) {
      const subFlow = this.#plan.subFlows.get(name)
      if (subFlow !== undefined && !this.#plan.roots.includes(name)) this.#statuses.set(name, this.#findStatus(subFlow))
    }
    for (const name of this.#plan.roots) this.#statuses.set(name, this.#records.ends.get(name)?.end ?? this.#findRootStatus())
    return this.#statuses
  }

  #findStatus({ name, loop, isGate }: PlannedSubFlow): ProgressStatus {
    if (loop !== undefined) return this.#findLoopStatus(name, loop)
    const entering = this.#entering.get(name) ?? []
    const join = openJoin(entering.length)
    let isHalted = false
    for (const { connection, from } of entering) {
      const settled = this.#records.settled.get(`${connection.from}>${connection.to}`)
      if (settled === undefined) continue
      const end = endOf(this.#statuses.get(from) ?? this.#records.ends.get(from)?.end)
      const cause = settled.verdict === 'taken' ? causeBehind(connection.type, end, this.#causes.get(from) ?? 'ordinary') : 'ordinary'
      addSettled(join, connection.boundary, { verdict: settled.verdict, cause })
      isHalted ||= settled.isHalted
    }
    this.#causes.set(name, join.cause)
    const recorded = this.#records.ends.get(name)?.end
    if (recorded !== undefined) return recorded
    const decision = decideJoin(join, isGate, isHalted)
    if (decision === 'start') return this.#unfinished
    return decision === 'wait' ? 'not begun' : decision
  }

  /** The roots are walked one after the other, when nothing that follows from an earlier one runs any more. */
  #findRootStatus(): ProgressStatus {
    if (this.#records.isHalted && this.#run === 'failed') return 'blocked'
    const isBusy = [...this.#statuses.values()].includes(this.#unfinished)
    return isBusy ? 'not begun' : this.#unfinished
  }

  #findLoopStatus(name: string, loop: PlannedLoop): ProgressStatus {
    const counts = this.#records.passes.get(name) ?? {}
    const has = (end: End) => (counts[end] ?? 0) > 0
    if (has('failed')) return 'failed'
    const key = `${loop.connection.from}>${loop.connection.to}`
    const items = this.#records.items.get(key)
    const isOver = items !== undefined && (this.#records.passesEnded.get(key) ?? 0) >= items
    if (items !== undefined && !isOver && this.#unfinished !== 'not begun') return this.#unfinished
    for (const end of ['cancelled', 'blocked', 'completed', 'skipped'] as const) if (has(end)) return end
    const verdict = this.#records.settled.get(key)?.verdict
    if (verdict === 'blocking') return 'blocked'
    return verdict === 'not taken' || isOver || this.#run === 'completed' ? 'skipped' : 'not begun'
  }

  /** What has begun and has no end. A run that has ended has a record of what it cancelled. */
  get #unfinished(): ProgressStatus {
    if (this.#run === 'running') return 'running'
    return this.#run === 'killed' || this.#run === 'superseded' ? 'killed' : 'not begun'
  }
}

function endOf(status: ProgressStatus | undefined): End {
  return status === 'failed' || status === 'skipped' || status === 'blocked' || status === 'cancelled' ? status : 'completed'
}
