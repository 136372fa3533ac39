import { accessSync, constants, existsSync, readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { PypeError } from '../../../core/errors.js'
import type { Lead, StageMode } from '../../../sdk/context.js'
import type { Disk } from '../files/disk.js'
import { knowFile } from '../files/file-proof.js'
import { fingerprint, fingerprintFiles, listFiles, listFolders } from '../files/fingerprint.js'
import { checkTarget } from '../files/target.js'
import type { WrittenTarget } from '../files/target-claims.js'
import type { CommitEntry } from '../journal/records.js'

/** One path that was handed out, in order of declaration of the nodes. */
export interface StagedPath {
  readonly node: string
  readonly staged: string
  readonly target: string
  readonly mode: StageMode
  /** It has the rights that it is to have; else it gets those of what it replaces. */
  readonly keepsRights: boolean
  /** A hidden name beside the target for an older folder, with room for a suffix. */
  readonly aside: string
  /** Of what is appended: where the bytes go that stand between the old end and `staged`, and how they are found. */
  readonly lead: { readonly staged: string; readonly bytes: Lead } | undefined
}

/** How everything that was staged comes into place: what goes into an intent. */
export interface CommitPlan {
  readonly entries: readonly CommitEntry[]
  /** Staged folders that are empty when all entries are in place. */
  readonly remove: readonly string[]
}

/** Flushes what was staged, with the rights of what it replaces, and says how each target comes into place. */
export async function planCommit(staged: readonly StagedPath[], disk: Disk): Promise<CommitPlan> {
  const entries: CommitEntry[] = []
  const remove: string[] = []
  const appends = new Map<string, StagedPath[]>()
  for (const one of staged) {
    if (!existsSync(one.staged)) throw neverWritten(one)
    if (one.mode === 'append') {
      await flushStaged(one.staged, disk)
      const list = appends.get(one.target)
      if (list === undefined) appends.set(one.target, [one])
      else list.push(one)
    } else if (one.mode === 'replace-partitions' && checkTarget(one.target, one.node)?.isDirectory()) {
      entries.push(...(await planPartitions(one, disk)))
      remove.push(one.staged)
    } else if (one.mode === 'merge' && checkTarget(one.target, one.node)?.isDirectory()) {
      await flushStaged(one.staged, disk)
      for (const [index, entry] of (await planMerge(one.staged, one.target, one.node)).entries())
        entries.push(entry.kind === 'folder' ? { ...entry, aside: `${one.aside}-${index}` } : entry)
      remove.push(one.staged)
    } else {
      entries.push(await planWhole(one, disk))
    }
  }
  for (const list of appends.values()) entries.push(await planAppend(list, disk))
  for (const folder of new Set(staged.map((one) => path.dirname(one.staged)))) disk.flushFolder(folder)
  return { entries, remove }
}

async function planWhole(one: StagedPath, disk: Disk): Promise<CommitEntry> {
  const { staged, target, aside, node, keepsRights } = one
  const old = checkTarget(target, node)
  const isFolder = statSync(staged).isDirectory()
  if (!isFolder && old?.isDirectory()) {
    throw new PypeError('FILE_UNWRITABLE', `${target} is a folder, and a file is to be written there.`, {
      node,
      hint: 'remove the folder, or give the path of a file',
    })
  }
  if (!keepsRights && old !== undefined && old.isDirectory() === isFolder) disk.copyRights(target, staged)
  await flushStaged(staged, disk)
  const print = await fingerprint(staged)
  return isFolder ? { kind: 'folder', staged, target, aside, ...print } : { kind: 'file', staged, target, ...print }
}

/** Each partition folder that was written replaces its older one; the others stay. */
async function planPartitions(one: StagedPath, disk: Disk): Promise<CommitEntry[]> {
  const leaves = [...new Set(listFiles(one.staged).map((file) => path.dirname(file)))]
  if (leaves.includes(one.staged)) {
    throw new PypeError('MODULE_FAILED', `The node ${one.node} wrote files beside its partition folders.`, {
      node: one.node,
      hint: 'with partitions, all files belong into partition folders',
    })
  }
  await flushStaged(one.staged, disk)
  const entries: CommitEntry[] = []
  for (const [index, staged] of leaves.entries()) {
    const target = path.join(one.target, path.relative(one.staged, staged))
    // Beside the whole target: a hidden folder inside it could still be found by a glob over all levels.
    entries.push({ kind: 'folder', staged, target, aside: `${one.aside}-${index}`, ...(await fingerprint(staged)) })
  }
  return entries
}

/** What the target lacks is moved in whole; a file replaces its namesake. Nothing goes through a link out of the target. */
async function planMerge(staged: string, target: string, node: string): Promise<CommitEntry[]> {
  checkMergeFolder(target, staged, node)
  const entries: CommitEntry[] = []
  for (const child of readdirSync(staged, { withFileTypes: true })) {
    const from = path.join(staged, child.name)
    const to = path.join(target, child.name)
    const there = knowFile(to)
    const isFolder = child.isDirectory()
    if (there !== undefined && isFolder !== (there.kind === 'folder')) throw mergeClash(to, isFolder, node)
    if (there === undefined && isFolder) {
      entries.push({ kind: 'folder', staged: from, target: to, aside: '', ...(await fingerprint(from)) })
    } else if (isFolder) entries.push(...(await planMerge(from, to, node)))
    else entries.push({ kind: 'file', staged: from, target: to, ...(await fingerprint(from)) })
  }
  return entries
}

function checkMergeFolder(folder: string, staged: string, node: string): void {
  const hint = 'unpack into another folder'
  if (knowFile(folder)?.device !== knowFile(staged)?.device)
    throw new PypeError('FILE_UNWRITABLE', `Another disk is mounted at ${folder}.`, { node, hint })
  try {
    accessSync(folder, constants.W_OK | constants.X_OK)
  } catch (cause) {
    throw new PypeError('FILE_UNWRITABLE', `There is no right to write into ${folder}.`, { node, hint, cause })
  }
}

function mergeClash(target: string, isFolder: boolean, node: string): PypeError {
  const [found, expected] = isFolder ? ['no folder', 'a folder'] : ['a folder', 'a file']
  return new PypeError('FILE_UNWRITABLE', `${target} is ${found}, and ${expected} is to come there.`, {
    node,
    hint: 'remove it, or unpack into another folder',
  })
}

/** To be called when nobody else can write the target: its end is looked at. */
async function planAppend(list: readonly StagedPath[], disk: Disk): Promise<CommitEntry> {
  const target = list[0]?.target ?? ''
  const old = checkTarget(target, list[0]?.node ?? '')
  const before = old === undefined || old.size === 0 ? [] : [target]
  const files: { file: string; size: number }[] = []
  for (const one of list) {
    const leads = await writeLead(one, [...before, ...files.map(({ file }) => file)], disk)
    for (const file of leads ? [leads, one.staged] : [one.staged]) files.push({ file, size: statSync(file).size })
  }
  const nodes = [...new Set(list.map(({ node }) => node))]
  const staged = files.map(({ file }) => file)
  return { kind: 'append', nodes, staged, target, old_length: old?.size ?? 0, ...(await fingerprintFiles(files)) }
}

async function writeLead({ lead, node }: StagedPath, before: readonly string[], disk: Disk): Promise<string | undefined> {
  if (lead === undefined) return undefined
  const bytes = await leadBytes(lead.bytes, before, node)
  if (bytes.length === 0) return undefined
  const file = disk.openAppend(lead.staged)
  try {
    disk.append(file, bytes)
    disk.flush(file)
  } finally {
    disk.close(file)
  }
  return lead.staged
}

async function leadBytes(lead: Lead, before: readonly string[], node: string): Promise<Uint8Array> {
  try {
    return await lead(before)
  } catch (error) {
    throw error instanceof PypeError ? error.with({ node }) : error
  }
}

async function flushStaged(staged: string, disk: Disk): Promise<void> {
  if (!statSync(staged).isDirectory()) return disk.flushFile(staged)
  for (const file of listFiles(staged)) await disk.flushFile(file)
  for (const folder of listFolders(staged)) disk.flushFolder(folder)
}

function neverWritten({ node, target }: StagedPath): PypeError {
  return new PypeError('MODULE_FAILED', `The node ${node} asked for a place to write ${target} and wrote nothing there.`, {
    node,
    hint: 'a module writes to the path that stageFile gives, not to the target itself',
  })
}

/** The paths that a commit writes, for claims. What is merged into a folder claims its files and not the folder. */
export function listTargets({ entries }: Pick<CommitPlan, 'entries'>, staged: readonly StagedPath[]): WrittenTarget[] {
  const merges = staged.filter(({ mode }) => mode === 'merge').map((one) => one.staged)
  const isMerged = (from: string) => merges.some((merge) => from === merge || from.startsWith(`${merge}/`))
  return entries.flatMap((entry) => {
    if (entry.kind === 'delete') return []
    if (entry.kind === 'folder' && isMerged(entry.staged))
      return listFiles(entry.staged).map((file) => ({ target: path.join(entry.target, path.relative(entry.staged, file)), append: false }))
    return [{ target: entry.target, append: entry.kind === 'append' }]
  })
}

/** Whether a folder has nothing in it. */
export function isEmptyFolder(folder: string): boolean {
  return existsSync(folder) && readdirSync(folder).length === 0
}
