import type { JsonObject } from './json.js'
import type { LockedColumn, SchemaPolicy } from './schema-lock.js'

/*
 * What a build writes and a run reads: `<name>_dag.json` and `<name>_execution_metadata.json`.
 * Both are validated against schema/dag.schema.json and schema/execution-metadata.schema.json when a run starts.
 */

/** The format of both files; a run refuses any other. */
export const JOB_SCHEMA_VERSION = 1

/** Whether a module takes rows, gives rows, both (`mod`) or neither (`solo`). */
export type ModuleType = 'source' | 'mod' | 'sink' | 'solo'
/** When a control connection is taken, and how its target is walked. */
export type ValveType = 'normal' | 'iterate' | 'start' | 'error' | 'done'

/** Line and column in `<name>.yaml`, from 1. */
export interface DagPlace {
  readonly line: number
  readonly column: number
}

/** One use of a module, with all that a run needs to load and run it. */
export interface DagNode {
  readonly id: string
  /** Name of the module in the catalogue. */
  readonly module: string
  readonly type: ModuleType
  readonly version: string
  /** `pype:source/csv_source` for the catalogue, else a path relative to the project folder (the one with ModRegistry.json). */
  readonly module_path: string
  /** SHA-256 of a user module's source file; null for the catalogue. */
  readonly source_hash: string | null
  readonly packages: readonly string[]
  /** As written in the flow, flat, templates unrendered; configs that the flow leaves out are absent. */
  readonly configs: JsonObject
  readonly misc?: JsonObject
  readonly input_ports: readonly string[]
  readonly output_ports: readonly string[]
  /** The globals that the module publishes. */
  readonly globals: readonly string[]
  /** Those of them that the flow refers to: only these are computed when they cost work. */
  readonly used_globals: readonly string[]
  /** The columns of a file source that the schema file of the flow locks; absent where it does not. */
  readonly locked_columns?: readonly LockedColumn[]
  readonly sub_flow: string
  readonly place: DagPlace
  /** Place of each config's value. */
  readonly config_places: { readonly [config: string]: DagPlace }
}

/** Rows go from a port of `from` to a port of `to`. */
export interface DataConnection {
  readonly from: string
  readonly from_port: string
  readonly to: string
  readonly to_port: string
  /** Always 0: data connections come before every control connection. */
  readonly order: 0
  readonly boundary: boolean
  readonly place: DagPlace
}

/** The sub flow of `to` may start because that of `from` ended. */
export interface ControlConnection {
  readonly from: string
  readonly to: string
  /** 1 to 999,999,999; `Last` is resolved by the build. */
  readonly order: number
  readonly type: ValveType
  /** An SQL expression with its templates, or null. */
  readonly condition: string | null
  /** Frames of an iterate that may run at once; null for the others. */
  readonly concurrency: number | null
  /** A data connection joins the same two nodes. */
  readonly boundary: boolean
  readonly place: DagPlace
}

/** The content of `<name>_dag.json`: what the flow is. */
export interface Dag {
  readonly schema_version: number
  readonly pype_version: string
  readonly flow: {
    readonly name: string
    readonly desc?: string
    readonly version: string
    readonly authors: readonly string[]
    readonly created: string
  }
  readonly engine: { readonly name: string; readonly dialect: string; readonly major: number }
  /** In order of declaration. */
  readonly nodes: readonly DagNode[]
  readonly data: readonly DataConnection[]
  readonly control: readonly ControlConnection[]
}

/** What a start does while another run of the job is going on. */
export const OVERLAP_POLICIES = ['fail', 'wait', 'skip', 'allow'] as const
export type OverlapPolicy = (typeof OVERLAP_POLICIES)[number]

/** Which data connections have their rows counted: those where it costs nothing, or all. */
export const ROW_COUNTS = ['known', 'all'] as const
export type RowCounts = (typeof ROW_COUNTS)[number]

/** The settings of a flow with defaults filled in; null where the default depends on the machine or means "none". */
export interface Settings {
  /** Seconds for the whole run. */
  readonly timeout: number | null
  /** Extra attempts per sub flow. */
  readonly retries: number
  /** Seconds before the second attempt; it doubles from there. */
  readonly retry_delay: number
  readonly fail_strategy: 'halt' | 'continue'
  readonly execution_mode: 'local'
  readonly threads: number | null
  readonly time_zone: string
  /** Rows up to which a materialised artifact stays in memory. */
  readonly spill_threshold_rows: number
  /** Share of the machine's (or control group's) memory that the process may use before artifacts go to disk. */
  readonly max_ram_share: number
  /** As the engine writes it (`4GB`); null: half of the memory less 400 MB. */
  readonly memory_limit: string | null
  readonly spill_dir: string | null
  readonly on_overlap: OverlapPolicy
  /** Runs whose folders stay, beside the one that starts. */
  readonly keep_runs: number
  /** Runs that have not completed whose rows stay for a resume, for a week at most. */
  readonly keep_resumable: number
  /** What a run does when the files of a source differ from its locked columns. */
  readonly schema: SchemaPolicy
  readonly row_counts: RowCounts
}

/** The nodes that are retried, committed and checkpointed together; `waves` in the order in which they become ready. */
export interface SubFlow {
  readonly nodes: readonly string[]
  readonly waves: readonly (readonly string[])[]
  /** Of nodes, modules, configs, data connections and the control connections into it; not of misc, desc, places, resource settings. */
  readonly hash: string
}

/** A control connection, called by its two ends: at most one goes from one node to another. */
export interface ConnectionName {
  readonly from: string
  readonly to: string
}

/** The name of a connection as a text; no node and no sub flow has such a name. Journals hold it. */
export function nameConnection({ from, to }: ConnectionName): string {
  return `${from}>${to}`
}

/** A loop: the iterate connection, and what stands inside. */
export interface IterateScope {
  readonly connection: ConnectionName
  /** The sub flows that are walked once per item, in order of declaration. */
  readonly sub_flows: readonly string[]
}

/** How the flow is run. */
export interface ExecutionMetadata {
  readonly schema_version: number
  readonly settings: Settings
  readonly sub_flows: { readonly [name: string]: SubFlow }
  /** The sub flows without control connections into them, in order of declaration. */
  readonly roots: readonly string[]
  /** The sub flows with more than one control connection into them. */
  readonly joins: { readonly [name: string]: readonly ConnectionName[] }
  /** The sub flows that start at the first connection into them that is taken. */
  readonly gates: readonly string[]
  readonly scopes: readonly IterateScope[]
  /** A static order in which the sub flows could run one after the other. */
  readonly order: readonly string[]
}

/** The content of `<name>_execution_metadata.json`: the plan of the run, and the files that it belongs to. */
export interface BuiltMetadata extends ExecutionMetadata {
  /** Hashes of the other files of the job, by which a run tells those of another build. */
  readonly built: {
    /** Of `<name>.yaml`. */
    readonly flow: string
    /** Of `<name>_dag.json`. */
    readonly dag: string
  }
}
