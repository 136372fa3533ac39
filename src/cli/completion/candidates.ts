import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { OVERLAP_POLICIES } from '../../core/dag.js'
import { isObject } from '../../core/json.js'
import { looksLikeRunId } from '../../run/job/run-id.js'
import { findJobFolder, looksLikeJob } from '../start-run/run-options.js'

/** Words that could be meant, with what they are. */
export type Candidates = readonly { readonly value: string; readonly description?: string }[]

/** What stands on the line already. */
export interface Typed {
  readonly command: string
  readonly positional: readonly string[]
  /** Of options, by their long names. */
  readonly values: ReadonlyMap<string, string>
  /** The word that is being typed. */
  readonly current: string
}

type Find = (typed: Typed, cwd: string) => Candidates | undefined | Promise<Candidates>

/** By the name of an argument in the help. Undefined: any path. */
const ARGUMENTS: { readonly [name: string]: Find } = {
  flow: findFlows,
  job: findJobs,
  'flow|job': findJobsAndFlows,
  'job|flow': findJobsAndFlows,
  run: findAnyRun,
  other: findAnyRun,
  name: findModules,
  port: findFlowPorts,
  column: findFlowPorts,
  // Nobody can guess how a new one is to be called.
  'module-name': () => [],
  shell: () => listWords(['bash', 'zsh', 'fish']),
}

/** By the long name of an option, where a command has no list of its own. Undefined: any path. */
const OPTIONS: { readonly [long: string]: Find } = {
  '--resume': (typed, cwd) => [
    ...findRuns(typed, cwd).filter(({ description }) => description !== 'completed'),
    { value: 'auto', description: 'start a run when there is none' },
  ],
  '--run': findRuns,
  '--again': findNodes,
  '--node': findNodesOfRun,
  '--level': () => listWords(['debug', 'info', 'warn', 'error']),
  '--context': findContexts,
  '--set': findContextNames,
  '--on-overlap': () => listWords(OVERLAP_POLICIES),
  '--every': () => listWords(['hour', 'day', 'week', 'month']),
  '--log': () => listWords(['file', 'stderr', 'none']),
  '--log-level': () => listWords(['debug', 'info', 'warn', 'error']),
  '--format': async ({ command }) => listWords(await findFormats(command)),
  '--out': () => undefined,
  // Of a new flow a file, of a run a date.
  '--from': ({ command }) => (command === 'flow' ? undefined : []),
  '--type': () => listWords(['source', 'mod', 'sink', 'solo']),
  '--junit': () => undefined,
  '--runs': () => undefined,
  '--cwd': () => undefined,
}

/** What could be the argument of that name; nothing is known of those that have no list. */
export async function completeArgument(name: string, typed: Typed, cwd: string): Promise<Candidates | undefined> {
  return ARGUMENTS[name]?.(typed, cwd)
}

/** What could be the value of an option. */
export async function completeOption(long: string, typed: Typed, cwd: string): Promise<Candidates | undefined> {
  const find = OPTIONS[long]
  // A number or a date, which nobody can guess.
  return find === undefined ? [] : find(typed, cwd)
}

async function findFormats(command: string): Promise<readonly string[]> {
  if (command === 'lineage') return (await import('../commands/lineage.js')).LINEAGE_FORMATS
  if (command === 'preview') return (await import('../commands/preview.js')).PREVIEW_FORMATS
  return (await import('../../graph/graph.js')).GRAPH_FORMATS
}

function listWords(words: readonly string[]): Candidates {
  return words.map((value) => ({ value }))
}

/** YAML files, and folders on the way to them, from where the word that is typed has come to. */
function findFlows({ current }: Typed, cwd: string): Candidates {
  const folder = current.slice(0, current.lastIndexOf('/') + 1)
  return listFolder(path.resolve(cwd, folder))
    .filter(({ name }) => !name.startsWith('.') && name !== 'node_modules')
    .flatMap((entry) => {
      if (entry.isDirectory()) return [{ value: `${folder}${entry.name}/`, description: 'folder' }]
      return /\.ya?ml$/i.test(entry.name) ? [{ value: `${folder}${entry.name}`, description: 'flow' }] : []
    })
}

function findJobsAndFlows(typed: Typed, cwd: string): Candidates {
  return [...findJobs(typed, cwd), ...findFlows(typed, cwd)]
}

/** Nodes of the flow file that the line names, and their ports; of what nobody could read there are none. */
async function findFlowPorts({ positional: [file] }: Typed, cwd: string): Promise<Candidates> {
  if (file === undefined || !existsSync(path.resolve(cwd, file))) return []
  const [{ loadFlow }, { readRegistries }] = await Promise.all([
    import('../../build/load/load-flow.js'),
    import('../../registry/registry.js'),
  ])
  const { flow } = await loadFlow(path.resolve(cwd, file))
  const registries = await readRegistries(path.dirname(path.resolve(cwd, file)))
  const portsOf = (name: string | undefined) => {
    const entry = registries.map(({ entries }) => entries[name ?? '']).find((each) => each !== undefined)
    return entry?.output_ports ?? []
  }
  return (flow?.modules ?? []).flatMap(({ id, name }) => [
    { value: id, description: name ?? '' },
    ...portsOf(name).map((port) => ({ value: `${id}.${port}`, description: 'port' })),
  ])
}

