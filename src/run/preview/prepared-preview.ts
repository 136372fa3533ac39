import type { Dag, ExecutionMetadata } from '../../core/dag.js'
import type { OpenDatabase } from '../../database/database.js'
import type { ModuleDefinition } from '../../sdk/define-module.js'
import type { OnStall } from '../execution/node/wait-while-alive.js'
import type { PortName } from '../execution/sub-flow/sub-flow-graph.js'
import type { ResolvedContext } from '../job/read-context.js'
import type { RunSecrets } from '../secrets/run-secrets.js'
import type { GivenValues } from './given-values.js'
import type { Narrowing } from './narrow-rows.js'
import type { NeededNodes } from './needed-nodes.js'

/** A flow that was planned and not built. */
export interface PlannedFlow {
  /** Its file, as it was named. */
  readonly file: string
  readonly dag: Dag
  readonly metadata: ExecutionMetadata
}

/** How a port is looked at. Nothing is read from the process. */
export interface PreviewOptions extends Narrowing {
  /** The folder with the folder `context/`, absolute. */
  readonly contextFolder: string
  readonly context?: string | undefined
  readonly set?: readonly string[]
  /** The logical date or time. */
  readonly date?: string | undefined
  /** Globals that only a run comes to: `node__name=value`. */
  readonly globals?: readonly string[]
  /** An item for each loop around the port, from the outside in. */
  readonly items?: readonly string[]
  /** Absolute. Relative paths of the flow start here. */
  readonly cwd: string
  /** Whether `cwd` was asked for, and is not just the current folder. */
  readonly insistsOnCwd?: boolean
  readonly env: { readonly [name: string]: string | undefined }
  readonly signal: AbortSignal
  readonly onStall?: OnStall
  /** Hears what a user should know and is no error. */
  readonly onWarning: (message: string) => void
  readonly now?: () => Date
  readonly openDatabase?: OpenDatabase
}

/** What a preview stands on when all is known and nothing has been run. */
export interface PreparedPreview {
  readonly flow: PlannedFlow
  readonly options: PreviewOptions
  readonly port: PortName
  readonly given: GivenValues
  readonly needed: NeededNodes
  readonly definitions: ReadonlyMap<string, ModuleDefinition>
  readonly context: ResolvedContext
  readonly secrets: RunSecrets
  readonly time: string
  readonly threads: number
  readonly folder: string
  readonly warn: (message: string) => void
}
