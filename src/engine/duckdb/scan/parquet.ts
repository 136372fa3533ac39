import { PypeError } from '../../../core/errors.js'
import type { Column, ScanRelation } from '../../../sdk/relation.js'
import type { Session } from '../session.js'
import { describe } from '../statement/describe.js'
import { quoteName, quoteText } from '../statement/literal.js'
import { listFiles, pathList, type SourceFile } from './files.js'
import { lockColumns } from './lock-columns.js'
import { fileNameColumn, type ResolvedScan, type ScanEnvironment } from './resolved-scan.js'
import { castColumn } from './strict-cast.js'
import { BAD_VALUE } from './strict-nested.js'

/** Looks at the files of a Parquet scan: all of them must have the same columns by name, and those of a lock. */
export async function resolveParquet(scan: ScanRelation, { session, cwd, warn, signal }: ScanEnvironment): Promise<ResolvedScan> {
  const files = await listFiles(session, scan.paths, cwd)
  const found = await describe(session, selectAll(files, scan), signal)
  const each = files.length > 1 ? await describeEach(session, files, scan, found, signal) : []
  const columns = agreeOnColumns(scan, found, { each, first: files[0]?.path ?? '', warn })
  const items = columns.map(({ name, type }) =>
    scan.columns.kind === 'typed' || scan.lock !== undefined ? `${castColumn(found, name, type)} AS ${quoteName(name)}` : quoteName(name),
  )
  const added = fileNameColumn(scan)
  const selectFrom = (some: readonly SourceFile[]) =>
    `SELECT ${[...items, ...added.map((column) => quoteName(column.name))].join(', ')} FROM ${readParquet(some, scan)}`
  return {
    columns: [...columns, ...added],
    files,
    select: () => selectFrom(files),
    diagnose: (signal) => throwBadFile(files, selectFrom, session, signal),
    copies: new Map(),
  }
}

function readParquet(files: readonly SourceFile[], scan: ScanRelation): string {
  const fileName = scan.fileNameColumn === undefined ? '' : `, filename = ${quoteText(scan.fileNameColumn)}`
  // By name, for files of different types are brought to a type that holds both: else those of the first one count.
  const union = files.length > 1 ? ', union_by_name = true' : ''
  const folders = scan.options['hive_partitioning'] === true ? folderColumns(files[0]?.path ?? '') : []
  // As the texts that they are: what the engine takes for numbers has lost its leading zeros by the time that it is converted.
  const texts = scan.columns.kind === 'typed' && folders.length > 0
  const types = texts ? `, hive_types = {${folders.map((name) => `${quoteText(name)}: VARCHAR`).join(', ')}}` : ''
  const reader = `read_parquet(${pathList(files.map((file) => file.path))}${union}, hive_partitioning = ${folders.length > 0}${types}${fileName})`
  const renamed = folders.filter((name) => decodeName(name) !== name).map((name) => `${quoteName(name)} AS ${quoteName(decodeName(name))}`)
  return renamed.length === 0 ? reader : `(SELECT * RENAME (${renamed.join(', ')}) FROM ${reader})`
}

/** The columns that the folders of a path make (`year=2026`), as the folders write them. */
function folderColumns(path: string): string[] {
  const folders = path.split('/').slice(0, -1)
  return [...new Set(folders.flatMap((folder) => /^([^=]+)=[^=]*$/.exec(folder)?.[1] ?? []))]
}

/** The engine decodes the values of folders, and not the names. */
function decodeName(name: string): string {
  try {
    return decodeURIComponent(name)
  } catch (error) {
    // Not written by an engine: a % that stands for itself.
    if (error instanceof URIError) return name
    throw error
  }
}

function selectAll(files: readonly SourceFile[], scan: ScanRelation): string {
  return `SELECT * FROM ${readParquet(files, scan)}`
}

