import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { groupBy } from '../../core/group-by.js'
import { packageFolder } from '../../registry/registry.js'
import type { Findings } from '../findings.js'
import { type PlanNode } from './graph.js'

/** Warns of packages that modules import and that are not installed: the machine that runs the job may have them. */
export function checkPackages(nodes: readonly PlanNode[], flowFile: string, findings: Findings): void {
  for (const uses of groupBy(nodes, (node) => node.module).values()) {
    const [first] = uses
    if (first?.module === undefined) continue
    const { definition, sourceHash } = first.module
    const home = sourceHash === null ? packageFolder() : path.dirname(path.resolve(flowFile))
    for (const name of definition.packages) {
      if (isInstalled(name, home)) continue
      findings.warn(
        'PACKAGE_MISSING',
        first.flow.nameAt,
        `The module "${definition.name}" needs the package "${name}", which is not installed here.`,
        `\`npm install ${name}\``,
      )
    }
  }
}

function isInstalled(name: string, home: string): boolean {
  const bare = name.replace(/(?<=.)@.*$/, '')
  const folders = createRequire(path.join(home, 'package.json')).resolve.paths(bare) ?? []
  return folders.some((folder) => existsSync(path.join(folder, bare)))
}
