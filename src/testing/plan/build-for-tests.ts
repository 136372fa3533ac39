import path from 'node:path'
import { buildFlow } from '../../build/build.js'
import type { Dag, DagNode } from '../../core/dag.js'
import type { SourceText } from '../../core/source-text.js'
import { loadModule } from '../../registry/registry.js'
import { loadDefinitions } from '../../run/job/load-definitions.js'
import { loadJob } from '../../run/job/load-job.js'
import type { ModuleDefinition } from '../../sdk/define-module.js'
import type { Column } from '../../sdk/relation.js'
import type { BuiltJob } from '../rehearse/lay-out-case.js'

/** A flow that is tested, built once for all of its cases. */
export interface TestedFlow {
  /** As it was named. */
  readonly file: string
  readonly source: SourceText
  readonly job: BuiltJob
  readonly dag: Dag
  readonly nodes: ReadonlyMap<string, DagNode>
  /** By id of the node. */
  readonly definitions: ReadonlyMap<string, ModuleDefinition>
  /** Columns of output ports as far as they are known before a run, by `node.port`. */
  readonly columns: ReadonlyMap<string, readonly Column[]>
  /** Absolute: the folder of the flow. */
  readonly project: string
}

/** The module behind the nodes that a case adds. */
const SINK = { module: 'log_sink', path: 'pype:sinks/log_sink' }

/** Builds a flow into a folder. Throws DiagnosticsError with all that is wrong with it. `cwd`: where relative paths of its sources start, for their columns. */
export async function buildForTests(file: string, out: string, cwd: string): Promise<TestedFlow> {
  const built = await buildFlow(file, { out, columns: { cwd, allPorts: true } })
  const project = path.dirname(path.resolve(cwd, file))
  const { dag, metadata } = loadJob(built.job)
  const { version } = await loadModule(SINK.path, { projectFolders: [] })
  const columns = [...(built.columns ?? [])].flatMap(([node, ports]) =>
    [...ports].flatMap(([port, found]) => (found.kind === 'known' ? [[`${node.flow.id}.${port}`, found.columns] as const] : [])),
  )
  return {
    file,
    source: built.flow.source,
    job: { folder: built.job, dag, metadata, sink: { ...SINK, version } },
    dag,
    nodes: new Map(dag.nodes.map((node) => [node.id, node])),
    definitions: await loadDefinitions(dag, built.job, project),
    columns: new Map(columns),
    project,
  }
}
