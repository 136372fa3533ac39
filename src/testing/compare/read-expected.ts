import type { FlowValue } from '../../core/flow.js'
import { parseJson } from '../../core/json.js'
import type { TextSpan } from '../../core/source-text.js'
import type { Engine } from '../../engine/engine.js'
import type { Column, Relation } from '../../sdk/relation.js'
import { inlineRows, scan } from '../../sdk/scan.js'
import { expr, ident, joinSql, rawSql, sql } from '../../sdk/sql.js'
import { formatOfFile } from '../load/read-rows.js'
import type { RowSpec } from '../load/test-file.js'
import { writtenText } from '../load/written-value.js'
import { asText } from '../rehearse/capture-rows.js'
import { type Cell, keyOf, readFound } from './cell.js'
import { kindOfType } from './column-kind.js'

/** A row, with the place of it in the test file where it has one there. */
export interface Row {
  /** In the order of the columns. */
  readonly cells: readonly Cell[]
  readonly at: TextSpan | undefined
}

/** Lends an engine that is opened when it is needed first. */
export type LendEngine = () => Promise<Engine>

/** Reads rows of a test file as values of the columns that were found. A column that a row lacks is NULL there. */
export async function readExpectedRows(specs: readonly RowSpec[], columns: readonly Column[], lend: LendEngine): Promise<readonly Row[]> {
  const rows = specs.map(({ cells }) => {
    const values = new Map(cells.map(({ key, value }) => [key, value]))
    return columns.map(({ name }) => values.get(name))
  })
  const read = await Promise.all(
    columns.map((column, i) =>
      readColumn(
        rows.map((row) => row[i]),
        column,
        lend,
      ),
    ),
  )
  return specs.map(({ at }, row) => ({ cells: read.map((cells) => cells[row] ?? { key: null, text: null }), at }))
}

async function readColumn(values: readonly (FlowValue | undefined)[], { type }: Column, lend: LendEngine): Promise<readonly Cell[]> {
  const kind = kindOfType(type)
  const texts = values.map((value) => (value === undefined ? null : writtenText(value, type)))
  if (kind !== 'other' && kind !== 'nested') return texts.map((text) => ({ key: text === null ? null : keyOf(text, kind), text }))
  const normal = await normalize(texts, type, kind === 'nested', await lend())
  // What is no value of the type is equal to none: it has a key that the engine never writes.
  return texts.map((text, i) => {
    const found = normal[i]
    if (text === null || typeof found === 'string') return readFound(found ?? null, kind)
    return { key: `\0${text}`, text }
  })
}

/** The texts that the engine writes for values that are written in another way: `2025-1-5`, or a list as JSON. */
async function normalize(
  texts: readonly (string | null)[],
  type: string,
  isNested: boolean,
  engine: Engine,
): Promise<readonly (string | null)[]> {
  const given = texts.map((text) => ({ value: text === null || (isNested && parseJson(text) === undefined) ? null : text }))
  if (given.length === 0) return []
  const source = inlineRows(given, { value: 'VARCHAR' })
  const value = isNested
    ? expr`CAST(to_json(TRY_CAST(CAST(value AS JSON) AS ${rawSql(type)})) AS VARCHAR)`
    : expr`CAST(TRY_CAST(value AS ${rawSql(type)}) AS VARCHAR)`
  return (
    await readTexts(engine, sql`SELECT CASE WHEN value IS NULL THEN NULL ELSE ${value} END AS value FROM ${source}`, given.length)
  ).map(([text]) => text ?? null)
}

/** Reads a file with rows as values of the columns that were found. Throws coded errors for what does not fit them. */
export async function readRowsFile(file: string, columns: readonly Column[], lend: LendEngine): Promise<readonly Row[]> {
  const types = Object.fromEntries(columns.map(({ name, type }) => [name, type]))
  const source = scan({ format: formatOfFile(file) ?? 'csv', path: file, columns: types })
  const rows = await readTexts(await lend(), sql`SELECT ${joinSql(columns.map(asText))} FROM ${source}`, MOST_ROWS)
  return rows.map((texts) => ({ cells: columns.map(({ type }, i) => readFound(texts[i] ?? null, kindOfType(type))), at: undefined }))
}

/** More rows than anybody compares in a test. */
const MOST_ROWS = 10_000_000

/** The columns of types that are written in any way (`INT`, `TEXT`), as the engine writes them. Throws SQL_INVALID. */
export async function nameTypes(columns: readonly Column[], lend: LendEngine): Promise<readonly Column[]> {
  const items = columns.map(({ name, type }) => expr`CAST(NULL AS ${rawSql(type)}) AS ${ident(name)}`)
  return (await lend()).columns(sql`SELECT ${joinSql(items)}`, statement())
}

async function readTexts(engine: Engine, relation: Relation, limit: number): Promise<readonly (readonly (string | null)[])[]> {
  const rows = await engine.head(relation, limit, statement())
  return rows.map((row) => Object.values(row).map((text) => (text === null || text === undefined ? null : String(text))))
}

function statement() {
  return { names: new Map(), signal: new AbortController().signal }
}
