import { PypeError } from '../../core/errors.js'
import type { Flow, FlowModule } from '../../core/flow.js'
import { groupBy } from '../../core/group-by.js'
import type { ModuleCatalogue, ResolvedModule } from '../../registry/catalogue.js'
import type { Findings } from '../findings.js'
import { readConfigs } from './configs.js'
import type { PlanNode } from './graph.js'

/** Finds the module of every node and checks its configs. Loads only the modules that the flow uses. */
export async function resolveNodes(flow: Flow, catalogue: ModuleCatalogue, findings: Findings): Promise<readonly PlanNode[]> {
  const modules = await findModules(flow, catalogue, findings)
  const seen = new Map<string, FlowModule>()
  const nodes: PlanNode[] = []
  for (const use of flow.modules) {
    const earlier = seen.get(use.id.toLowerCase())
    const same = earlier?.id === use.id
    if (earlier !== undefined) {
      findings.error(
        'DUPLICATE_ID',
        use.idAt,
        same ? `There are two nodes with the id "${use.id}".` : `The ids "${earlier.id}" and "${use.id}" differ by case only.`,
        'give each node an id of its own',
      )
    }
    const module = use.name === undefined ? undefined : modules.get(use.name)
    const { configs, areSound } = readConfigs(use, module?.definition, findings)
    // Of two nodes with one id only the first can be named; ids that differ by case can be told apart until one is mended.
    if (same) continue
    seen.set(use.id.toLowerCase(), use)
    nodes.push({ index: nodes.length, flow: use, module, configs, configsAreSound: areSound })
  }
  return nodes
}

async function findModules(flow: Flow, catalogue: ModuleCatalogue, findings: Findings): Promise<Map<string, ResolvedModule>> {
  const found = new Map<string, ResolvedModule>()
  const uses = groupBy(flow.modules, ({ name }) => name)
  const results = await Promise.all(
    [...uses].map(async ([name, nodes]) => ({ name, nodes, result: name === undefined ? undefined : await findModule(name, catalogue) })),
  )
  for (const { name, nodes, result } of results) {
    if (name === undefined) continue
    if (result instanceof PypeError) for (const use of nodes) findings.error(result.code, use.nameAt, result.message, result.hint)
    else if (result === undefined) {
      const hint = await catalogue.hintFor(name)
      for (const use of nodes) findings.error('UNKNOWN_MODULE', use.nameAt, `No module is called "${name}".`, hint)
    } else found.set(name, result)
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
