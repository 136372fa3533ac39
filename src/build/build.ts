import path from 'node:path'
import type { BuiltMetadata, Dag, ExecutionMetadata } from '../core/dag.js'
import { type Diagnostic, DiagnosticsError } from '../core/errors.js'
import type { Flow } from '../core/flow.js'
import { schemaLockFile } from '../core/schema-lock.js'
import { hashText } from '../core/text-hash.js'
import type { ModuleCatalogue } from '../registry/catalogue.js'
import { openCatalogue } from '../registry/registry.js'
import type { FlowColumns } from './columns/flow-columns.js'
import type { ColumnOptions } from './columns/node-world.js'
import { checkLockedIds, readSchemaFile, type SchemaFile } from './columns/schema-file.js'
import { defaultContextFile, type FlowContext, growDefaultContext, readFlowContext } from './context.js'
import type { Findings } from './findings.js'
import { loadFlow } from './load/load-flow.js'
import { type Plan, planFlow } from './plan/plan.js'
import { findOutdated, type JobFile, readIfPresent, writeJobFiles } from './write.js'

/** What a flow is checked against. */
export interface ValidateOptions {
  /** The modules that the flow may use; by default those of the project around the flow file, then the built-in ones. */
  readonly catalogue?: ModuleCatalogue
  /** Look for the columns of the rows too, and check all that names or compares them. Default: not. */
  readonly columns?: ColumnOptions | undefined
}

/** A flow without errors. */
export interface ValidateResult {
  readonly flow: Flow
  /** Warnings; errors are thrown. */
  readonly diagnostics: readonly Diagnostic[]
  /** What is known of the columns of each node's ports; undefined where they were not looked for. */
  readonly columns: FlowColumns | undefined
}

/** A flow without errors, and what a build makes of it. */
export interface PlanResult extends ValidateResult {
  readonly dag: Dag
  readonly metadata: ExecutionMetadata
}

/** Where and how a job folder is written. */
export interface BuildOptions extends ValidateOptions {
  /** The folder that gets the job folder. */
  readonly out: string
  /** Write nothing; only tell which files are out of date. */
  readonly check?: boolean
}

/** A job folder that is up to date; with `check`, what is not. */
export interface BuildResult extends ValidateResult {
  /** The job folder: `<out>/<flow name>`. */
  readonly job: string
  /** Files of the job folder that were missing or differed (and are written now, without `check`), as paths in it. */
  readonly changed: readonly string[]
}

interface Checked {
  readonly flow: Flow
  readonly plan: Plan
  readonly context: FlowContext | undefined
  readonly schemaFile: SchemaFile | undefined
  readonly findings: Findings
}

/** Checks a flow file by all rules. Throws {@link DiagnosticsError} with everything that is wrong, in order of place. */
export async function validateFlow(file: string, options: ValidateOptions = {}): Promise<ValidateResult> {
  const { flow, plan, findings } = await checkFlow(file, options)
  return { flow, diagnostics: findings.list(), columns: plan.columns }
}

/** Plans a flow file and writes nothing: what a build would write. Throws as {@link validateFlow} does. */
export async function planFlowFile(file: string, options: ValidateOptions = {}): Promise<PlanResult> {
  const { flow, plan, findings } = await checkFlow(file, options)
  return { flow, diagnostics: findings.list(), columns: plan.columns, dag: plan.dag, metadata: plan.metadata }
}

/** Builds a flow file into a job folder. The same flow gives the same bytes anywhere. Throws as {@link validateFlow} does, with nothing written. */
export async function buildFlow(file: string, options: BuildOptions): Promise<BuildResult> {
  const checked = await checkFlow(file, options)
  const { flow, plan, findings } = checked
  const job = path.join(options.out, flow.name)
  const outdated = await findOutdated(job, composeFiles(checked))
  const grown = await growContext(checked, job)
  refuseErrors(findings)
  if (options.check !== true) await writeJobFiles(job, [...outdated, ...grown])
  const changed = options.check === true ? outdated : [...outdated, ...grown]
  return { flow, diagnostics: findings.list(), columns: plan.columns, job, changed: changed.map((each) => each.path) }
}

async function checkFlow(file: string, options: ValidateOptions): Promise<Checked> {
  const { flow, findings } = await loadFlow(file)
  if (flow === undefined) throw new DiagnosticsError(findings.list())
  const catalogue = options.catalogue ?? (await openCatalogue(path.dirname(path.resolve(file))))
  const context = flow.name === '' ? undefined : await readFlowContext(file, flow.name, findings)
  const schemaFile = flow.name === '' || options.columns?.relock === true ? undefined : await readSchemaFile(file, flow.name, findings)
  if (schemaFile !== undefined && flow.modulesAreWhole)
    checkLockedIds(
      schemaFile,
      flow.modules.map(({ id }) => id),
      findings,
    )
  const plan = await planFlow(
    flow,
    {
      catalogue,
      contextNames: context?.names ?? null,
      contextFile: context?.defaultFile,
      columns: options.columns,
      locked: schemaFile?.locked,
    },
    findings,
  )
  refuseErrors(findings)
  if (plan === undefined) throw new DiagnosticsError(findings.list())
  return { flow, plan, context, schemaFile, findings }
}

function refuseErrors(findings: Findings): void {
  if (findings.hasErrors) throw new DiagnosticsError(findings.list())
}

function composeFiles({ flow, plan, context, schemaFile }: Checked): readonly JobFile[] {
  const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`
  const dag = json(plan.dag)
  const metadata: BuiltMetadata = { ...plan.metadata, built: { flow: hashText(flow.source.text), dag: hashText(dag) } }
  const copies = [...(context?.files ?? [])].map(([name, content]) => ({ path: path.join('context', name), content }))
  return [
    { path: `${flow.name}.yaml`, content: flow.source.text },
    { path: `${flow.name}_dag.json`, content: dag },
    { path: `${flow.name}_execution_metadata.json`, content: json(metadata) },
    ...copies,
    { path: schemaLockFile(flow.name), content: schemaFile?.content ?? null },
  ]
}

/** Without a folder `context/` beside the flow the job's default context is made by the first build and the user's from then on. */
async function growContext({ flow, plan, context, findings }: Checked, job: string): Promise<readonly JobFile[]> {
  if (context !== undefined) return []
  const name = path.join('context', defaultContextFile(flow.name))
  const present = await readIfPresent(path.join(job, name))
  const content = growDefaultContext(present?.toString('utf8'), path.join(job, name), plan.contextNames, findings)
  return content === undefined ? [] : [{ path: name, content }]
}
