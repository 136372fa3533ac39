import { replaceFile } from '../../core/replace-file.js'
import type { LockedColumn } from '../../core/schema-lock.js'
import { validateFlow } from '../build.js'
import { Findings } from '../findings.js'
import { definitionOf, type PlanNode } from '../plan/graph.js'
import { readIfPresent } from '../write.js'
import type { FlowColumns, PortColumns } from './flow-columns.js'
import { formatOf, formatSchemaFile, type LockedSources, readSchemaFile, schemaFilePath } from './schema-file.js'

/** What came of locking the columns of a flow. */
export interface LockResult {
  /** The schema file. */
  readonly path: string
  readonly changed: boolean
  /** Ids of the sources that are locked. */
  readonly locked: readonly string[]
  /** Sources whose files could not be looked at; what was locked of them earlier stays. */
  readonly left: readonly { readonly node: string; readonly reason: string }[]
}

/** Writes the schema file of a flow: the columns that its file sources have now. Throws what {@link validateFlow} does. `cwd`: relative paths start there. */
export async function lockFlow(file: string, cwd: string): Promise<LockResult> {
  const { flow, columns } = await validateFlow(file, { columns: { cwd, relock: true } })
  const before = (await readSchemaFile(file, flow.name, new Findings(flow.source)))?.locked ?? new Map()
  const { locked, left } = chooseLocked(columns ?? new Map(), before)
  const path = schemaFilePath(file, flow.name)
  return { path, changed: await writeIfChanged(path, locked), locked: [...locked.keys()], left }
}

function chooseLocked(columns: FlowColumns, before: LockedSources): { readonly locked: LockedSources; readonly left: LockResult['left'] } {
  const locked = new Map<string, readonly LockedColumn[]>()
  const left: { readonly node: string; readonly reason: string }[] = []
  for (const [node, ports] of columns) {
    const definition = definitionOf(node)
    if (definition?.type !== 'source' || definition.query === undefined) continue
    const { id } = node.flow
    const found = [...ports.values()].find((port) => port.kind === 'unknown' || port.origin === 'file')
    const kept = before.get(id)
    if (found?.kind === 'known') locked.set(id, lockedColumns(node, found))
    if (found?.kind !== 'unknown') continue
    if (kept !== undefined) locked.set(id, kept)
    left.push({ node: id, reason: kept === undefined ? found.reason : `${found.reason}; the columns that were locked before stay` })
  }
  return { locked, left }
}

/** The column with the path of a row's file is the flow's own. */
function lockedColumns(node: PlanNode, { columns }: Extract<PortColumns, { kind: 'known' }>): readonly LockedColumn[] {
  return columns
    .filter(({ name }) => name !== node.configs.file_name)
    .map(({ name, type }) => {
      const format = formatOf(node, type)
      return { name, type, ...(format === undefined ? {} : { format }) }
    })
}

async function writeIfChanged(path: string, locked: LockedSources): Promise<boolean> {
  const present = await readIfPresent(path)
  const content = formatSchemaFile(locked)
  if (present?.toString('utf8') === content || (present === undefined && locked.size === 0)) return false
  await replaceFile(path, content)
  return true
}
