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

/** Looks at the files of a Parquet scan: all of them must have the same columns by name. */
export async function resolveParquet(scan: ScanRelation, { session, cwd, warn, signal }: ScanEnvironment): Promise<ResolvedScan> {
  const files = await listFiles(session, scan.paths, cwd)
  const found = await describe(session, selectAll(files, scan), signal)
  await checkAgreement(session, files, scan, signal)
  const file = files[0]?.path ?? ''
  const columns = lockColumns(scan, chooseColumns(scan, found, file), { file, unseen: new Set(), warn })
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

/** The engine binds the columns of the first file and drops those that only later files have. */
async function checkAgreement(session: Session, files: readonly SourceFile[], scan: ScanRelation, signal: AbortSignal): Promise<void> {
  const [first, ...others] = files
  if (first === undefined || others.length === 0) return
  const expected = (await describe(session, selectAll([first], scan), signal)).map((column) => column.name)
  for (const file of others) {
    const found = (await describe(session, selectAll([file], scan), signal)).map((column) => column.name)
    if (found.length === expected.length && found.every((name) => expected.includes(name))) continue
    throw new PypeError('SCHEMA_MISMATCH', `${file.path} has the columns ${found.join(', ')}; ${first.path} has ${expected.join(', ')}.`, {
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
