import type { Dag } from '../core/dag.js'
import type { Json } from '../core/json.js'
import { findConfigSpec, typesOf } from '../registry/config-check.js'
import { type ConnectorSource, createConnector } from '../run/database-connections/create-connector.js'
import { loadDefinitions } from '../run/job/load-definitions.js'
import { type Finding, tryCheck } from './finding.js'

/** Reaches each database that a flow names, with the secrets that its connection needs, and changes nothing there. */
export async function checkDatabases(dag: Dag, source: ConnectorSource): Promise<readonly Finding[]> {
  return tryCheck('context', async () => {
    const written = await findConnections(dag, source)
    if (written.length === 0) return [{ check: 'databases', status: 'ok', message: `${dag.flow.name} names none` }]
    const connector = await createConnector(source)
    try {
      const findings: Finding[] = []
      for (const { node, value } of written) {
        const check = `database of ${node}`
        const reach = async (): Promise<readonly Finding[]> => {
          const session = await connector.session(await connector.resolve(value))
          await session.close()
          return [{ check, status: 'ok', message: 'can be reached, and takes the login' }]
        }
        findings.push(...(await tryCheck(check, reach, (text) => connector.mask(text))))
      }
      return findings
    } finally {
      await connector.close()
    }
  })
}

/** The connections as they are written, each once, with the first node that names it. */
async function findConnections(
  dag: Dag,
  { jobFolder, cwd }: ConnectorSource,
): Promise<readonly { readonly node: string; readonly value: Json }[]> {
  const definitions = await loadDefinitions(dag, jobFolder, cwd)
  const found = new Map<string, { readonly node: string; readonly value: Json }>()
  for (const { id, configs } of dag.nodes) {
    const specs = definitions.get(id)?.config
    for (const [name, value] of Object.entries(configs)) {
      const spec = specs && findConfigSpec(specs, name)
      if (spec === undefined || !typesOf(spec).includes('connection')) continue
      const text = JSON.stringify(value)
      if (!found.has(text)) found.set(text, { node: id, value })
    }
  }
  return [...found.values()]
}
