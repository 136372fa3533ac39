import { messageOf, PypeError } from '../../core/errors.js'
import type { Influence } from '../../core/influence.js'
import { typesOf } from '../../registry/config-check.js'
import type { Connection } from '../../sdk/database.js'
import type { LineageInput, ModuleDefinition, ModuleLineage } from '../../sdk/define-module.js'
import type { Column } from '../../sdk/relation.js'
import type { PlanNode } from '../plan/graph.js'
import type { OpenSession } from './database-connector.js'
import { findEarlierChanger } from './earlier-writers.js'
import type { PortColumns, PortLineage } from './flow-columns.js'
import { type DescribedNode, FAULTS_OF_FLOWS, type NodeWorld, nothingKnown } from './node-world.js'
import { type ConfigValues, readStaticConfig } from './static-config.js'

/** Stands for a connection that nobody resolved: modules only pass it on. */
const UNRESOLVED: Connection = { kind: 'connection', system: '', label: '' }

/** Describes a node whose module is code and tells its columns, or checks those that it gets, by itself. */
export async function describeCode(node: PlanNode, definition: ModuleDefinition, world: NodeWorld): Promise<DescribedNode> {
  const unknown = (reason: string) => nothingKnown(world.outputs, reason)
  if (definition.columns === undefined) return unknown(`${definition.name} is code: what it puts out shows when it runs`)
  const config = readStaticConfig(node, definition, UNRESOLVED)
  if (config.kind === 'unknown') return unknown(config.reason)
  const [values = {}, ...others] = config.variants
  if (others.length > 0) return unknown('its configs have a template')
  const inputs: Record<string, readonly Column[]> = {}
  for (const [port, input] of world.inputs) {
    if (input.kind === 'unknown') return unknown(`what enters by ${port} is not known`)
    inputs[port] = input.columns
  }
  const names = connectionNames(definition).filter((name) => Object.hasOwn(node.configs, name))
  const changer = world.walk && findEarlierChanger(node, world.graph.nodes, world.walk)
  const isAsked = world.connector !== undefined && world.walk !== undefined && changer === undefined && names.length > 0
  const sessions: OpenSession[] = []
  try {
    const found = await definition.columns({
      columns: inputs,
      config: isAsked ? { ...values, ...(await resolveAll(names, node, world)) } : values,
      outputs: world.outputs,
      ...(isAsked ? { connect: (connection) => reach(connection, world, sessions) } : {}),
    })
    const traced =
      world.options.trace === true ? definition.lineage?.({ columns: inputs, config: values, outputs: world.outputs }) : undefined
    const lineage = traced ?? {}
    const told = (port: string) => (lineage[port] === undefined ? {} : { lineage: toPortLineage(lineage[port]) })
    const reason = names.length === 0 || isAsked ? 'its module does not tell' : describeUnasked(world, changer)
    const ports = [...world.outputs].map((port): [string, PortColumns] => {
      const columns = found[port]
      return [
        port,
        columns === undefined
          ? { kind: 'unknown', reason }
          : { kind: 'known', columns, origin: isAsked ? 'database' : 'declared', files: [], ...told(port) },
      ]
    })
    return { ports: new Map(ports), errors: [] }
  } catch (error) {
    // Who asks a database wants to hear that it cannot be reached.
    const isFault = error instanceof PypeError && (isAsked || FAULTS_OF_FLOWS.has(error.code))
    return isFault ? { ...unknown('it has an error'), errors: [error] } : unknown(messageOf(error))
  } finally {
    await Promise.all(sessions.map((session) => session.close()))
  }
}

function toPortLineage({ columns, rows }: ModuleLineage): PortLineage {
  const toColumn = (other: Influence) => (input: LineageInput) => ({
    port: input.port,
    column: input.column,
    influences: [input.how ?? other],
  })
  return {
    kind: 'known',
    columns: new Map(Object.entries(columns).map(([name, inputs]) => [name, inputs.map(toColumn('transformation'))])),
    rows: rows.map(toColumn('filter')),
  }
}

function describeUnasked({ connector, walk }: NodeWorld, changer: PlanNode | undefined): string {
  if (connector === undefined) return 'its database is asked with --connect only'
  if (walk === undefined) return 'errors in the connections keep the order of the walk from being known'
  return `"${changer?.flow.id}" may change its database before`
}

async function resolveAll(names: readonly string[], node: PlanNode, { connector }: NodeWorld): Promise<ConfigValues> {
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await connector?.resolve(node.configs[name] ?? null)])))
}

async function reach(connection: Connection, { connector }: NodeWorld, sessions: OpenSession[]): Promise<OpenSession> {
  if (connector === undefined) throw new PypeError('INTERNAL', 'A database was asked without --connect.')
  const session = await connector.session(connection)
  sessions.push(session)
  return session
}

function connectionNames({ config }: ModuleDefinition): readonly string[] {
  return Object.entries({ ...config.required, ...config.optional }).flatMap(([name, spec]) =>
    typesOf(spec).includes('connection') ? [name] : [],
  )
}
