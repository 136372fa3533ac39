import path from 'node:path'
import { isObject } from '../../core/json.js'
import { findJobFolder, listJobNames, looksLikeJob, nameOfFlow } from '../find-job/job-folder.js'
import { listFolder, readObject } from './read-folder.js'
import type { Candidates, Typed } from './typed.js'

/** The jobs in jobs/ by their names, and folders when the word is a path. */
export function findJobs({ current }: Typed, cwd: string): Candidates {
  const jobs = listJobNames(path.join(cwd, 'jobs')).map((name) => ({ value: name, description: 'job' }))
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
export function jobFolderOf({ positional: [job] }: Typed, cwd: string): string | undefined {
  if (job === undefined) return undefined
  const name = nameOfFlow(job)
  const folder = name === job ? findJobFolder(job, cwd) : path.resolve(cwd, 'jobs', name)
  return looksLikeJob(folder) ? folder : undefined
}

/** The nodes of the job that the line names. */
export function findNodes(typed: Typed, cwd: string): Candidates {
  const nodes = readDag(typed, cwd)?.['nodes']
  return Array.isArray(nodes) ? nodes.filter(isObject).map(({ id, module }) => ({ value: String(id), description: String(module) })) : []
}

/** Names of contexts; a path is the shell's. */
export function findContexts(typed: Typed, cwd: string): Candidates | undefined {
  if (typed.current.includes('/')) return undefined
  const job = jobFolderOf(typed, cwd)
  if (job === undefined) return undefined
  const names = listFolder(path.join(job, 'context')).flatMap(({ name }) => /_([^_]+)\.json$/.exec(name)?.[1] ?? [])
  return names.map((value) => ({ value, description: 'context' }))
}

/** The values that the contexts of the job have. */
export function findContextNames(typed: Typed, cwd: string): Candidates {
  const job = jobFolderOf(typed, cwd)
  const file = job === undefined ? undefined : listFolder(path.join(job, 'context')).find(({ name }) => name.endsWith('_default.json'))
  const values = job === undefined || file === undefined ? undefined : readObject(path.join(job, 'context', file.name))
  return Object.keys(values ?? {})
    .filter((name) => name !== 'secrets')
    .map((name) => ({ value: `${name}=` }))
}

function readDag(typed: Typed, cwd: string): { readonly [key: string]: unknown } | undefined {
  const job = jobFolderOf(typed, cwd)
  const file = job === undefined ? undefined : listFolder(job).find(({ name }) => name.endsWith('_dag.json'))
  return job === undefined || file === undefined ? undefined : readObject(path.join(job, file.name))
}