/** The engine says that a file is damaged or a value does not fit, and often not in which file. */
async function throwBadFile(
  files: readonly SourceFile[],
  selectFrom: (some: readonly SourceFile[]) => string,
  session: Session,
  signal: AbortSignal,
): Promise<void> {
  for (const file of files) {
    try {
      await session.run(`SELECT max(hash(r)) FROM (${selectFrom([file])}) AS r`, signal)
    } catch (error) {
      if (!(error instanceof PypeError) || error.message.includes(file.path)) throw error
      if (error.code === 'FILE_CORRUPT')
        throw new PypeError('FILE_CORRUPT', `${file.path} is not a whole Parquet file: ${error.message}`, error)
      if (error.code !== 'SQL_FAILED') throw error
      throw new PypeError('BAD_ROW', `${file.path}: ${error.message.replace(BAD_VALUE, '')}`, {
        ...error,
        hint: 'change the type in the config columns, or read the column as it is and convert it with select_mod, which has a reject port',
      })
    }
  }
}

/** A file of several, with its own columns. */
interface DescribedFile {
  readonly path: string
  readonly columns: readonly Column[]
}

/** The columns of each file. Those that folders make have their types from all of them: `code=01` alone looks like a number. */
async function describeEach(
  session: Session,
  files: readonly SourceFile[],
  scan: ScanRelation,
  found: readonly Column[],
  signal: AbortSignal,
): Promise<readonly DescribedFile[]> {
  const common = new Map(found.map((column) => [column.name, column]))
  const described: DescribedFile[] = []
  for (const file of files) {
    const folders = new Set(folderColumns(file.path).map(decodeName))
    const own = await describe(session, selectAll([file], scan), signal)
    described.push({ path: file.path, columns: own.map((column) => (folders.has(column.name) && common.get(column.name)) || column) })
  }
  return described
}

interface Looked {
  /** Empty where there is only one. */
  readonly each: readonly DescribedFile[]
  readonly first: string
  readonly warn: (message: string) => void
}

/** The columns that are put out, from those of all files: each file is held to the lock by itself. Throws SCHEMA_MISMATCH with the file. */
function agreeOnColumns(scan: ScanRelation, found: readonly Column[], { each, first, warn }: Looked): readonly Column[] {
  const read = { others: 0, unseen: new Set<string>(), warn }
  const lockAll = (all: readonly Column[], tell: (message: string) => void) =>
    lockColumns(scan, chooseColumns(scan, all, first), { ...read, file: first, warn: tell })
  if (each.length === 0 || scan.lock === undefined || scan.columns.kind === 'typed' || scan.lock.onChange === 'evolve') {
    checkAgreement(each)
    return lockAll(found, warn)
  }
  const held = each.map(({ path, columns }) => ({
    path,
    columns: lockColumns(scan, chooseColumns(scan, columns, path), { ...read, file: path }),
  }))
  checkAgreement(held)
  // What there is to say has been said of the files.
  return lockAll(found, () => {})
}

/** The engine binds the columns of the first file and drops those that only later files have. */
function checkAgreement([first, ...others]: readonly DescribedFile[]): void {
  const expected = first?.columns.map(({ name }) => name) ?? []
  for (const { path, columns } of others) {
    const found = columns.map(({ name }) => name)
    if (found.length === expected.length && found.every((name) => expected.includes(name))) continue
    throw new PypeError('SCHEMA_MISMATCH', `${path} has the columns ${found.join(', ')}; ${first?.path} has ${expected.join(', ')}.`, {
      hint: 'all files of a glob must have the same columns: read the others with a source of their own and join both with union_mod',
    })
  }
}

function chooseColumns(scan: ScanRelation, found: readonly Column[], path: string): readonly Column[] {
  const own = found.filter((column) => column.name !== scan.fileNameColumn)
  if (scan.columns.kind === 'all') return own
  const wanted = scan.columns.kind === 'pick' ? scan.columns.names : scan.columns.columns.map((column) => column.name)
  const missing = wanted.filter((name) => !own.some((column) => column.name === name))
  if (missing.length > 0) {
    throw new PypeError(
      'SCHEMA_MISMATCH',
      `${path} lacks ${missing.join(', ')}. Expected: ${wanted.join(', ')}. Found: ${own.map((column) => column.name).join(', ')}.`,
      { hint: 'mend the config columns' },
    )
  }
  if (scan.columns.kind === 'typed') return scan.columns.columns
  return wanted.flatMap((name) => own.filter((column) => column.name === name))
}
