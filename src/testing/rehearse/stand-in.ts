import type { DagNode } from '../../core/dag.js'
import { PypeError } from '../../core/errors.js'
import type { JsonObject } from '../../core/json.js'
import { typesOf } from '../../registry/config-check.js'
import type { PortOutput } from '../../sdk/context.js'
import type { ConfigSpec, GlobalSpec, ModuleDefinition } from '../../sdk/define-module.js'
import type { Column } from '../../sdk/relation.js'
import { inlineRows, scan } from '../../sdk/scan.js'
import { sql } from '../../sdk/sql.js'
import { captureRows } from './capture-rows.js'
import { type CaseFolder, type CasePlan, type GivenRows, placeInCase, type StandIn } from './case-plan.js'

/** What runs in the place of the modules of a case. */
export function createStandIns(plan: CasePlan, folder: CaseFolder): (node: DagNode, definition: ModuleDefinition) => ModuleDefinition {
  return (node, definition) => {
    const capture = plan.captures[node.id]
    if (capture !== undefined) return captureRows(definition, capture, folder)
    const standIn = plan.standIns[node.id]
    if (standIn !== undefined) return replaceModule(definition, standIn)
    const globals = plan.globals[node.id] ?? {}
    if (plan.muted.includes(node.id)) return publish(muteSink(definition), globals)
    return publish(plan.allowed.includes(node.id) ? definition : keepInside(definition, folder), globals)
  }
}

const NO_CONFIG = { required: {}, optional: {} } as const

function replaceModule(definition: ModuleDefinition, { ports, globals, items, error }: StandIn): ModuleDefinition {
  const [first] = definition.outputPorts
  return {
    ...bare(definition),
    globals: {
      ...uncounted(definition),
      ...countGlobal('row_count', first),
      ...countGlobal('rejected', definition.outputPorts.includes('reject') ? 'reject' : undefined),
      ...fixGlobals(globals),
    },
    dynamicGlobals: () => ['*'],
    items: true,
    run: (_, ctx) => {
      for (const [name, value] of Object.entries(globals)) ctx.setGlobal(name, toSqlValue(value))
      if (items !== undefined) ctx.setItems(items)
      if (error !== undefined) throw new PypeError(error.code, error.message, { hint: 'the test says so, under `replace`' })
      return Object.fromEntries(Object.entries(ports).map(([port, rows]): [string, PortOutput] => [port, describeRows(rows)]))
    },
  }
}

/** A sink whose rows go nowhere. */
function muteSink(definition: ModuleDefinition): ModuleDefinition {
  const [input] = definition.inputPorts
  const rowCount: GlobalSpec = {
    type: 'int',
    description: 'Rows that came in.',
    query: ({ inputs }) => {
      const rows = inputs[input ?? '']
      return rows === undefined ? sql`SELECT 0 AS row_count` : sql`SELECT count(*) FROM ${rows}`
    },
  }
  return { ...bare(definition), globals: { ...uncounted(definition), row_count: rowCount }, run: () => {} }
}

/** What a module declares, without its configs and its code. */
function bare({
  query: _,
  run: __,
  setup: ___,
  teardown: ____,
  columns: _____,
  check: ______,
  ...declared
}: ModuleDefinition): ModuleDefinition {
  return { ...declared, config: NO_CONFIG }
}

/** Queries of a module over its ports mean what it puts out itself. */
function uncounted({ globals }: ModuleDefinition): { readonly [name: string]: GlobalSpec } {
  return Object.fromEntries(Object.entries(globals).map(([name, { type, description }]) => [name, { type, description }]))
}

function countGlobal(name: string, port: string | undefined): { readonly [name: string]: GlobalSpec } {
  if (port === undefined) return {}
  return {
    [name]: {
      type: 'int',
      description: 'Rows that were given.',
      query: ({ outputs }) => {
        const rows = outputs[port]
        return rows === undefined ? sql`SELECT 0 AS rows` : sql`SELECT count(*) FROM ${rows}`
      },
    },
  }
}

/** A module whose globals have the values that the test gives. */
function publish(definition: ModuleDefinition, values: JsonObject): ModuleDefinition {
  return { ...definition, globals: { ...definition.globals, ...fixGlobals(values) } }
}

function fixGlobals(values: JsonObject): { readonly [name: string]: GlobalSpec } {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]): [string, GlobalSpec] => [
      name,
      { type: 'any', description: 'Given by the test.', query: () => sql`SELECT ${toSqlValue(value)} AS value` },
    ]),
  )
}

function toSqlValue(value: JsonObject[string]): null | boolean | number | string {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : value
}

function describeRows(given: GivenRows): PortOutput {
  const columns = given.columns === null ? undefined : toTypes(given.columns)
  if (given.kind === 'rows') return inlineRows(given.rows, columns)
  return scan({ format: given.format, path: given.path, columns })
}

function toTypes(columns: readonly Column[]): { readonly [name: string]: string } {
  return Object.fromEntries(columns.map(({ name, type }) => [name, type]))
}

/** A module whose paths lead into the folder of the case. */
function keepInside(definition: ModuleDefinition, folder: CaseFolder): ModuleDefinition {
  const { query, run, setup, teardown } = definition
  const move = (config: { readonly [name: string]: unknown }) => movePaths(definition, config, folder)
  return {
    ...definition,
    ...(query === undefined ? {} : { query: (input) => query({ ...input, config: move(input.config) }) }),
    ...(run === undefined ? {} : { run: (inputs, ctx) => run(inputs, { ...ctx, config: move(ctx.config) }) }),
    ...(setup === undefined ? {} : { setup: (ctx) => setup({ ...ctx, config: move(ctx.config) }) }),
    ...(teardown === undefined ? {} : { teardown: (ctx) => teardown({ ...ctx, config: move(ctx.config) }) }),
  }
}

function movePaths({ config: { required, optional } }: ModuleDefinition, config: { readonly [name: string]: unknown }, folder: CaseFolder) {
  const specs: { readonly [name: string]: ConfigSpec } = { ...required, ...optional }
  return Object.fromEntries(
    Object.entries(config).map(([name, value]) => {
      const spec = specs[name]
      return [name, spec === undefined ? value : movePath(spec, value, folder)]
    }),
  )
}

function movePath(spec: ConfigSpec, value: unknown, folder: CaseFolder): unknown {
  if (typeof value === 'string' && typesOf(spec).includes('path')) return placeInCase(value, folder)
  if (Array.isArray(value) && spec.of === 'path')
    return value.map((each: unknown) => (typeof each === 'string' ? placeInCase(each, folder) : each))
  return value
}
