import { PypeError } from '../../../core/errors.js'
import { formatQuantity } from '../../../core/quantity.js'
import type { Column, ScanRelation } from '../../../sdk/relation.js'
import { hintAtDelimiter } from './hint-at-delimiter.js'
import { isWider } from './wider-type.js'

/** What was found in the files of a scan. */
export interface FoundColumns {
  /** The first of them, for messages. */
  readonly file: string
  /** How many more were looked at together with it. */
  readonly others: number
  /** Columns without a value: their type is not known. */
  readonly unseen: ReadonlySet<string>
  readonly warn: (message: string) => void
}

/** What to do about files that differ from a lock. */
export const LOCK_HINT =
  'when the file is right, lock its columns with `pype columns FLOW --lock` and build again; settings.schema: warn or evolve goes on without'

/**
 * The columns that a scan puts out, from those that its files have: without a lock these, else as the lock and its policy say. With
 * `freeze` a difference throws SCHEMA_MISMATCH; `warn` tells it and keeps to the locked columns, as far as the files have them;
 * `evolve` takes what the files have, and reads with the locked types what they fit. Files with none of the
 * locked columns are other files, which throws with each policy.
 */
export function lockColumns(scan: ScanRelation, found: readonly Column[], { file, others, unseen, warn }: FoundColumns): readonly Column[] {
  const { lock, columns: asked } = scan
  if (lock === undefined || asked.kind === 'typed') return found
  const wanted = asked.kind === 'pick' ? asked.names.flatMap((name) => lock.columns.filter((column) => column.name === name)) : lock.columns
  const locked = new Map(wanted.map((column) => [column.name, column]))
  const own = new Map(found.map((column) => [column.name, column]))
  const changes = (column: Column) => {
    const before = locked.get(column.name)
    return before !== undefined && !unseen.has(column.name) && !canHold(before.type, column.type, scan)
  }
  const changed = found.filter(changes)
  const faults = [
    listNames(
      'lacks',
      wanted.filter(({ name }) => !own.has(name)),
    ),
    listNames(
      'has the new',
      found.filter(({ name }) => !locked.has(name)),
    ),
    ...changed.map(({ name, type }) => `has ${name} as ${type} and not ${locked.get(name)?.type}`),
  ].filter((fault) => fault !== '')
  // Headers of text files are compared one by one, before; values and records are not.
  const isOneOf = others > 0 && (scan.format === 'json' || changed.length > 0)
  const where = isOneOf ? `${file}, or ${others === 1 ? 'the file' : `one of the ${formatQuantity(others, 'file')}`} read with it,` : file
  const hint = hintAtDelimiter(found.map(({ name }) => name)) ?? LOCK_HINT
  if (!wanted.some(({ name }) => own.has(name)))
    throw new PypeError('SCHEMA_MISMATCH', `${where} has none of the locked columns: it ${faults.join('; it ')}.`, { hint })
  if (lock.onChange === 'evolve') return found.map((column) => (changes(column) ? column : (locked.get(column.name) ?? column)))
  if (faults.length > 0) {
    const message = `${where} differs from the locked columns: it ${faults.join('; it ')}.`
    if (lock.onChange === 'warn') warn(message)
    else throw new PypeError('SCHEMA_MISMATCH', message, { hint })
  }
  return wanted.filter(({ name }) => own.has(name))
}

function listNames(verb: string, columns: readonly Column[]): string {
  return columns.length === 0 ? '' : `${verb} ${columns.map(({ name }) => name).join(', ')}`
}

/** The types that are found in text files. Any other one was written into the lock by hand, and holds as a declared one does: value by value. */
const FOUND = /^(BOOLEAN|U?BIGINT|HUGEINT|DOUBLE|DATE|TIME|TIMESTAMP( WITH TIME ZONE)?|STRUCT\(.*|MAP\(.*|.*\])$/

/** Types whose values a type of a text file can hold too: a column of them is no other column. */
const HELD: ReadonlyMap<string, RegExp> = new Map([
  ['DOUBLE', /^(BIGINT|UBIGINT|HUGEINT)$/],
  ['HUGEINT', /^(BIGINT|UBIGINT)$/],
  ['TIMESTAMP', /^DATE$/],
  ['TIMESTAMP WITH TIME ZONE', /^(DATE|TIMESTAMP)$/],
])

function canHold(locked: string, found: string, { format, badRows }: ScanRelation): boolean {
  if (locked === found) return true
  if (format === 'parquet') return isWider(locked, found)
  if (!FOUND.test(locked) || found === 'JSON') return true
  // One value that does not fit makes a column text; where there is a port for such rows, it leaves by that.
  if (found === 'VARCHAR' && badRows === 'reject') return true
  return HELD.get(locked)?.test(found) ?? false
}
