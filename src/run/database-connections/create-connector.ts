import type { Dag } from '../../core/dag.js'
import { JOB_SCHEMA_VERSION } from '../../core/dag.js'
import { PypeError } from '../../core/errors.js'
import type { Json } from '../../core/json.js'
import { listRefs } from '../../core/template.js'
import { ENGINE, PYPE_VERSION } from '../../core/version.js'
import type { Connection, DatabaseSession } from '../../sdk/database.js'
import { type ContextSource, readContext } from '../job/read-context.js'
import { listSecrets } from '../secrets/find-secrets.js'
import { RunSecrets } from '../secrets/run-secrets.js'
import { GlobalStore } from '../templating/global-store.js'
import { createLookup } from '../templating/lookup.js'
import { DatabaseConnections } from './database-connections.js'
import { loadDriver } from './load-driver.js'

/** Where a connector finds what connections refer to. */
export interface ConnectorSource extends ContextSource {
  readonly flow: string
  readonly timeZone: string
}

/** Sessions of the databases that configs of a flow name, outside of any run. They can only read. */
export interface Connector {
  resolve(written: Json): Promise<Connection>
  session(connection: Connection): Promise<DatabaseSession & { close(): Promise<void> }>
  mask(text: string): string
  close(): Promise<void>
}

/** Reaches the databases of a flow without a run of it. Throws as reading the context does; nothing is sent before a session is opened. */
export async function createConnector(source: ConnectorSource): Promise<Connector> {
  const dag = emptyDag(source.flow)
  const context = readContext(dag, source)
  const secrets = new RunSecrets({ settings: context.values.secrets, env: source.env, cwd: source.cwd })
  const connections = new DatabaseConnections({
    openDatabase: await loadDriver(),
    session: { TimeZone: source.timeZone, application_name: 'pype', default_transaction_read_only: 'on' },
    cwd: source.cwd,
    candidates: [],
    onPassword: (password) => secrets.masker.add(password),
  })
  const lookup = createLookup(
    {
      dag,
      job: source.flow,
      runId: '',
      time: '',
      context: context.values,
      writtenContext: context.written,
      env: source.env,
      globals: new GlobalStore(dag),
      secrets,
    },
    [],
  )
  const stop = new AbortController()
  return {
    resolve: async (written) => {
      const missing = namesIn(written).filter((name) => (context.values[name] ?? context.written[name] ?? null) === null)
      if (missing.length > 0)
        throw new PypeError('CONTEXT_MISSING', `The context has no value for ${missing.join(', ')}.`, {
          hint: `fill it in, or give it: ${missing.map((name) => `--set ${name}=…`).join(' ')}`,
        })
      await secrets.read([...listSecrets(written), ...namesIn(written).flatMap((name) => listSecrets(context.written[name] ?? null))])
      return connections.resolve(written, lookup)
    },
    session: (connection) => connections.databaseOf(connection).session(stop.signal),
    mask: (text) => secrets.masker.mask(text),
    close: async () => {
      await connections.close()
      secrets.close()
    },
  }
}

/** The values of the context that a value names. */
function namesIn(value: Json): readonly string[] {
  return listRefs(value).flatMap((ref) => (ref.scope === 'context' ? [ref.name] : []))
}

/** Of the flow only its name counts here: what its nodes need from the context is not needed for this. */
function emptyDag(name: string): Dag {
  return {
    schema_version: JOB_SCHEMA_VERSION,
    pype_version: PYPE_VERSION,
    flow: { name, version: '', authors: [], created: '' },
    engine: ENGINE,
    nodes: [],
    data: [],
    control: [],
  }
}
