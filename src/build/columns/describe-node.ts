import { messageOf, PypeError } from '../../core/errors.js'
import { isObject } from '../../core/json.js'
import { TemplateSyntaxError } from '../../core/template.js'
import { UNKNOWN_TEXT } from '../../engine/unknown-text.js'
import type { ModuleDefinition } from '../../sdk/define-module.js'
import type { Column, Expression, Relation, StoredRelation } from '../../sdk/relation.js'
import { definitionOf, type PlanNode } from '../plan/graph.js'
import { describeCode } from './describe-code.js'
import type { PortColumns } from './flow-columns.js'
import type { LazyEngine } from './lazy-engine.js'
import { type DescribedNode, FAULTS_OF_FLOWS, type NodeWorld, nothingKnown, statement } from './node-world.js'
import { describeSource } from './source-columns.js'
import { type ConfigValues, readStaticConfig, type StaticConfig } from './static-config.js'
import { traceLineage } from './trace-lineage.js'

/** Describes one node. Never throws for what the flow, its files or its modules have wrong. */
export async function describeNode(node: PlanNode, world: NodeWorld): Promise<DescribedNode> {
  const definition = definitionOf(node)
  if (definition === undefined) return nothingKnown(world.outputs, 'its module is not known')
  // Reported where configs are checked: what a query makes of them says nothing more.
  if (!node.configsAreSound) return nothingKnown(world.outputs, 'its configs are not sound')
  if (definition.query === undefined) return describeCode(node, definition, world)
  const config = readConfig(node, definition)
  if (config.kind === 'unknown') return nothingKnown(world.outputs, config.reason)
  const unknown = [...world.inputs].find(([, input]) => input.kind === 'unknown')
  if (unknown !== undefined) {
    const reason = `what enters by ${unknown[0]} is not known`
    return { ...nothingKnown(world.outputs, reason), errors: await checkSyntax(definition, config.variants[0] ?? {}, world.engine) }
  }
  const [first, ...others] = config.variants
  const described = await describeOnce(node, definition, first ?? {}, world)
  if (others.length === 0) return described.kind === 'failed' ? toFindings(described.error, world) : described
  return agree([described, ...(await describeOthers(described, others, node, definition, world))], world)
}

function readConfig(node: PlanNode, definition: ModuleDefinition): StaticConfig {
  try {
    return readStaticConfig(node, definition)
  } catch (error) {
    // Reported where templates are checked.
    if (error instanceof TemplateSyntaxError) return { kind: 'unknown', reason: 'a template is malformed' }
    throw error
  }
}

type Described = (DescribedNode & { readonly kind: 'described' }) | { readonly kind: 'failed'; readonly error: unknown }

async function describeOnce(node: PlanNode, definition: ModuleDefinition, config: ConfigValues, world: NodeWorld): Promise<Described> {
  try {
    const columns: Record<string, readonly Column[]> = {}
    for (const [port, input] of world.inputs) columns[port] = input.kind === 'known' ? input.columns : []
    const inputs = Object.fromEntries(Object.entries(columns).map(([port, own]) => [port, standIn(own)]))
    const relations = definition.query?.({ inputs, config, columns, outputs: world.outputs }) ?? {}
    const wanted = Object.entries(relations).flatMap(([port, relation]) =>
      relation !== undefined && world.outputs.has(port) ? [[port, relation] as const] : [],
    )
    if (definition.type === 'source') return { kind: 'described', ...(await describeSource(node, wanted, world)) }
    return { kind: 'described', ...(await describeQueries(wanted, inputs, world)) }
  } catch (error) {
    return { kind: 'failed', error }
  }
}

async function describeQueries(
  wanted: readonly (readonly [string, Relation])[],
  inputs: { readonly [port: string]: StoredRelation },
  world: NodeWorld,
): Promise<DescribedNode> {
  const engine = await world.engine.open()
  const files = [...new Set([...world.inputs.values()].flatMap((input) => (input.kind === 'known' ? input.files : [])))]
  const ports = new Map<string, PortColumns>()
  for (const [port, relation] of wanted) {
    const columns = await engine.columns(relation, statement())
    const lineage = world.options.trace === true ? { lineage: await traceLineage(relation, inputs, engine) } : {}
    ports.set(port, { kind: 'known', columns, origin: 'query', files, ...lineage })
  }
  return { ports, errors: [], relations: wanted.map(([, relation]) => relation) }
}

/** A relation of which only the columns are there. */
function standIn(columns: readonly Column[]): StoredRelation {
  return { kind: 'stored', at: { kind: 'memory', table: '' }, columns, rows: 0 }
}

/** Describes a node with other values for its templates, until one disagrees with the first. */
async function describeOthers(
  first: Described,
  others: readonly ConfigValues[],
  node: PlanNode,
  definition: ModuleDefinition,
  world: NodeWorld,
): Promise<readonly Described[]> {
  const described: Described[] = []
  for (const config of others) {
    const next = await describeOnce(node, definition, config, world)
    described.push(next)
    if (first.kind === 'described' && next.kind === 'described' && !areEqual(first, next)) break
  }
  return described
}

const DEPENDS = 'its types depend on the value of a template'

/** What holds whatever a template's value is: columns that all values which bind give, or an error that all give. */
function agree(described: readonly Described[], world: NodeWorld): DescribedNode {
  const good = described.flatMap((each) => (each.kind === 'described' ? [each] : []))
  const [first] = good
  if (first !== undefined && good.every((each) => areEqual(first, each))) return first
  const [failure, ...rest] = described.flatMap((each) => (each.kind === 'failed' ? [each.error] : []))
  const isSure = first === undefined && rest.every((other) => messageOf(other) === messageOf(failure))
  return isSure ? toFindings(failure, world) : nothingKnown(world.outputs, DEPENDS)
}

function areEqual(a: DescribedNode, b: DescribedNode): boolean {
  return JSON.stringify([...a.ports]) === JSON.stringify([...b.ports])
}

function toFindings(error: unknown, world: NodeWorld): DescribedNode {
  if (messageOf(error).includes(UNKNOWN_TEXT)) return nothingKnown(world.outputs, DEPENDS)
  if (error instanceof PypeError && FAULTS_OF_FLOWS.has(error.code))
    return { ...nothingKnown(world.outputs, 'it has an error'), errors: [error] }
  return nothingKnown(world.outputs, messageOf(error))
}

/** What the parser alone can tell of the SQL expressions of a node. */
async function checkSyntax(definition: ModuleDefinition, config: ConfigValues, engine: LazyEngine): Promise<readonly PypeError[]> {
  const errors: PypeError[] = []
  for (const [name, spec] of Object.entries({ ...definition.config.required, ...definition.config.optional })) {
    if (spec.expression !== true) continue
    for (const expression of expressionsIn(config[name])) {
      const fault = await (await engine.open()).findSyntaxFault(expression)
      if (fault !== undefined) errors.push(fault)
    }
  }
  return errors
}

function expressionsIn(value: unknown): readonly Expression[] {
  if (isExpression(value)) return [value]
  if (Array.isArray(value)) return value.flatMap(expressionsIn)
  return isObject(value) ? Object.values(value).flatMap(expressionsIn) : []
}

function isExpression(value: unknown): value is Expression {
  return isObject(value) && value.kind === 'expression' && Array.isArray(value.parts)
}
