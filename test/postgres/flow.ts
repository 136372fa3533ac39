import type { RunSummary } from '../../src/index.js'
import { type Flow, ModuleProject } from '../modules/module-flow.js'
import type { TestDatabase } from './server.js'

type Rows = readonly object[]
type Node = readonly [module: string, configs: object]

/** The library as it is published: its modules are loaded once, and not compiled for each run. */
const built: typeof import('../../src/index.js') = await import(new URL('../../dist/bundle/src/index.js', import.meta.url).href)

/** A folder where flows are run by the built library. */
export class BuiltProject extends ModuleProject {
  protected override readonly library = built

  /** The pipes that rows go through stand in a folder with an odd name. */
  override runJob(job: string): Promise<RunSummary> {
    const log = { level: 'debug', destinations: ['file'] } as const
    return built.runJob(job, { cwd: this.folder, env: {}, runs: this.path(`runs 'ü' "1"`), log })
  }
}

/** Rows with types, for {@link inlineRows}. */
export interface TypedRows {
  readonly rows: Rows
  readonly columns: { readonly [name: string]: string }
}

/** A flow that writes rows of its own by one postgres_sink. */
export function writeFlow(database: TestDatabase, rows: Rows | TypedRows, configs: object): Flow {
  const input = 'rows' in rows ? rows : { rows }
  return {
    modules: { rows: ['inline_source', input], write: ['postgres_sink', { connection: database.url, ...configs }] },
    data: ['rows.data - write.input'],
  }
}

/** A flow that reads by a postgres_source, changes the rows or not, and writes them with a postgres_sink. */
export function moveFlow(database: TestDatabase, read: object, write: object, ...between: readonly Node[]): Flow {
  const modules: Record<string, Node> = { read: ['postgres_source', { connection: database.url, ...read }] }
  const data: string[] = []
  let port = 'read.data'
  between.forEach((node, i) => {
    modules[`mod${i}`] = node
    data.push(`${port} - mod${i}.input`)
    port = `mod${i}.output`
  })
  modules['write'] = ['postgres_sink', { connection: database.url, ...write }]
  return { modules, data: [...data, `${port} - write.input`] }
}

/** Runs a flow that must complete; returns its log. */
export async function complete(project: ModuleProject, flow: Flow): Promise<readonly string[]> {
  const { summary, log } = await project.run(flow)
  if (summary.errors.length > 0) throw new Error(JSON.stringify(summary.errors, null, 2))
  return log.map(({ msg }) => msg)
}

/** Runs a flow that must fail; returns its one error. */
export async function fail(
  project: ModuleProject,
  flow: Flow,
): Promise<{ readonly code: string; readonly message: string; readonly hint?: string }> {
  const { summary } = await project.run(flow)
  const [error] = summary.errors
  if (error === undefined || summary.errors.length > 1) throw new Error(`one error expected, got ${JSON.stringify(summary.errors)}`)
  return error
}
