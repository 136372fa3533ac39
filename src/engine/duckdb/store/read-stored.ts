import type { DuckDBValue } from '@duckdb/node-api'
import type { DataType, RecordBatch } from 'apache-arrow'
import { PypeError } from '../../../core/errors.js'
import type { Row } from '../../../sdk/artifact.js'
import type { Column, StoredRelation } from '../../../sdk/relation.js'
import { type Session, throwIfAborted } from '../session.js'
import { fromStored } from '../statement/compile.js'
import { quoteName } from '../statement/literal.js'

const NUMBERS = /^(U?(TINYINT|SMALLINT|INTEGER)|DOUBLE|FLOAT)$/
const INTEGERS_64 = /^U?BIGINT$/

/** The columns in the types that JavaScript holds exactly; everything else as text. */
export function exactColumns(columns: readonly Column[]): string {
  return columns
    .map(({ name, type }) => {
      if (NUMBERS.test(type) || INTEGERS_64.test(type) || type === 'BOOLEAN' || type === 'VARCHAR') return quoteName(name)
      return `${/[[(]/.test(type) && !/^(DECIMAL|ENUM)/.test(type) ? `CAST(to_json(${quoteName(name)}) AS VARCHAR)` : `CAST(${quoteName(name)} AS VARCHAR)`} AS ${quoteName(name)}`
    })
    .join(', ')
}

/** A value as it stands in a {@link Row}. */
export function exactValue(value: DuckDBValue): unknown {
  if (typeof value !== 'bigint') return value
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}

/** Column arrays of the stored rows, chunk by chunk. The engine ends a stream silently when it fails, so the rows are counted. */
async function* readChunks(session: Session, stored: StoredRelation, signal: AbortSignal): AsyncGenerator<DuckDBValue[][]> {
  const statement = `SELECT ${exactColumns(stored.columns)} FROM ${fromStored(stored)}`
  const connection = await session.connect()
  try {
    const result = await connection.stream(statement)
    let rows = 0
    for (;;) {
      throwIfAborted(signal)
      const chunk = await result.fetchChunk()
      if (chunk === null || chunk.rowCount === 0) break
      rows += chunk.rowCount
      yield chunk.getColumns()
    }
    throwIfAborted(signal)
    if (rows !== stored.rows)
      throw new PypeError('SQL_FAILED', `Reading stored rows ended after ${rows} of ${stored.rows}.`, { hint: 'run it again' })
  } finally {
    connection.closeSync()
  }
}

/** All rows as objects, in order. */
export async function* readRows(session: Session, stored: StoredRelation, signal: AbortSignal): AsyncGenerator<Row> {
  const names = stored.columns.map((column) => column.name)
  for await (const columns of readChunks(session, stored, signal)) {
    const count = columns[0]?.length ?? 0
    for (let i = 0; i < count; i++) {
      const row: Record<string, unknown> = {}
      names.forEach((name, c) => {
        row[name] = exactValue(columns[c]?.[i] ?? null)
      })
      yield row
    }
  }
}

/** All rows as record batches, in order: numbers, booleans and integers of 64 bits as such, everything else as text. No rows are one empty batch, which has the columns. */
export async function* readBatches(session: Session, stored: StoredRelation, signal: AbortSignal): AsyncGenerator<RecordBatch> {
  const arrow = await import('apache-arrow')
  const typeOf = (type: string): DataType => {
    if (type === 'BOOLEAN') return new arrow.Bool()
    if (type === 'DOUBLE' || type === 'FLOAT') return new arrow.Float64()
    if (type === 'UBIGINT') return new arrow.Uint64()
    if (type === 'BIGINT') return new arrow.Int64()
    if (type === 'UINTEGER') return new arrow.Uint32()
    return NUMBERS.test(type) ? new arrow.Int32() : new arrow.Utf8()
  }
  const types = stored.columns.map((column) => typeOf(column.type))
  const schema = new arrow.Schema(
    stored.columns.map((column, i) => arrow.Field.new({ name: column.name, type: types[i] ?? new arrow.Utf8(), nullable: true })),
  )
  const toBatch = (columns: readonly (readonly DuckDBValue[])[]) => {
    const vectors = columns.map((values, i) => arrow.vectorFromArray(values, types[i] ?? new arrow.Utf8()))
    const children = vectors.flatMap((vector) => vector.data.slice(0, 1))
    const data = arrow.makeData({ type: new arrow.Struct(schema.fields), length: columns[0]?.length ?? 0, nullCount: 0, children })
    return new arrow.RecordBatch(schema, data)
  }
  let isEmpty = true
  for await (const columns of readChunks(session, stored, signal)) {
    isEmpty = false
    yield toBatch(columns)
  }
  if (isEmpty) yield toBatch(types.map(() => []))
}
