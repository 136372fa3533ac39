import { createHash } from 'node:crypto'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { PypeError } from '../../../core/errors.js'
import type { Column, ScanRelation } from '../../../sdk/relation.js'
import { describe } from '../statement/describe.js'
import { quoteText } from '../statement/literal.js'
import { SAMPLE_ROWS } from './infer-types.js'
import { fieldJson, fieldMisfit, fieldText } from './json-fields.js'
import { type JsonFile, type JsonFormat, readJsonRecords } from './json-files.js'
import { lockColumns } from './lock-columns.js'
import type { ScanEnvironment } from './resolved-scan.js'
import { isNested } from './strict-nested.js'

/** The engine takes records with more fields than this for maps, unless it is told not to look for maps at all. */
const MAX_FIELDS_BESIDE_MAPS = 150

/** The columns of a json scan: those that are declared, or the fields of the records with types that the first records fit. */
export async function findJsonColumns(
  scan: ScanRelation,
  files: readonly JsonFile[],
  format: JsonFormat,
  environment: ScanEnvironment,
): Promise<readonly Column[]> {
  if (scan.columns.kind === 'typed') return scan.columns.columns
  const objects = `(SELECT json FROM ${readJsonRecords(files, format, true)} WHERE json_type(json) = 'OBJECT')`
  const keys = await listKeys(objects, environment)
  const wanted = scan.columns.kind === 'pick' ? scan.columns.names : keys
  checkKeys(wanted, keys, files)
  const sample = `(SELECT * FROM ${objects} LIMIT ${SAMPLE_ROWS})`
  const columns = await inferTypes(wanted, sample, files, environment)
  const found = await keepTrue(columns, sample, files, environment)
  return lockColumns(scan, found, { file: files[0]?.path ?? '', others: files.length - 1, unseen: new Set(), warn: environment.warn })
}

/**
 * The fields of all records, in the order of the first one that has them: a field that only late records have would be lost. This reads
 * all files once, for about a third of the work of the scan itself.
 */
async function listKeys(objects: string, { session, signal }: ScanEnvironment): Promise<readonly string[]> {
  const every = await session.run(`SELECT DISTINCT unnest(json_keys(json)) FROM ${objects}`, signal)
  const first = await session.run(`SELECT unnest(json_keys(json)) FROM (SELECT json FROM ${objects} LIMIT ${SAMPLE_ROWS})`, signal)
  const early = new Set((await first.getRows()).map((row) => String(row[0])))
  const late = (await every.getRows()).map((row) => String(row[0])).sort()
  return [...new Set([...early, ...late])]
}

function checkKeys(wanted: readonly string[], keys: readonly string[], files: readonly JsonFile[]): void {
  const path = files.map((file) => file.path).join(', ')
  if (keys.length === 0) {
    const isEmpty = files.every((file) => file.size === 0)
    throw new PypeError(isEmpty ? 'EMPTY_FILE' : 'SCHEMA_MISMATCH', `${path} ${isEmpty ? 'is empty' : 'has no records with fields'}.`, {
      hint: 'what has no fields needs the config columns with names and types',
    })
  }
  const missing = wanted.filter((name) => !keys.includes(name))
  if (missing.length > 0)
    throw new PypeError('SCHEMA_MISMATCH', `${files[0]?.path} lacks ${missing.join(', ')}. Found: ${keys.join(', ')}.`, {
      hint: 'mend the config columns',
    })
  const seen = new Map<string, string>()
  for (const name of wanted) {
    const other = seen.get(name.toLowerCase())
    if (other !== undefined) {
      throw new PypeError(
        'SCHEMA_MISMATCH',
        `The records of ${path} have the fields "${other}" and "${name}", which differ only by case.`,
        {
          hint: 'name the fields to read in the config columns, at most one of the two',
        },
      )
    }
    seen.set(name.toLowerCase(), name)
  }
}

/** The types that the engine finds for fields of the sample. It finds them for files, so the sample becomes one for a moment. */
async function inferTypes(
  names: readonly string[],
  sample: string,
  files: readonly JsonFile[],
  { session, scratchDir, signal }: ScanEnvironment,
): Promise<Column[]> {
  const id = createHash('sha256')
    .update(JSON.stringify([files.map(({ path }) => path), names]))
    .digest('hex')
    .slice(0, 16)
  const path = join(scratchDir, `${id}.sample.json`)
  await mkdir(scratchDir, { recursive: true })
  try {
    const items = names.map((name, i) => `${fieldJson(name)} AS c${i}`)
    await session.run(`COPY (SELECT ${items.join(', ')} FROM ${sample}) TO ${quoteText(path)} (FORMAT json)`, signal)
    const maps = names.length > MAX_FIELDS_BESIDE_MAPS ? ', map_inference_threshold = -1' : ''
    const found = await describe(
      session,
      `SELECT * FROM read_json(${quoteText(path)}, format = 'newline_delimited', records = 'true', sample_size = -1${maps})`,
      signal,
    )
    const types = new Map(found.map(({ name, type }) => [name, type]))
    return names.map((name, i) => ({ name, type: types.get(`c${i}`) ?? 'JSON' }))
  } finally {
    await rm(path, { force: true })
  }
}

/** The columns with types that lose nothing of the sample: others stay text, or JSON. */
async function keepTrue(
  columns: readonly Column[],
  sample: string,
  files: readonly JsonFile[],
  { session, warn, signal }: ScanEnvironment,
): Promise<readonly Column[]> {
  const tests = columns.flatMap((column, i) => [
    some(fieldMisfit(column), `misfit${i}`),
    some(column.type === 'TIMESTAMP' ? fieldMisfit({ ...column, type: ZONED }) : 'TRUE', `unzoned${i}`),
    some(hasWideInteger(column), `wide${i}`),
  ])
  const row = (await (await session.run(`SELECT ${tests.join(', ')} FROM ${sample}`, signal)).getRowObjectsJS())[0] ?? {}
  return columns.map(({ name, type }, i) => {
    if (row[`misfit${i}`] === true && row[`unzoned${i}`] !== true) return { name, type: ZONED }
    if (row[`misfit${i}`] !== true && row[`wide${i}`] !== true) return { name, type }
    const reason = row[`wide${i}`] === true ? 'its integers do not fit 64 bits' : `not all of its values are ${type}`
    const stays = isNested(type) ? 'JSON' : 'text'
    warn(`Column "${name}" of ${files[0]?.path} stays ${stays}: ${reason}. Declare its type in the config columns.`)
    return { name, type: isNested(type) ? 'JSON' : 'VARCHAR' }
  })
}

const ZONED = 'TIMESTAMP WITH TIME ZONE'

/** Integers that no integer type holds would lose digits as DOUBLE. */
function hasWideInteger({ name, type }: Column): string {
  if (type !== 'DOUBLE' && type !== 'HUGEINT' && type !== 'UBIGINT') return 'FALSE'
  return `regexp_matches(${fieldText(name)}, '^-?[0-9]{18,}$') AND TRY_CAST(${fieldText(name)} AS BIGINT) IS NULL`
}

function some(condition: string, name: string): string {
  return `coalesce(bool_or(${condition}), FALSE) AS ${name}`
}
