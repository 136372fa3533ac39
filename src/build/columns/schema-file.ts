import path from 'node:path'
import { isObject } from '../../core/json.js'
import { type LockedColumn, SCHEMA_LOCK_VERSION, type SchemaLock, schemaLockFile } from '../../core/schema-lock.js'
import { suggestNearest } from '../../core/suggest.js'
import { systemCodeOf } from '../../core/system-code.js'
import type { Findings } from '../findings.js'
import { definitionOf, type PlanNode } from '../plan/graph.js'
import { readIfPresent } from '../write.js'

/** The locked columns of file sources, by id of the node. */
export type LockedSources = ReadonlyMap<string, readonly LockedColumn[]>

/** The schema file of a flow as it stands beside it. */
export interface SchemaFile {
  readonly file: string
  readonly content: Buffer
  readonly locked: LockedSources
}

/** Where the schema file of a flow stands: beside the flow file. */
export function schemaFilePath(flowFile: string, flowName: string): string {
  return path.join(path.dirname(flowFile), schemaLockFile(flowName))
}

/** Reads the schema file of a flow; undefined when there is none. One that is not valid is reported. */
export async function readSchemaFile(flowFile: string, flowName: string, findings: Findings): Promise<SchemaFile | undefined> {
  const file = schemaFilePath(flowFile, flowName)
  const content = await readIfPresent(file).catch((error: unknown) => {
    findings.errorAt(
      'LOCK_INVALID',
      { file, line: 1, column: 1 },
      `The schema file cannot be read (${systemCodeOf(error) ?? 'unknown reason'}).`,
      'check its rights',
    )
    return undefined
  })
  if (content === undefined) return undefined
  const lock = parseLock(content.toString('utf8').replace(/^\uFEFF/, ''))
  if (typeof lock === 'string') {
    findings.errorAt(
      'LOCK_INVALID',
      { file, line: 1, column: 1 },
      `The schema file is not valid: ${lock}.`,
      'write it anew with `pype columns FLOW --lock`',
    )
    return { file, content, locked: new Map() }
  }
  return { file, content, locked: new Map(Object.entries(lock.sources).map(([node, { columns }]) => [node, columns])) }
}

/** The text of a schema file: a line per column, so that a change of one shows as such. */
export function formatSchemaFile(locked: LockedSources): string {
  const columnLine = (column: LockedColumn) =>
    `        { ${Object.entries(column)
      .map(([key, text]) => `"${key}": ${JSON.stringify(text)}`)
      .join(', ')} }`
  const sources = [...locked].map(
    ([node, columns]) => `    ${JSON.stringify(node)}: {\n      "columns": [\n${columns.map(columnLine).join(',\n')}\n      ]\n    }`,
  )
  return `{\n  "schema_version": ${SCHEMA_LOCK_VERSION},\n  "sources": {${sources.length === 0 ? '' : `\n${sources.join(',\n')}\n  `}}\n}\n`
}

/** Checks that each node that a schema file locks is there: the columns of one that has another id now would be held no more, and nobody would know. */
export function checkLockedIds({ file, content, locked }: SchemaFile, ids: readonly string[], findings: Findings): void {
  const lines = content.toString('utf8').split('\n')
  for (const id of locked.keys()) {
    if (ids.includes(id)) continue
    const line = lines.findIndex((text) => text.includes(`${JSON.stringify(id)}:`)) + 1
    findings.errorAt(
      'LOCK_OUTDATED',
      { file, line: Math.max(line, 1), column: 1 },
      `The schema file of the flow locks "${id}", and the flow has no such node.`,
      suggestNearest(id, ids, 'lock the columns again with `pype columns FLOW --lock`'),
    )
  }
}

/** Checks the schema file of a flow against the flow: a node that it locks must read what is locked. */
export function checkSchemaFile(locked: LockedSources, nodes: readonly PlanNode[], findings: Findings): void {
  for (const [id, columns] of locked) {
    const node = nodes.find(({ flow }) => flow.id === id)
    const fault = node === undefined ? undefined : findOutdated(node, columns)
    if (node === undefined || fault === undefined) continue
    findings.error(
      'LOCK_OUTDATED',
      node.flow.idAt,
      `The schema file of the flow locks "${id}", ${fault}.`,
      'lock the columns again with `pype columns FLOW --lock`',
    )
  }
}

/** How the dates or timestamps of a column of a node are written, where the flow says so. */
export function formatOf(node: PlanNode, type: string): string | undefined {
  const config = type === 'DATE' ? 'date_format' : type.startsWith('TIMESTAMP') ? 'timestamp_format' : undefined
  const format = config === undefined ? undefined : node.configs[config]
  return typeof format === 'string' ? format : undefined
}

function findOutdated(node: PlanNode, columns: readonly LockedColumn[]): string | undefined {
  if (definitionOf(node)?.type !== 'source') return `which is a ${node.flow.name}, no source`
  const asked = node.configs.columns
  if (isObject(asked)) return 'whose columns are declared in the flow now'
  const names = Array.isArray(asked) ? asked.map(String) : []
  const missing = names.find((name) => !columns.some((column) => column.name === name))
  if (missing !== undefined) return `without its column ${missing}`
  const other = columns.find(({ type, format }) => formatOf(node, type) !== format)
  return (
    other &&
    `with the format ${other.format ?? 'ISO 8601'} of ${other.name}, and the flow says ${formatOf(node, other.type) ?? 'nothing of it'}`
  )
}

/** The lock, or what is wrong with it in words. */
function parseLock(text: string): SchemaLock | string {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return error.message
    throw error
  }
  if (!isObject(value)) return 'a JSON object is expected'
  if (value.schema_version !== SCHEMA_LOCK_VERSION) return `schema_version has to be ${SCHEMA_LOCK_VERSION}`
  const { sources } = value
  if (!isObject(sources)) return '`sources` has to be an object'
  const read: Record<string, { readonly columns: readonly LockedColumn[] }> = {}
  for (const [node, source] of Object.entries(sources)) {
    const columns = isObject(source) ? source.columns : undefined
    if (!Array.isArray(columns) || columns.length === 0 || !columns.every(isLockedColumn))
      return `the columns of "${node}" have to be a list of names and types`
    const twice = columns.find(({ name }, i) => columns.slice(0, i).some((other) => other.name.toLowerCase() === name.toLowerCase()))
    if (twice !== undefined) return `"${node}" has the column ${twice.name} twice`
    read[node] = { columns }
  }
  return { schema_version: SCHEMA_LOCK_VERSION, sources: read }
}

function isLockedColumn(value: unknown): value is LockedColumn {
  if (!isObject(value)) return false
  const { name, type, format, ...others } = value
  return isText(name) && isText(type) && (format === undefined || isText(format)) && Object.keys(others).length === 0
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}
