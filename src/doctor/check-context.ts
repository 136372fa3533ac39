import type { Dag } from '../core/dag.js'
import { formatQuantity } from '../core/quantity.js'
import { findContextNames } from '../run/job/find-context-names.js'
import { loadDefinitions } from '../run/job/load-definitions.js'
import { type ContextSource, type ResolvedContext, readContext } from '../run/job/read-context.js'
import { findSecrets } from '../run/secrets/find-secrets.js'
import { RunSecrets } from '../run/secrets/run-secrets.js'
import { type Finding, tryCheck } from './finding.js'

/** Reads what a run of a flow begins with: the values of its context, with the environment they refer to, and its secrets. */
export async function checkContext(dag: Dag, source: ContextSource): Promise<readonly Finding[]> {
  return tryCheck('context', async () => {
    const context = readContext(dag, source)
    const names = findContextNames(dag).size
    const message =
      names === 0 ? `${dag.flow.name} uses no value of it` : `has ${formatQuantity(names, 'value')} that ${dag.flow.name} uses`
    return [{ check: 'context', status: 'ok', message }, ...(await checkSecrets(dag, source, context))]
  })
}

async function checkSecrets(dag: Dag, source: ContextSource, context: ResolvedContext): Promise<readonly Finding[]> {
  const secrets = new RunSecrets({ settings: context.values.secrets, env: source.env, cwd: source.cwd })
  const look = async (): Promise<readonly Finding[]> => {
    const refs = findSecrets(dag, await loadDefinitions(dag, source.jobFolder, source.cwd), context)
    if (refs.length === 0) return []
    await secrets.read(refs)
    return [{ check: 'secrets', status: 'ok', message: `${formatQuantity(refs.length, 'secret')} can be read` }]
  }
  try {
    return await tryCheck('secrets', look, (text) => secrets.masker.mask(text))
  } finally {
    secrets.close()
  }
}
