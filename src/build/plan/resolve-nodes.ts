import { PypeError } from '../../core/errors.js'
import type { Flow, FlowModule } from '../../core/flow.js'
import type { ModuleCatalogue, ResolvedModule } from '../../registry/catalogue.js'
import { type Findings, suggestName } from '../findings.js'
import { readConfigs } from './configs.js'
import type { PlanNode } from './graph.js'

/** Finds the module of every node and checks its configs. Loads only the modules that the flow uses. */
export async function resolveNodes(flow: Flow, catalogue: ModuleCatalogue, findings: Findings): Promise<readonly PlanNode[]> {
  const modules = await findModules(flow, catalogue, findings)
  const seen = new Map<string, FlowModule>()
  const nodes: PlanNode[] = []
  for (const use of flow.modules) {
    const earlier = seen.get(use.id.toLowerCase())
    if (earlier !== undefined) {
      const same = earlier.id === use.id
      findings.error(
        'DUPLICATE_ID',
        use.idAt,
        same ? `There are two nodes with the id "${use.id}".` : `The ids "${earlier.id}" and "${use.id}" differ by case only.`,
        'give each node an id of its own',
      )
      continue
    }
    seen.set(use.id.toLowerCase(), use)
    const module = use.name === undefined ? undefined : modules.get(use.name)
    nodes.push({ index: nodes.length, flow: use, module, configs: readConfigs(use, module?.definition, findings) })
  }
  return nodes
}

async function findModules(flow: Flow, catalogue: ModuleCatalogue, findings: Findings): Promise<Map<string, ResolvedModule>> {
  const uses = new Map<string, FlowModule[]>()
  for (const use of flow.modules) {
    if (use.name === undefined) continue
    const others = uses.get(use.name)
    if (others === undefined) uses.set(use.name, [use])
    else others.push(use)
  }
  const found = new Map<string, ResolvedModule>()
  const names = [...uses.keys()]
  const results = await Promise.all(names.map((name) => findModule(name, catalogue)))
  for (const [i, name] of names.entries()) {
    const result = results[i]
    if (result instanceof PypeError) {
      for (const use of uses.get(name) ?? []) findings.error(result.code, use.nameAt, result.message, result.hint)
    } else if (result !== undefined) {
      found.set(name, result)
    } else {
      const known = catalogue.names()
      for (const use of uses.get(name) ?? []) {
        findings.error(
          'UNKNOWN_MODULE',
          use.nameAt,
          `No module is called "${name}".`,
          `${suggestName(name, known, 'check the name;')} \`pype list-modules\` shows all ${known.length}.`,
        )
      }
    }
  }
  return found
}

/** A module that is there and cannot be used is a finding like any other. */
async function findModule(name: string, catalogue: ModuleCatalogue): Promise<ResolvedModule | undefined | PypeError> {
  try {
    return await catalogue.find(name)
  } catch (error) {
    if (error instanceof PypeError) return error
    throw error
  }
}
