import type { RecordBatch, Table } from 'apache-arrow'
import { PypeError } from '../../../core/errors.js'
import { fieldOf, isObject } from '../../../core/json.js'
import { listShort } from '../../../core/list-short.js'
import type { Row } from '../../../sdk/artifact.js'
import type { Column } from '../../../sdk/relation.js'
import { duckdb } from '../duckdb.js'
import { clip } from '../failure/clip.js'
import { strictValue } from '../scan/strict-value.js'
import { type Session, throwIfAborted } from '../session.js'
import { quoteName } from '../statement/literal.js'
import { textOfValue, typeOfValue } from '../statement/value-text.js'

/** Rows as the code of a module puts them out. */
export type RowSource = Table | AsyncIterable<RecordBatch> | Iterable<object> | AsyncIterable<object>

/** Rows of one data chunk: the engine's own limit. */
const CHUNK_ROWS = 2048

/** Brings rows of module code into a table of texts; returns the columns with the types that they are to have. */
export async function ingestTexts(
  session: Session,
  table: string,
  columns: readonly Column[] | null,
  source: RowSource,
  signal: AbortSignal,
): Promise<readonly Column[]> {
  if (columns !== null) checkColumns(columns)
  const rows = toRows(source)[Symbol.asyncIterator]()
  let next = await rows.next()
  const typed = columns ?? (await schemaOf(source)) ?? inferColumns(next.done === true ? undefined : next.value)
  const connection = await session.connect()
  try {
    await connection.run(`CREATE TABLE ${quoteName(table)} (${typed.map((column) => `${quoteName(column.name)} VARCHAR`).join(', ')})`)
    const appender = await connection.createAppender(table)
    const types = typed.map(() => duckdb.VARCHAR)
    while (next.done !== true) {
      throwIfAborted(signal)
      const texts: (string | null)[][] = typed.map(() => [])
      for (let i = 0; i < CHUNK_ROWS && next.done !== true; i++, next = await rows.next()) addRow(texts, typed, next.value)
      const chunk = duckdb.DuckDBDataChunk.create(types, texts[0]?.length ?? 0)
      chunk.setColumns(texts)
      appender.appendDataChunk(chunk)
    }
    appender.closeSync()
  } finally {
    await rows.return?.(undefined)
    connection.closeSync()
  }
  return typed
}

/** The table of texts with each column in its own type. */
export function selectTyped(table: string, columns: readonly Column[]): string {
  const items = columns.map(({ name, type }) => `${strictValue(quoteName(name), type)} AS ${quoteName(name)}`)
  return `SELECT ${items.join(', ')} FROM ${quoteName(table)}`
}

/** Modules in JavaScript, and those in TypeScript that nothing has checked, may give anything. */
function checkColumns(columns: unknown): void {
  const isList = Array.isArray(columns) && columns.length > 0
  if (isList && columns.every((column: unknown) => isObject(column) && isName(column.name) && isName(column.type))) return
  throw new PypeError('MODULE_FAILED', `The columns of a port are ${clip(JSON.stringify(columns) ?? 'undefined')}; expected is a list.`, {
    hint: "give the columns as a list of names and types: [{ name: 'id', type: 'BIGINT' }]",
  })
}

function isName(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}

function addRow(texts: (string | null)[][], columns: readonly Column[], row: Row): void {
  for (const name of Object.keys(row)) {
    if (!columns.some((column) => column.name === name)) {
      throw new PypeError(
        'SCHEMA_MISMATCH',
        `A row has the column "${name}"; expected are ${listShort(columns.map((column) => column.name))}.`,
        { hint: 'declare all columns with the rows, or leave this one out' },
      )
    }
  }
  columns.forEach((column, c) => {
    const value = fieldOf(row, column.name) ?? null
    texts[c]?.push(value === null ? null : textOfValue(value))
  })
}

function inferColumns(row: Row | undefined): readonly Column[] {
  if (row === undefined)
    throw new PypeError('MODULE_FAILED', 'A port got no rows and no columns.', {
      hint: 'return { columns, rows } so that the columns are known',
    })
  return Object.entries(row).map(([name, value]) => ({ name, type: typeOfValue(value) }))
}

async function schemaOf(source: RowSource): Promise<readonly Column[] | undefined> {
  if (!isTable(source)) return undefined
  const { Type } = await import('apache-arrow')
  const named = new Map<number, string>([
    [Type.Bool, 'BOOLEAN'],
    [Type.Float, 'DOUBLE'],
    [Type.Date, 'DATE'],
    [Type.Timestamp, 'TIMESTAMP'],
    [Type.Int, 'BIGINT'],
  ])
  return source.schema.fields.map((field) => ({ name: field.name, type: named.get(field.type.typeId) ?? 'VARCHAR' }))
}

function isTable(source: RowSource): source is Table {
  return 'schema' in source && 'batches' in source
}

async function* toRows(source: RowSource): AsyncGenerator<Row> {
  if (isTable(source)) yield* batchRows(source)
  else {
    for await (const piece of source) {
      if (isBatch(piece)) yield* batchRows(piece)
      else yield { ...piece }
    }
  }
}

function isBatch(piece: object): piece is RecordBatch {
  return 'schema' in piece && 'numRows' in piece && 'getChildAt' in piece
}

function* batchRows(batch: Table | RecordBatch): Generator<Row> {
  const fields = batch.schema.fields
  const children = fields.map((_, i) => batch.getChildAt(i))
  for (let i = 0; i < batch.numRows; i++) {
    const row: Record<string, unknown> = {}
    fields.forEach((field, c) => {
      const value: unknown = children[c]?.get(i) ?? null
      row[field.name] = isTime(String(field.type)) && typeof value === 'number' ? new Date(value) : value
    })
    yield row
  }
}

function isTime(type: string): boolean {
  return /^(Date|Timestamp)/.test(type)
}
