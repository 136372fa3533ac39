import { existsSync } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import path from 'node:path'
import { loadFlow } from '../../build/load/load-flow.js'
import { PypeError } from '../../core/errors.js'
import { systemCodeOf } from '../../core/system-code.js'
import { findProjectFolder, REGISTRY_FILE } from '../../registry/project.js'

/** The state of each file that a flow is built and run from: one that is saved anew has another. By path. */
export type Snapshot = ReadonlyMap<string, string>

/** Where the files are. */
export interface Watched {
  /** The flow file. Absolute, like all paths here. */
  readonly flow: string
  /** The name that the flow had when it could last be read: its contexts are called after it. */
  readonly name: string
  /** A context file that was named with --context. */
  readonly context: string | undefined
  /** The folder of the project that the flow belongs to. */
  readonly project: string | undefined
  /** The folder of the job, whose context counts where none stands beside the flow. */
  readonly job: string
}

/** Finds out which files belong to a flow; while it cannot be read, its earlier name counts. */
export async function findWatched(flow: string, context: string | undefined, cwd: string, earlier = ''): Promise<Watched> {
  const name = (await readName(flow)) ?? earlier
  return { flow, name, context, project: await findProjectFolder(path.dirname(flow)), job: path.join(cwd, 'jobs', name) }
}

/** Looks at the files: the flow, its contexts, its schema file, and the modules of its project with all that lies beside them. */
export async function takeSnapshot({ flow, name, context, project, job }: Watched): Promise<Snapshot> {
  const beside = path.dirname(flow)
  // Where a folder stands beside the flow, the job has copies.
  const contexts = await listContexts(path.join(existsSync(path.join(beside, 'context')) ? beside : job, 'context'), name)
  const modules = project === undefined ? [] : [path.join(project, REGISTRY_FILE), ...(await listFiles(path.join(project, 'modules')))]
  const files = [flow, path.join(beside, `${name}.schema.json`), ...(context === undefined ? [] : [context]), ...contexts, ...modules]
  const states = await Promise.all(files.map(async (file) => [file, await stateOf(file)] as const))
  return new Map(states.flatMap(([file, state]) => (state === undefined ? [] : [[file, state]])))
}

/** The files that differ between two looks: new, gone, or saved anew. */
export function findChanged(before: Snapshot, after: Snapshot): readonly string[] {
  return [...new Set([...before.keys(), ...after.keys()])].filter((file) => before.get(file) !== after.get(file)).sort()
}

/** The first snapshot, with what the second one says of the files in a folder: those that a build writes itself. */
export function withFolder(before: Snapshot, after: Snapshot, folder: string): Snapshot {
  const isInside = (file: string) => file.startsWith(folder + path.sep)
  return new Map([...[...before].filter(([file]) => !isInside(file)), ...[...after].filter(([file]) => isInside(file))])
}

async function readName(flow: string): Promise<string | undefined> {
  try {
    const name = (await loadFlow(flow)).flow?.name
    return name === '' ? undefined : name
  } catch (error) {
    // A file that is being saved may be gone for a moment; whoever builds it says what is wrong with it.
    if (error instanceof PypeError) return undefined
    throw error
  }
}

async function listContexts(folder: string, name: string): Promise<string[]> {
  return (await listFiles(folder)).filter((file) => path.basename(file).startsWith(`${name}_`))
}

/** All files below a folder, but for hidden ones and installed packages; none where there is no such folder. */
async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(ifGone)
  const lists = (entries ?? []).map(async (entry) => {
    const file = path.join(folder, entry.name)
    if (entry.name.startsWith('.') || entry.name === 'node_modules') return []
    return entry.isDirectory() ? listFiles(file) : [file]
  })
  return (await Promise.all(lists)).flat()
}

async function stateOf(file: string): Promise<string | undefined> {
  const found = await stat(file, { bigint: true }).catch(ifGone)
  return found === undefined ? undefined : `${found.ino} ${found.size} ${found.mtimeNs}`
}

function ifGone(error: unknown): undefined {
  if (!['ENOENT', 'ENOTDIR'].includes(systemCodeOf(error) ?? '')) throw error
}
