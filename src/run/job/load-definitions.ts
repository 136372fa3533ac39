import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Dag, DagNode } from '../../core/dag.js'
import { type PlacedFile, PypeError } from '../../core/errors.js'
import { isInstalled } from '../../registry/installed-package.js'
import { findProjectFolder } from '../../registry/project.js'
import { loadModule } from '../../registry/registry.js'
import type { ModuleDefinition } from '../../sdk/define-module.js'

/** Loads the modules that a dag names, each once, and checks that they are those it was built with. By node. Places are told in `flow`. */
export async function loadDefinitions(
  dag: Dag,
  jobFolder: string,
  cwd: string,
  flow: PlacedFile = { file: path.join(jobFolder, `${dag.flow.name}.yaml`) },
): Promise<Map<string, ModuleDefinition>> {
  const found = await Promise.all([jobFolder, cwd].map((folder) => findProjectFolder(folder)))
  const projectFolders = [...new Set(found.filter((folder) => folder !== undefined))]
  const byPath = new Map<string, Promise<ModuleDefinition>>()
  const definitions = new Map<string, ModuleDefinition>()
  for (const node of dag.nodes) {
    const loading = byPath.get(node.module_path) ?? loadModule(node.module_path, { projectFolders, sourceHash: node.source_hash })
    byPath.set(node.module_path, loading)
  }
  // All of them are awaited before any is looked at, so that no failure stays unhandled.
  await Promise.allSettled(byPath.values())
  for (const node of dag.nodes) {
    const definition = await byPath.get(node.module_path)?.catch((error: unknown) => {
      if (!(error instanceof PypeError)) throw error
      throw error.with({ node: node.id, at: { ...flow, ...node.place } })
    })
    if (definition === undefined) continue
    checkMajor(node, definition)
    definitions.set(node.id, definition)
  }
  checkPackages(dag, projectFolders)
  return definitions
}

function checkMajor(node: DagNode, definition: ModuleDefinition): void {
  if (majorOf(node.version) === majorOf(definition.version)) return
  throw new PypeError(
    'JOB_VERSION',
    `The node ${node.id} was built with ${node.module} ${node.version}; here is ${definition.version}, which may give other rows.`,
    {
      hint: 'build the flow again with `pype build FLOW.yaml`, and read what has changed in the module',
    },
  )
}

function majorOf(version: string): string {
  return version.split('.', 1)[0] ?? ''
}

/** Throws PACKAGE_MISSING with all packages that are not installed and the command that installs them. */
function checkPackages(dag: Dag, projectFolders: readonly string[]): void {
  const missing = new Map<string, string>()
  for (const node of dag.nodes) {
    const folders = node.source_hash === null ? [path.dirname(fileURLToPath(import.meta.url))] : projectFolders
    for (const name of node.packages) {
      if (!missing.has(name) && !folders.some((folder) => isInstalled(name, folder))) missing.set(name, node.id)
    }
  }
  if (missing.size === 0) return
  const list = [...missing].map(([name, node]) => `${name} (for the node ${node})`).join(', ')
  throw new PypeError('PACKAGE_MISSING', `Packages are not installed: ${list}.`, {
    hint: `\`npm install ${[...missing.keys()].join(' ')}\``,
  })
}
