import { PypeError } from '../../../core/errors.js'
import { listShort } from '../../../core/list-short.js'
import { suggestNearest } from '../../../core/suggest.js'
import type { ScanRelation } from '../../../sdk/relation.js'
import type { CsvFormat } from './csv-format.js'
import { hintAtDelimiter } from './hint-at-delimiter.js'
import { LOCK_HINT } from './lock-columns.js'

/** A file and the names of its columns, in its order. */
interface Headed {
  readonly path: string
  readonly header: readonly string[]
}

/** What is expected of headers, and what to do about one that is another. */
interface Expected {
  readonly names: readonly string[]
  /** Whether names that are not expected are faults too. */
  readonly strict: boolean
  readonly hint: (missing: readonly string[], unknown: readonly string[], header: readonly string[]) => string
}

/**
 * The names of the columns that are read. The header of each file has to agree with what the scan asks for, and the files with each
 * other: where they do not, with the lock, if there is one. Throws SCHEMA_MISMATCH.
 */
export function agreeOnNames(
  scan: ScanRelation,
  format: CsvFormat,
  files: readonly Headed[],
  warn: (message: string) => void,
): readonly string[] {
  const { columns } = scan
  switch (columns.kind) {
    case 'pick':
      return check(files, { names: columns.names, strict: false, hint: hintAtMissing })
    case 'typed':
      return check(files, {
        names: columns.columns.map(({ name }) => name),
        strict: !format.ignoresOthers,
        hint: (missing, unknown, header) =>
          missing.length > 0
            ? hintAtMissing(missing, unknown, header)
            : 'add the new columns to the config columns, or set other_columns: ignore to leave them out',
      })
    case 'all':
      return agreeWithEachOther(scan, files, warn)
  }
}

function agreeWithEachOther({ lock }: ScanRelation, files: readonly Headed[], warn: (message: string) => void): readonly string[] {
  const first = files[0]?.header ?? []
  if (files.every(({ header }) => isSameSet(header, first))) return first
  const locked = lock?.columns.map(({ name }) => name) ?? []
  switch (lock?.onChange) {
    case 'freeze':
      return check(files, { names: locked, strict: true, hint: () => LOCK_HINT })
    case 'warn': {
      const left = files.map((file) => leaveOutNew(file, locked, warn))
      return check(left, { names: left[0]?.header ?? [], strict: true, hint: () => 'the files of one source have the same locked columns' })
    }
    default:
      return check(files, {
        names: first,
        strict: true,
        hint: (missing, unknown, header) =>
          missing.length > 0
            ? hintAtMissing(missing, unknown, header)
            : 'the files of one source have the same columns; give those that are to be read as a list in the config columns',
      })
  }
}

/** What only some of the files have must not stand in the way of the others. */
function leaveOutNew({ path, header }: Headed, locked: readonly string[], warn: (message: string) => void): Headed {
  const added = header.filter((name) => !locked.includes(name))
  if (added.length > 0) warn(`${path} differs from the locked columns: it has the new ${added.join(', ')}.`)
  return { path, header: header.filter((name) => locked.includes(name)) }
}

/** The names that are expected, which each file has. */
function check(files: readonly Headed[], { names, strict, hint }: Expected): readonly string[] {
  const wanted = new Set(names)
  for (const { path, header } of files) {
    const own = new Set(header)
    const missing = names.filter((name) => !own.has(name))
    const unknown = strict ? header.filter((name) => !wanted.has(name)) : []
    if (missing.length === 0 && unknown.length === 0) continue
    const faults = [
      missing.length > 0 ? `lacks ${listShort(missing)}` : '',
      unknown.length > 0 ? `has the unexpected ${listShort(unknown)}` : '',
    ].filter((fault) => fault !== '')
    // What is only too much has been named by now.
    const lists = missing.length === 0 ? '' : ` Expected: ${listShort(names)}. Found: ${listShort(header)}.`
    throw new PypeError('SCHEMA_MISMATCH', `${path} ${faults.join(' and ')}.${lists}`, {
      hint: hintAtDelimiter(header) ?? hint(missing, unknown, header),
    })
  }
  return names
}

const hintAtMissing: Expected['hint'] = ([only = '', ...others], unknown, header) => {
  const mend = 'mend the header of the file or the config columns'
  return others.length > 0 ? mend : suggestNearest(only, unknown.length > 0 ? unknown : header, mend)
}

function isSameSet(some: readonly string[], others: readonly string[]): boolean {
  const names = new Set(others)
  return some.length === names.size && some.every((name) => names.has(name))
}
