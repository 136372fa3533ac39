import type { PypeError } from '../../core/errors.js'
import type { StatementOptions } from '../../engine/engine.js'
import type { Column, Relation } from '../../sdk/relation.js'
import type { PlanGraph } from '../plan/graph.js'
import type { ConnectedFlow, DatabaseConnector } from './database-connector.js'
import type { KnownWalk, Writer } from './earlier-writers.js'
import type { PortColumns } from './flow-columns.js'
import type { LazyEngine } from './lazy-engine.js'
import type { LockedSources } from './schema-file.js'

/** How the columns of a flow are looked for. */
export interface ColumnOptions {
  /** Relative paths of sources start here, as they do where the job is run. */
  readonly cwd: string
  /** Also those of ports that no connection leaves. */
  readonly allPorts?: boolean
  /** Look at the files that are there to lock their columns: however large they are, and whatever may write them in a run. */
  readonly relock?: boolean
  /** Tell for each column which columns of the inputs it comes from. */
  readonly trace?: boolean
  /** Ask databases for the columns of their tables. Default: nothing is connected to. */
  readonly connect?: ((flow: ConnectedFlow) => Promise<DatabaseConnector>) | undefined
}

/** What a node is described with. */
export interface NodeWorld {
  /** What is known of its connected input ports. */
  readonly inputs: ReadonlyMap<string, PortColumns>
  /** The output ports to describe. */
  readonly outputs: ReadonlySet<string>
  readonly graph: PlanGraph
  readonly walk: KnownWalk | undefined
  readonly writers: readonly Writer[]
  readonly engine: LazyEngine
  readonly options: ColumnOptions
  /** The columns that a run is held to, by id of the source. */
  readonly locked: LockedSources
  /** Undefined: databases are not asked. */
  readonly connector: DatabaseConnector | undefined
  /** What was found in files, by the text of the scan: several sources may read the same. */
  readonly looks: Map<string, Promise<readonly Column[] | { readonly reason: string }>>
}

/** What is wrong with a flow, and not with the files or with this computer. */
export const FAULTS_OF_FLOWS: ReadonlySet<string> = new Set(['SQL_INVALID', 'SCHEMA_MISMATCH', 'CONFIG_INVALID', 'LOCK_INVALID'])

/** What is known of the output ports of a node, and what its run would refuse. */
export interface DescribedNode {
  readonly ports: ReadonlyMap<string, PortColumns>
  readonly errors: readonly PypeError[]
  /** What leaves by the ports of a node with queries that bind, for what is checked of all nodes at once. */
  readonly relations?: readonly Relation[]
}

/** Output ports of which nothing is known. */
export function nothingKnown(outputs: ReadonlySet<string>, reason: string): DescribedNode {
  return { ports: new Map([...outputs].map((port) => [port, { kind: 'unknown', reason: reason.replace(/\.$/, '') }])), errors: [] }
}

/** Options of a statement that nothing cancels, over relations without names. */
export function statement(): StatementOptions {
  return { names: new Map(), signal: new AbortController().signal }
}
