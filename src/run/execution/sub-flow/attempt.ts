import type { DagNode } from '../../../core/dag.js'
import { PypeError } from '../../../core/errors.js'
import { nameInFrame } from '../../../core/frame.js'
import type { StatementOptions, TypedValue } from '../../../engine/engine.js'
import type { ModuleDefinition } from '../../../sdk/define-module.js'
import type { Relation } from '../../../sdk/relation.js'
import { ArtifactManager } from '../../artifacts/artifact-manager.js'
import { placeBoundaryFile } from '../../artifacts/boundary-file.js'
import { PortCounts } from '../counts/port-counts.js'
import type { SubFlowDeps } from './sub-flow-deps.js'
import type { SubFlowGraph } from './sub-flow-graph.js'
import { SubFlowPorts } from './sub-flow-ports.js'
import type { SubFlowTask } from './sub-flow-task.js'
import { watchStatements } from './watch-statements.js'

/** What the parts of an attempt of a sub flow stand on. */
export interface Attempt {
  readonly deps: SubFlowDeps
  readonly task: SubFlowTask
  readonly graph: SubFlowGraph
  readonly ports: SubFlowPorts
  readonly artifacts: ArtifactManager
  /** What all statements of the attempt are run with. */
  readonly statement: StatementOptions & { readonly names: Map<Relation, string> }
  /** What its nodes have published, by name (`node__global`). */
  readonly globals: Record<string, TypedValue>
  /** The rows of ports that were counted when they moved. */
  readonly rows: PortCounts
  /** The targets of its sinks by the hidden paths that they are written to. */
  readonly targets: Map<string, string>
  /** Cancels what is going on in it. */
  readonly stop: (reason: PypeError) => void
}

/** Opens an attempt, in which nothing has happened yet. Its artifacts have to be closed in the end. */
export function openAttempt(deps: SubFlowDeps, task: SubFlowTask, graph: SubFlowGraph): Attempt {
  const stop = followingController(task.signal)
  const names = new Map<Relation, string>()
  const rows = new PortCounts(names)
  const countsAll = deps.metadata.settings.row_counts === 'all'
  const watch = watchStatements({ task, names, rows, countsAll }, deps.statements)
  const statement = { names, signal: stop.signal, watch }
  const artifacts = new ArtifactManager({
    engine: deps.engine,
    policy: deps.policy,
    emit: deps.emit,
    frame: task.frame,
    prefix: `${nameInFrame(task.name, task.frame)}-${task.attempt}`,
    statement,
    placeBoundary: (written, file) => placeBoundaryFile(deps.disk, written, file),
  })
  return {
    deps,
    task,
    graph,
    ports: new SubFlowPorts(graph),
    artifacts,
    statement,
    globals: {},
    rows,
    targets: new Map(),
    stop: (reason) => stop.abort(reason),
  }
}

/** Aborts with `signal`, or alone. Made for each attempt: `AbortSignal.any` takes several times as long. */
function followingController(signal: AbortSignal): AbortController {
  const own = new AbortController()
  if (signal.aborted) own.abort(signal.reason)
  else signal.addEventListener('abort', () => own.abort(signal.reason), { once: true })
  return own
}

/** The module of a node, which a run loads before it walks. */
export function definitionOf(node: DagNode, { definitions }: Pick<SubFlowDeps, 'definitions'>): ModuleDefinition {
  const definition = definitions.get(node.id)
  if (definition === undefined) throw new PypeError('INTERNAL', `The module of ${node.id} is not loaded.`)
  return definition
}
