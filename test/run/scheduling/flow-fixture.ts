import type { ControlConnection, Dag, DagNode, ExecutionMetadata, Settings, SubFlow, ValveType } from '../../../src/core/dag.js'

/** A control connection of a flow in which every sub flow is one solo. */
export interface Arrow {
  readonly from: string
  readonly to: string
  readonly order: number
  readonly type?: ValveType
  readonly condition?: string
  readonly boundary?: boolean
}

const SETTINGS: Settings = {
  timeout: null,
  retries: 0,
  retry_delay: 0,
  fail_strategy: 'halt',
  execution_mode: 'local',
  threads: null,
  time_zone: 'UTC',
  spill_threshold_rows: 1_000_000,
  max_ram_share: 0.5,
  memory_limit: null,
  spill_dir: null,
  on_overlap: 'fail',
  keep_runs: 30,
  keep_resumable: 2,
  schema: 'freeze',
  row_counts: 'known',
}

/** The two files of a job, made by hand: nodes are sub flows, in order of declaration. */
export function makeFlow(
  names: readonly string[],
  arrows: readonly Arrow[],
  settings: Partial<Settings> = {},
): { readonly dag: Dag; readonly metadata: ExecutionMetadata } {
  const reached = new Set(arrows.map(({ to }) => to))
  const subFlows: { [name: string]: SubFlow } = {}
  for (const name of names) subFlows[name] = { nodes: [name], waves: [[name]], hash: name }
  const dag: Dag = {
    schema_version: 1,
    pype_version: '0.1.0',
    flow: { name: 'walked', version: '1.0.0', authors: ['a'], created: '2026-01-01' },
    engine: { name: 'duckdb', dialect: 'duckdb', major: 1 },
    nodes: names.map(makeNode),
    data: [],
    control: arrows.map(makeConnection),
  }
  const roots = names.filter((name) => !reached.has(name))
  return {
    dag,
    metadata: {
      schema_version: 1,
      settings: { ...SETTINGS, ...settings },
      sub_flows: subFlows,
      roots,
      joins: {},
      gates: [],
      scopes: [],
      order: [...names],
    },
  }
}

export function makeNode(id: string): DagNode {
  return {
    id,
    module: 'log',
    type: 'solo',
    version: '1.0.0',
    module_path: 'pype:solo/log',
    source_hash: null,
    packages: [],
    configs: {},
    input_ports: [],
    output_ports: [],
    globals: [],
    used_globals: [],
    sub_flow: id,
    place: { line: 1, column: 1 },
    config_places: {},
  }
}

function makeConnection({ from, to, order, type = 'normal', condition, boundary = false }: Arrow): ControlConnection {
  return { from, to, order, type, condition: condition ?? null, concurrency: null, boundary, place: { line: 1, column: 1 } }
}
