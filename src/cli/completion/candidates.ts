import { OVERLAP_POLICIES } from '../../core/dag.js'
import { findFlowPorts, findFlows } from './find-flows.js'
import { findContextNames, findContexts, findJobs, findNodes } from './find-jobs.js'
import { findAnyRun, findNodesOfRun, findRuns } from './find-runs.js'
import type { Candidates, Typed } from './typed.js'

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

function findJobsAndFlows(typed: Typed, cwd: string): Candidates {
  return [...findJobs(typed, cwd), ...findFlows(typed, cwd)]
}

async function findModules(_: Typed, cwd: string): Promise<Candidates> {
  const { readRegistries } = await import('../../registry/registry.js')
  const found = new Map<string, string>()
  for (const { entries } of await readRegistries(cwd)) {
    for (const [name, { description }] of Object.entries(entries)) if (!found.has(name)) found.set(name, description)
  }
  return [...found].map(([value, description]) => ({ value, description }))
}
