import { PypeError } from '../../../core/errors.js'
import type { Column, ScanRelation } from '../../../sdk/relation.js'
import { quoteName, quoteText } from '../literal.js'
import type { Session } from '../session.js'
import { listFiles, pathList, type SourceFile } from './files.js'
import type { ResolvedScan, ScanEnvironment } from './resolved-scan.js'
import { BAD_VALUE, ISO_FORMAT, strictCast } from './strict-cast.js'

/** Looks at the files of a Parquet scan: all of them must have the same columns by name. */
export async function resolveParquet(scan: ScanRelation, { session, cwd }: ScanEnvironment): Promise<ResolvedScan> {
  const files = await listFiles(session, scan.paths, cwd)
  const found = await describe(session, readParquet(files, scan))
  await checkAgreement(session, files, scan)
  const columns = chooseColumns(scan, found, files[0]?.path ?? '')
  const items = columns.map(({ name, type }) =>
    scan.columns.kind === 'typed' ? `${convert(found, name, type)} AS ${quoteName(name)}` : quoteName(name),
  )
  const added = scan.fileNameColumn === undefined ? [] : [{ name: scan.fileNameColumn, type: 'VARCHAR' }]
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
  return `read_parquet(${pathList(files.map((file) => file.path))}${union}, hive_partitioning = ${scan.options['hive_partitioning'] === true}${fileName})`
}

/** Text is converted strictly, as everywhere. */
function convert(found: readonly Column[], name: string, type: string): string {
  const isText = found.find((column) => column.name === name)?.type === 'VARCHAR'
  return isText ? strictCast(quoteName(name), type, ISO_FORMAT) : `CAST(${quoteName(name)} AS ${type})`
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

/** The columns of anything that can stand in FROM. */
export async function describe(session: Session, from: string): Promise<Column[]> {
  const result = await session.run(`DESCRIBE SELECT * FROM ${from}`)
  return (await result.getRows()).map((row) => ({ name: String(row[0]), type: String(row[1]) }))
}

/** The engine binds the columns of the first file and drops those that only later files have. */
async function checkAgreement(session: Session, files: readonly SourceFile[], scan: ScanRelation): Promise<void> {
  const [first, ...others] = files
  if (first === undefined || others.length === 0) return
  const expected = (await describe(session, readParquet([first], scan))).map((column) => column.name)
  for (const file of others) {
    const found = (await describe(session, readParquet([file], scan))).map((column) => column.name)
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
