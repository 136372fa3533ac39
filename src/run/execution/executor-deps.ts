import type { Dag, DagNode, ExecutionMetadata } from '../../core/dag.js'
import type { PlacedFile } from '../../core/errors.js'
import type { Emit } from '../../core/events.js'
import type { FramePath } from '../../core/frame.js'
import type { SealedConnection } from '../../database/database.js'
import type { Engine, TypedValue } from '../../engine/engine.js'
import type { Logger } from '../../sdk/context.js'
import type { Connection } from '../../sdk/database.js'
import type { ModuleDefinition } from '../../sdk/define-module.js'
import type { BoundaryArtifact } from '../artifacts/boundary-file.js'
import type { Disk } from '../checkpoint/files/disk.js'
import type { ChildRun } from '../checkpoint/journal/records.js'
import type { ChildOutcome, ChildRequest } from '../child/kin.js'
import type { RunningStatements } from '../observe/running-statements.js'
import type { Masker } from '../secrets/masker.js'
import type { Lookup } from '../templating/lookup.js'
import type { GivenOptions } from './node/hint-at-rows.js'
import type { OnStall } from './node/wait-while-alive.js'

/** What the executor of sub flows needs from the run around it. */
export interface ExecutorDeps {
  readonly dag: Dag
  readonly metadata: ExecutionMetadata
  readonly engine: Engine
  /** The flow file, as messages name it. */
  readonly flow: PlacedFile
  /** By id of the node. */
  readonly definitions: ReadonlyMap<string, ModuleDefinition>
  /** The configs of a node as its module sees them; throws coded errors with place and hint. */
  readonly resolveConfig: (node: DagNode, definition: ModuleDefinition, frame: FramePath) => Record<string, unknown>
  /** The values of templates as a node sees them in a frame. */
  readonly lookup: (node: DagNode, frame: FramePath) => Lookup
  /** A connection as the journal may hold it. */
  readonly sealedOf: (connection: Connection) => SealedConnection
  /** A global by `node__name`, in any case, looked up in the frame and those around it; undefined when no completed sub flow published it. */
  readonly lookupGlobal: (name: string, frame: FramePath) => TypedValue | undefined
  /** Rows that crossed a boundary earlier in this run, as seen from `frame`. */
  readonly boundaryArtifact: (node: string, port: string, frame: FramePath) => BoundaryArtifact | undefined
  readonly emit: Emit
  readonly createLogger: (node: string, frame: FramePath) => Logger
  readonly runId: string
  readonly disk: Disk
  /** Absolute. Holds `artifacts/` for what crosses boundaries. */
  readonly runFolder: string
  /** Absolute. For what does not fit in memory; the engine has it too. */
  readonly spillDir: string
  /** Absolute. Relative paths of the flow start here. */
  readonly cwd: string
  /** Without secrets. */
  readonly env: { readonly [name: string]: string | undefined }
  /** The logical time, as the text of a TIMESTAMP. */
  readonly time: string
  /** What the run was started with, for the commands in hints. */
  readonly given: GivenOptions
  /** Whether an earlier process began this run. */
  readonly resumed: boolean
  /** Number of the process that walks this run, from 1. */
  readonly process: number
  /** The runs of other jobs that an unfinished node has started in earlier processes, in their order. */
  readonly childrenOf: (node: string, frame: FramePath) => readonly ChildRun[]
  /** Runs another job in this process; rejects with a coded error when it could not be started. */
  readonly runChild: (request: ChildRequest) => Promise<ChildOutcome>
  /** The nodes at work, as `id#frame`: kept up to date for whoever has to say what a run was doing. */
  readonly running: Set<string>
  /** The statements that are moving rows; undefined: nobody asks. */
  readonly statements: RunningStatements | undefined
  /** Takes secrets out of what nodes publish and of what they throw. */
  readonly masker: Masker
  /** Undefined: what waits for ever is left to whoever started the run. */
  readonly onStall: OnStall | undefined
  /** Bound on the nodes that run at once, over all sub flows. */
  readonly threads: number
}