/** The jobs in jobs/ by their names, and folders when the word is a path. */
function findJobs({ current }: Typed, cwd: string): Candidates {
  const names = listFolder(path.join(cwd, 'jobs')).filter(({ name }) => looksLikeJob(path.join(cwd, 'jobs', name)))
  const jobs = names.map(({ name }) => ({ value: name, description: 'job' }))
  if (!current.includes('/')) return jobs
  const folder = current.slice(0, current.lastIndexOf('/') + 1)
  const folders = listFolder(path.resolve(cwd, folder)).filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
  return folders.map(({ name }) =>
    looksLikeJob(path.resolve(cwd, folder, name))
      ? { value: `${folder}${name}`, description: 'job' }
      : { value: `${folder}${name}/`, description: 'folder' },
  )
}

/** The folder of the job that the line names; a flow is built into jobs/ under its own name, mostly that of its file. */
function jobFolderOf({ positional: [job] }: Typed, cwd: string): string | undefined {
  if (job === undefined) return undefined
  const folder = /\.ya?ml$/i.test(job) ? path.resolve(cwd, 'jobs', path.basename(job).replace(/\.ya?ml$/i, '')) : findJobFolder(job, cwd)
  return looksLikeJob(folder) ? folder : undefined
}

/** The newest ones first. */
const MOST_RUNS = 30

function findRuns(typed: Typed, cwd: string): Candidates {
  const job = jobFolderOf(typed, cwd)
  const given = typed.values.get('--runs')
  const folder = given !== undefined ? path.resolve(cwd, given) : job === undefined ? undefined : path.join(job, 'runs')
  if (folder === undefined) return []
  const runs = listFolder(folder).filter((entry) => entry.isDirectory() && looksLikeRunId(entry.name))
  return runs
    .map(({ name }) => name)
    .sort()
    .reverse()
    .slice(0, MOST_RUNS)
    .map((run) => ({ value: run, description: statusIn(path.join(folder, run, 'summary.json')) }))
}

/** Jobs, which stand for their last runs, and the runs of all of them. */
function findAnyRun(typed: Typed, cwd: string): Candidates {
  const last = { value: 'last', description: 'the last run of all jobs' }
  if (typed.values.has('--runs')) return [last, ...findRuns(typed, cwd)]
  const jobs = listFolder(path.join(cwd, 'jobs')).filter(({ name }) => looksLikeJob(path.join(cwd, 'jobs', name)))
  const runs = jobs.flatMap(({ name }) => findRuns({ ...typed, positional: [name] }, cwd))
  const newest = runs.toSorted((a, b) => (a.value < b.value ? 1 : -1)).slice(0, MOST_RUNS)
  return [last, ...jobs.map(({ name }) => ({ value: name, description: 'its last run' })), ...newest]
}

/** The nodes of the job that a run is called by; an id does not say whose it is without a look at every job. */
function findNodesOfRun(typed: Typed, cwd: string): Candidates {
  const [word = ''] = typed.positional
  return findNodes({ ...typed, positional: [word.replace(/~\d+$/, '')] }, cwd)
}

/** From the summary alone, without a look at locks: a word on the way is not worth more. */
function statusIn(file: string): string {
  const status = readObject(file)?.['status']
  return typeof status === 'string' ? status : 'not ended'
}

function findNodes(typed: Typed, cwd: string): Candidates {
  const nodes = readDag(typed, cwd)?.['nodes']
  return Array.isArray(nodes) ? nodes.filter(isObject).map(({ id, module }) => ({ value: String(id), description: String(module) })) : []
}

/** Names of contexts; a path is the shell's. */
function findContexts(typed: Typed, cwd: string): Candidates | undefined {
  if (typed.current.includes('/')) return undefined
  const job = jobFolderOf(typed, cwd)
  if (job === undefined) return undefined
  const names = listFolder(path.join(job, 'context')).flatMap(({ name }) => /_([^_]+)\.json$/.exec(name)?.[1] ?? [])
  return names.map((value) => ({ value, description: 'context' }))
}

function findContextNames(typed: Typed, cwd: string): Candidates {
  const job = jobFolderOf(typed, cwd)
  const file = job === undefined ? undefined : listFolder(path.join(job, 'context')).find(({ name }) => name.endsWith('_default.json'))
  const values = job === undefined || file === undefined ? undefined : readObject(path.join(job, 'context', file.name))
  return Object.keys(values ?? {})
    .filter((name) => name !== 'secrets')
    .map((name) => ({ value: `${name}=` }))
}

async function findModules(_: Typed, cwd: string): Promise<Candidates> {
  const { readRegistries } = await import('../../registry/registry.js')
  const found = new Map<string, string>()
  for (const { entries } of await readRegistries(cwd)) {
    for (const [name, { description }] of Object.entries(entries)) if (!found.has(name)) found.set(name, description)
  }
  return [...found].map(([value, description]) => ({ value, description }))
}

function readDag(typed: Typed, cwd: string): { readonly [key: string]: unknown } | undefined {
  const job = jobFolderOf(typed, cwd)
  const file = job === undefined ? undefined : listFolder(job).find(({ name }) => name.endsWith('_dag.json'))
  return job === undefined || file === undefined ? undefined : readObject(path.join(job, file.name))
}

function readObject(file: string): { readonly [key: string]: unknown } | undefined {
  if (!existsSync(file)) return undefined
  const value: unknown = JSON.parse(readFileSync(file, 'utf8'))
  return isObject(value) ? value : undefined
}

function listFolder(folder: string) {
  return existsSync(folder) ? readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1)) : []
}
