import path from 'node:path'
import { groupBy } from '../../core/group-by.js'
import { isInstalled } from '../../registry/installed-package.js'
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
