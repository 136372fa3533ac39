import { type Findings, suggestName } from '../../build/findings.js'
import { toJson, toJsonObject } from '../../build/load/flow-value.js'
import { refuseInexact } from '../../build/load/refuse-inexact.js'
import type { DagNode } from '../../core/dag.js'
import type { FlowEntry, FlowValue } from '../../core/flow.js'
import { isJsonList, type Json, type JsonObject } from '../../core/json.js'
import { listShort } from '../../core/list-short.js'
import type { TextSpan } from '../../core/source-text.js'
import type { Column } from '../../sdk/relation.js'
import { formatOfFile } from '../load/read-rows.js'
import type { RowsSpec, StandInSpec, TestEntry } from '../load/test-file.js'
import { writtenText, writtenValue } from '../load/written-value.js'
import type { GivenRows, StandIn } from '../rehearse/case-plan.js'
import type { TestedFlow } from './build-for-tests.js'
import { checkErrorCode } from './check-error-code.js'
import { findFile } from './plan-files.js'
import { checkGlobal } from './plan-globals.js'

/** Works out what a node does instead of its module; what it would lack is reported. */
export function planStandIn(
  { keyAt, value: spec }: TestEntry<StandInSpec>,
  node: DagNode,
  flow: TestedFlow,
  folder: string,
  findings: Findings,
): StandIn | undefined {
  for (const { key, keyAt: at } of spec.globals) checkGlobal(node, key, at, flow, findings)
  const code = spec.error?.code === undefined ? 'MODULE_FAILED' : checkErrorCode(spec.error.code, findings)
  const ports = planPorts(keyAt, spec, node, flow, folder, findings)
  checkItems(keyAt, spec, node, flow, findings)
  if (spec.error === undefined) checkGlobals(keyAt, spec, node, findings)
  const items = spec.items === undefined ? undefined : toJson(spec.items)
  return {
    ports,
    globals: toJsonObject(spec.globals),
    items: items !== undefined && isJsonList(items) ? items : undefined,
    error: spec.error === undefined || code === undefined ? undefined : { code, message: spec.error.message },
  }
}

function planPorts(
  keyAt: TextSpan,
  spec: StandInSpec,
  node: DagNode,
  flow: TestedFlow,
  folder: string,
  findings: Findings,
): StandIn['ports'] {
  const { id, module, type, output_ports: outputs } = node
  const ports: Record<string, GivenRows> = {}
  for (const { key, keyAt: at, value } of spec.ports) {
    const port = key === '' ? outputs[0] : outputs.find((each) => each === key)
    if (port === undefined) {
      if (outputs.length === 0)
        findings.error('TEST_INVALID', at, `${id} is a ${type}: no rows leave it.`, `e.g. \`${id}: {}\` for one that does nothing`)
      else
        findings.error(
          'UNKNOWN_PORT',
          at,
          `${module} has no output port "${key}".`,
          suggestName(key, outputs, `it has ${outputs.join(', ')}`),
        )
      continue
    }
    ports[port] = planRows(value, flow.columns.get(`${id}.${port}`), `${id}.${port}`, folder, findings)
  }
  if (spec.error !== undefined) return ports
  const connected = new Set(flow.dag.data.filter(({ from }) => from === id).map(({ from_port }) => from_port))
  for (const port of connected) {
    if (ports[port] !== undefined) continue
    const columns = flow.columns.get(`${id}.${port}`)
    if (columns !== undefined && spec.ports.length > 0) ports[port] = { kind: 'rows', rows: [], columns }
    else
      findings.error(
        'TEST_INVALID',
        keyAt,
        `What stands in for ${id} has no rows for its port ${port}, which the flow reads.`,
        spec.ports.length === 0
          ? `give them: \`${id}: [{ … }]\``
          : `give them: \`${id}: { ports: { ${port}: { rows: [], columns: { … } } } }\``,
      )
  }
  return ports
}

function planRows(spec: RowsSpec, known: readonly Column[] | undefined, port: string, folder: string, findings: Findings): GivenRows {
  const columns = spec.columns?.map(({ name, type }) => ({ name, type })) ?? known ?? null
  if (spec.file !== undefined) {
    const format = formatOfFile(spec.file.text) ?? 'csv'
    return { kind: 'file', path: findFile(spec.file, folder, findings), format, columns }
  }
  if (columns === null && (spec.rows ?? []).length === 0)
    findings.error(
      'TEST_INVALID',
      spec.at,
      `${port} gets no rows, and its columns are not known before a run.`,
      'give them: `{ rows: [], columns: { id: BIGINT } }`',
    )
  return { kind: 'rows', rows: (spec.rows ?? []).map(({ cells }) => planRow(cells, columns, port, findings)), columns }
}

function planRow(cells: readonly FlowEntry[], columns: readonly Column[] | null, port: string, findings: Findings): JsonObject {
  const types = columns === null ? undefined : new Map(columns.map(({ name, type }) => [name, type]))
  for (const { key, keyAt } of cells) {
    if (types === undefined || types.has(key)) continue
    const names = [...types.keys()]
    findings.error(
      'SCHEMA_MISMATCH',
      keyAt,
      `${port} has no column "${key}".`,
      suggestName(key, names, `its columns are ${listShort(names)}`),
    )
  }
  return Object.fromEntries(cells.map(({ key, value }) => [key, planValue(value, types?.get(key), findings)]))
}

/** With a type each scalar goes as it is written, so that the type reads it; but for JSON, which tells a number from a text. */
function planValue(value: FlowValue, type: string | undefined, findings: Findings): Json {
  if (type === undefined || (type.includes('JSON') && value.kind !== 'scalar')) return toExactJson(value, findings)
  return type === 'VARCHAR' ? writtenText(value, type) : writtenValue(value)
}

function toExactJson(value: FlowValue, findings: Findings): Json {
  refuseInexact(value, findings, 'give `columns` with types: the number is then read as it is written')
  return toJson(value)
}

function checkItems(
  keyAt: TextSpan,
  { items }: StandInSpec,
  { id, output_ports: outputs }: DagNode,
  { dag }: TestedFlow,
  findings: Findings,
): void {
  const givesList = dag.control.some(({ from, type }) => from === id && type === 'iterate')
  if (!givesList && items !== undefined) findings.error('TEST_INVALID', items.at, `No loop takes a list from ${id}.`, 'take `items` out')
  if (givesList && items === undefined && outputs.length === 0)
    findings.error(
      'TEST_INVALID',
      keyAt,
      `${id} gives a loop its list, and what stands in for it has none.`,
      `give \`items\`: \`${id}: { items: [ … ] }\``,
    )
}

/** Counts are made of the rows; nothing else is known of what the flow asks for. */
function checkGlobals(
  keyAt: TextSpan,
  spec: StandInSpec,
  { id, used_globals: used, output_ports: outputs }: DagNode,
  findings: Findings,
): void {
  const given = new Set(spec.globals.map(({ key }) => key.toLowerCase()))
  const counted = [...(outputs.length > 0 ? ['row_count'] : []), ...(outputs.includes('reject') ? ['rejected'] : [])]
  const missing = used.filter((name) => !given.has(name.toLowerCase()) && !counted.includes(name))
  if (missing.length > 0)
    findings.error(
      'TEST_INVALID',
      keyAt,
      `The flow uses ${missing.map((name) => `{{${id}__${name}}}`).join(', ')}, and what stands in for ${id} does not give ${missing.length === 1 ? 'it' : 'them'}.`,
      `give \`globals\`: \`${id}: { globals: { ${missing.map((name) => `${name}: …`).join(', ')} } }\``,
    )
}
