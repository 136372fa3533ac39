import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { BuiltMetadata, Dag, DagNode } from '../../core/dag.js'
import { hashText } from '../../core/text-hash.js'
import type { CaseFolder, CasePlan } from './case-plan.js'

/** A job that was built for tests. */
export interface BuiltJob {
  readonly folder: string
  readonly dag: Dag
  readonly metadata: BuiltMetadata
  /** The module behind the nodes that are added: a sink. */
  readonly sink: { readonly module: string; readonly path: string; readonly version: string }
}

/** A port whose rows are looked at, by a node that is added. */
export interface Capture {
  readonly node: string
  readonly from: string
  readonly fromPort: string
  /** The sub flow in which they are looked at: over a boundary that of the sink that reads them. */
  readonly subFlow: string
  readonly boundary: boolean
}

/** A file that is there when the run starts. */
export interface LaidFile {
  /** Absolute, in the folder of the case. */
  readonly to: string
  /** A file or a folder to copy, absolute; or what it holds. */
  readonly content: { readonly from: string } | { readonly text: string }
}

/** What the folder of a case gets. */
export interface CaseLayout {
  readonly plan: CasePlan
  readonly captures: readonly Capture[]
  readonly files: readonly LaidFile[]
  /** Globals that are looked at, by node: they are computed although the flow does not use them. */
  readonly wantedGlobals: ReadonlyMap<string, readonly string[]>
}

/** Writes the folder of a case: the job with its changes, the files, and the plan. */
export function layOutCase(folder: CaseFolder, job: BuiltJob, layout: CaseLayout): void {
  for (const each of [folder.files, folder.elsewhere, folder.rows]) mkdirSync(each, { recursive: true })
  for (const { to, content } of layout.files) {
    mkdirSync(path.dirname(to), { recursive: true })
    if ('text' in content) writeFileSync(to, content.text)
    else cpSync(content.from, to, { recursive: true })
  }
  cpSync(job.folder, folder.job, { recursive: true })
  const { name } = job.dag.flow
  const dag = JSON.stringify(changeDag(job, layout))
  const metadata = changeMetadata(job.metadata, layout.captures)
  const built: BuiltMetadata['built'] = { ...metadata.built, dag: hashText(dag) }
  writeFileSync(path.join(folder.job, `${name}_dag.json`), dag)
  writeFileSync(path.join(folder.job, `${name}_execution_metadata.json`), JSON.stringify({ ...metadata, built }))
  writeFileSync(folder.plan, JSON.stringify(layout.plan))
}

function changeDag({ dag, sink }: BuiltJob, { plan, captures, wantedGlobals }: CaseLayout): Dag {
  const places = new Map(dag.nodes.map(({ id, place }) => [id, place]))
  const added = captures.map(
    (capture): DagNode => ({
      id: capture.node,
      module: sink.module,
      type: 'sink',
      version: sink.version,
      module_path: sink.path,
      source_hash: null,
      packages: [],
      configs: {},
      input_ports: ['input'],
      output_ports: [],
      globals: [],
      used_globals: [],
      sub_flow: capture.subFlow,
      place: places.get(capture.from) ?? { line: 1, column: 1 },
      config_places: {},
    }),
  )
  const connections = captures.map(({ node, from, fromPort, boundary }) => ({
    from,
    from_port: fromPort,
    to: node,
    to_port: 'input',
    order: 0 as const,
    boundary,
    place: places.get(from) ?? { line: 1, column: 1 },
  }))
  return {
    ...dag,
    nodes: [...dag.nodes.map((node) => changeNode(node, plan, wantedGlobals.get(node.id) ?? [])), ...added],
    data: [...dag.data, ...connections],
  }
}

/** What is replaced has no configs, so that nothing is asked of the context, of secrets or of its packages for it. */
function changeNode(node: DagNode, { standIns, muted }: CasePlan, wanted: readonly string[]): DagNode {
  const used = { ...node, used_globals: [...new Set([...node.used_globals, ...wanted])].sort() }
  if (!Object.hasOwn(standIns, node.id) && !muted.includes(node.id)) return used
  const { locked_columns: _, ...rest } = used
  return { ...rest, configs: {}, config_places: {}, packages: [] }
}

function changeMetadata(metadata: BuiltMetadata, captures: readonly Capture[]): BuiltMetadata {
  const subFlows = Object.entries(metadata.sub_flows).map(([name, subFlow]) => {
    const added = captures.filter((capture) => capture.subFlow === name).map(({ node }) => node)
    return [
      name,
      added.length === 0 ? subFlow : { ...subFlow, nodes: [...subFlow.nodes, ...added], waves: [...subFlow.waves, added] },
    ] as const
  })
  return {
    ...metadata,
    // A test of what a retry does need not wait for it.
    settings: { ...metadata.settings, retry_delay: 0, spill_dir: null },
    sub_flows: Object.fromEntries(subFlows),
  }
}
