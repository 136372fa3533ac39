import { existsSync } from 'node:fs'
import path from 'node:path'
import { listFolder } from './read-folder.js'
import type { Candidates, Typed } from './typed.js'

/** YAML files, and folders on the way to them, from where the word that is typed has come to. */
export function findFlows({ current }: Typed, cwd: string): Candidates {
  const folder = current.slice(0, current.lastIndexOf('/') + 1)
  return listFolder(path.resolve(cwd, folder))
    .filter(({ name }) => !name.startsWith('.') && name !== 'node_modules')
    .flatMap((entry) => {
      if (entry.isDirectory()) return [{ value: `${folder}${entry.name}/`, description: 'folder' }]
      return /\.ya?ml$/i.test(entry.name) ? [{ value: `${folder}${entry.name}`, description: 'flow' }] : []
    })
}

/** Nodes of the flow file that the line names, and their ports; of what nobody could read there are none. */
export async function findFlowPorts({ positional: [file] }: Typed, cwd: string): Promise<Candidates> {
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
