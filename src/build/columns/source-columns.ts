import { stat } from 'node:fs/promises'
import path from 'node:path'
import { PypeError } from '../../core/errors.js'
import { hasTemplate } from '../../core/template.js'
import { type Column, inputsFirst, type Relation, type ScanRelation } from '../../sdk/relation.js'
import type { PlanNode } from '../plan/graph.js'
import { findEarlierWriter } from './earlier-writers.js'
import type { PortColumns } from './flow-columns.js'
import { type DescribedNode, type NodeWorld, statement } from './node-world.js'

/** Describes the ports of a source whose module describes scans: with declared types, or with what is found in the files. */
export async function describeSource(
  node: PlanNode,
  wanted: readonly (readonly [string, Relation])[],
  world: NodeWorld,
): Promise<DescribedNode> {
  const scans = new Map<ScanRelation, PortColumns>()
  for (const relation of inputsFirst(wanted.map(([, relation]) => relation))) {
    if (relation.kind !== 'scan') continue
    const found = await describeScan(relation, node, world)
    scans.set(relation, found)
    const engine = await openFor(found, world)
    engine?.assume(relation, found.kind === 'known' ? found.columns : [])
  }
  const ports = new Map<string, PortColumns>()
  for (const [port, relation] of wanted) {
    const below = inputsFirst([relation]).flatMap((part) => (part.kind === 'scan' ? [scans.get(part)] : []))
    const unknown = below.find((scan) => scan?.kind === 'unknown')
    if (unknown?.kind === 'unknown' && relation.kind !== 'rejects') {
      ports.set(port, unknown)
      continue
    }
    const [first] = below
    const origin = relation.kind === 'rejects' ? 'query' : first?.kind === 'known' ? first.origin : 'declared'
    const files = relation.kind !== 'rejects' && first?.kind === 'known' ? first.files : []
    const engine = await world.engine.open()
    ports.set(port, { kind: 'known', columns: await engine.columns(relation, statement()), origin, files })
  }
  return { ports, errors: [] }
}

/** An engine for what is known; nothing is opened for a source of which nothing is, unless its reject port is wanted. */
async function openFor(found: PortColumns, { engine, outputs }: NodeWorld) {
  return found.kind === 'known' || outputs.size > 1 || outputs.has('reject') ? engine.open() : undefined
}

async function describeScan(scan: ScanRelation, node: PlanNode, world: NodeWorld): Promise<PortColumns> {
  const doubt = await findDoubt(scan, node, world)
  const added: readonly Column[] = scan.fileNameColumn === undefined ? [] : [{ name: scan.fileNameColumn, type: 'VARCHAR' }]
  if (scan.columns.kind === 'typed') {
    const engine = await world.engine.open()
    const columns = await engine.columns({ kind: 'inline', rows: [], columns: scan.columns.columns }, statement())
    // A file that is there must have them; in JSON a field may be absent.
    if (doubt === undefined && scan.format !== 'json') await lookAtFiles(scan, world)
    return { kind: 'known', columns: [...columns, ...added], origin: 'declared', files: [] }
  }
  const locked = world.locked.get(node.flow.id)
  if (locked !== undefined) {
    await checkTypes(locked, node, world)
    return { kind: 'known', columns: [...inOrderOf(scan, locked), ...added], origin: 'locked', files: [] }
  }
  if (doubt !== undefined) return { kind: 'unknown', reason: doubt }
  const found = await lookAtFiles(scan, world)
  return 'reason' in found ? { kind: 'unknown', ...found } : { kind: 'known', columns: found, origin: 'file', files: scan.paths }
}

/** The schema file may have been edited. */
async function checkTypes(locked: readonly Column[], node: PlanNode, world: NodeWorld): Promise<void> {
  const engine = await world.engine.open()
  for (const { name, type } of locked) {
    await engine.columns({ kind: 'inline', rows: [], columns: [{ name, type }] }, statement()).catch((error: unknown) => {
      if (!(error instanceof PypeError)) throw error
      throw new PypeError('LOCK_INVALID', `The schema file locks ${name} of "${node.flow.id}" as ${type}, which is no type.`, {
        hint: 'mend the type, or lock the columns again with `pype columns FLOW --lock`',
        cause: error,
      })
    })
  }
}

/** Locked columns as the scan puts them out. */
function inOrderOf({ columns }: ScanRelation, locked: readonly Column[]): readonly Column[] {
  const found = columns.kind === 'pick' ? columns.names.flatMap((name) => locked.filter((column) => column.name === name)) : locked
  return found.map(({ name, type }) => ({ name, type }))
}

/** Why the files that are there say nothing of those that a run will read, in words; undefined when they do. */
async function findDoubt(scan: ScanRelation, node: PlanNode, { walk, writers, options }: NodeWorld): Promise<string | undefined> {
  if (scan.paths.some(hasTemplate)) return 'its path has a template'
  const writer = options.relock === true ? undefined : walk && findEarlierWriter(node, scan.paths, writers, walk, options.cwd)
  if (writer !== undefined) return `"${writer.flow.id}" may write its file before`
  if (walk === undefined) return 'errors in the connections keep the order of the walk from being known'
  for (const file of scan.paths) {
    if (!/[*?[]/.test(file) && !(await exists(path.resolve(options.cwd, file)))) return `there is no file ${file}`
  }
  return undefined
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  )
}

/**
 * The columns of the files as a run would find them, or why they are not known. A file that lacks a column which the flow names is an
 * error of the flow; all else that may be wrong with a file is not.
 */
function lookAtFiles(scan: ScanRelation, world: NodeWorld): Promise<readonly Column[] | { readonly reason: string }> {
  const key = JSON.stringify(scan)
  const looking = world.looks.get(key) ?? look(scan, world)
  world.looks.set(key, looking)
  return looking
}

async function look(scan: ScanRelation, world: NodeWorld): Promise<readonly Column[] | { readonly reason: string }> {
  try {
    const engine = await world.engine.open()
    // A relation of its own: that of the node gets its columns from what comes of this.
    return await engine.columns({ ...scan }, statement())
  } catch (error) {
    if (!(error instanceof PypeError)) throw error
    const isNamed = error.code === 'CONFIG_INVALID' || (error.code === 'SCHEMA_MISMATCH' && scan.columns.kind !== 'all')
    if (isNamed) throw error
    return { reason: error.message.replace(/\.$/, '') }
  }
}
