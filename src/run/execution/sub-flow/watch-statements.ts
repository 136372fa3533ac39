import { nameWithoutFrame } from '../../../core/frame.js'
import type { StatementWatch } from '../../../engine/engine.js'
import type { Relation } from '../../../sdk/relation.js'
import type { RunningStatements } from '../../observe/running-statements.js'
import type { PortCounts } from '../counts/port-counts.js'
import type { SubFlowTask } from './sub-flow-task.js'

interface Watched {
  readonly task: SubFlowTask
  /** Of ports and of parts of them: `orders.data`, `orders.data 1`, each with its frame. */
  readonly names: ReadonlyMap<Relation, string>
  readonly rows: PortCounts
  /** Whether every data connection is to be counted, and not only what is counted anyway. */
  readonly countsAll: boolean
}

/** How the statements of an attempt are followed: their rows are counted, and who asks is told how far they are. */
export function watchStatements({ task, names, rows, countsAll }: Watched, statements: RunningStatements | undefined): StatementWatch {
  const begin = (running: RunningStatements): StatementWatch['begin'] => {
    return (relations, share) => {
      const nodes = new Set(relations.flatMap((relation) => nameWithoutFrame(names.get(relation) ?? '').split('.', 1)))
      nodes.delete('')
      return running.begin({ subFlow: task.name, frame: task.frame, nodes: [...nodes], share })
    }
  }
  return {
    begin: statements === undefined ? undefined : begin(statements),
    isCounted: countsAll ? (relation) => rows.isPort(relation) : undefined,
    onRows: (relation, count) => rows.add(relation, count),
  }
}
