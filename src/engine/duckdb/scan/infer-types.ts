import type { DuckDBConnection } from '@duckdb/node-api'
import type { Column } from '../../../sdk/relation.js'
import { type Session, throwIfAborted } from '../session.js'
import { quoteName, quoteText } from '../statement/literal.js'
import { type TextFormat, wholeDigits } from './number-text.js'
import { misfit } from './strict-cast.js'

/** Rows that inference looks at. What does not fit later is a bad row, never a silent change. */
export const SAMPLE_ROWS = 20_480

const SAMPLE_TABLE = 'inferred_sample'
/** Columns whose values are turned into rows by one statement: so much of the sample is in memory twice. */
const COLUMNS_AT_ONCE = 500
/** Most columns that do not fit a type show it in these: a conversion that fails takes long. */
const FIRST_ROWS = 100

/** In the order in which they are tried; a column that fits none stays text. */
const CANDIDATES = ['BOOLEAN', 'BIGINT', 'DOUBLE', 'DATE', 'TIMESTAMP', 'TIMESTAMP WITH TIME ZONE', 'TIME'] as const

/** Why a column that looks like something else stays text. */
export interface Undecided {
  readonly column: string
  readonly reason: string
  /** What the user can do. */
  readonly remedy: string
}

/**
 * Types for the columns of a relation of texts, decided over its first rows; `unseen` are those without a value in them. A column whose meaning cannot be known stays
 * text: dates with day and month in doubt, integers beyond 64 bits, numbers with leading zeros or more digits than a DOUBLE holds.
 */
export async function inferTypes(
  session: Session,
  texts: string,
  names: readonly string[],
  format: TextFormat,
  signal: AbortSignal,
): Promise<{ columns: Column[]; undecided: Undecided[]; unseen: ReadonlySet<string> }> {
  if (names.length === 0) return { columns: [], undecided: [], unseen: new Set() }
  const looks = await look(session, texts, names, format, signal)
  const undecided = looks.flatMap(({ name, type, shape }) => {
    const reason = type === undefined && shape.seen ? doubt(shape) : undefined
    if (reason === undefined) return []
    const remedy =
      reason === DATES_IN_DOUBT
        ? 'Declare its type in the config columns, and date_format for its dates.'
        : 'Declare its type in the config columns.'
    return [{ column: name, reason, remedy }]
  })
  return {
    columns: looks.map(({ name, type = 'VARCHAR' }) => ({ name, type })),
    undecided,
    unseen: new Set(looks.flatMap(({ name, shape }) => (shape.seen ? [] : [name]))),
  }
}

/** What is known of a column; without a type as long as none has been found that fits. */
interface Look {
  readonly name: string
  readonly shape: Shape
  type?: string
}

/** How the values of a column look; each but `seen`, `zeros` and `long` is true of all of them. */
interface Shape {
  readonly seen: boolean
  readonly words: boolean
  readonly integers: boolean
  readonly numbers: boolean
  readonly zeros: boolean
  readonly long: boolean
  readonly days: boolean
  readonly full: boolean
}

/** Looks at a sample of the rows: at the shape of all values, then whether they fit the types that have this shape. */
async function look(
  session: Session,
  texts: string,
  names: readonly string[],
  format: TextFormat,
  signal: AbortSignal,
): Promise<readonly Look[]> {
  return session.use(async (connection) => {
    // The table belongs to the connection.
    const sample = await connection.run(`CREATE OR REPLACE TEMP TABLE ${SAMPLE_TABLE} AS SELECT * FROM (${texts}) LIMIT ${SAMPLE_ROWS}`)
    const rows = Number((await sample.getRows())[0]?.[0])
    const looksAt = rows > FIRST_ROWS ? [FIRST_ROWS, rows] : [rows]
    const looks: Look[] = []
    for (let i = 0; i < names.length; i += COLUMNS_AT_ONCE) {
      const some = names.slice(i, i + COLUMNS_AT_ONCE)
      const shapes = await measure(connection, some, shapeOf('v', format), rows, signal)
      const found = shapes.map((shape, k): Look => ({ name: some[k] ?? '', shape: readShape(shape) }))
      for (const type of CANDIDATES) {
        const fits = `bool_and(NOT coalesce(${misfit('v', type, format)}, FALSE)) AS fits`
        let open = found.filter((each) => each.type === undefined && hasShapeOf(type, each.shape))
        for (const limit of looksAt) {
          const columns = open.map(({ name }) => name)
          const fitting = await measure(connection, columns, fits, limit, signal)
          open = open.filter((_, k) => fitting[k]?.['fits'] === true)
        }
        for (const each of open) each.type = type
      }
      looks.push(...found)
    }
    await connection.run(`DROP TABLE ${SAMPLE_TABLE}`)
    return looks
  }, signal)
}

type Measured = { readonly [aggregate: string]: unknown }

/**
 * The aggregates of the values `v` of each column in the first rows of the sample. Columns are turned into rows first, so that a statement has each aggregate once: the
 * time to plan it would grow with the square of their number, and planning cannot be interrupted.
 */
async function measure(
  connection: DuckDBConnection,
  columns: readonly string[],
  aggregates: string,
  rows: number,
  signal: AbortSignal,
): Promise<readonly Measured[]> {
  throwIfAborted(signal)
  if (columns.length === 0) return []
  const list = columns.map(quoteName).join(', ')
  const values = `SELECT unnest([${columns.map((_, i) => i).join(', ')}]) AS i, unnest([${list}]) AS v FROM (SELECT ${list} FROM ${SAMPLE_TABLE} LIMIT ${rows})`
  const result = await connection.runAndReadAll(`SELECT i, ${aggregates} FROM (${values}) GROUP BY i`)
  const byColumn = new Map(result.getRowObjectsJS().map((measured) => [measured['i'], measured]))
  // A file without rows has no values.
  return columns.map((_, i) => byColumn.get(i) ?? {})
}

/** The aggregates that tell the {@link Shape} of texts. */
function shapeOf(text: string, format: TextFormat): string {
  const whole = `[+-]?${wholeDigits('[0-9]+', format)}`
  const number = `(${whole}([${format.decimal}][0-9]*)?|[+-]?[${format.decimal}][0-9]+)([eE][+-]?[0-9]+)?`
  const every = (condition: string, key: keyof Shape) => `bool_and(${text} IS NULL OR ${condition}) AS ${quoteName(key)}`
  const some = (condition: string, key: keyof Shape) => `coalesce(bool_or(${condition}), FALSE) AS ${quoteName(key)}`
  return [
    some(`${text} IS NOT NULL`, 'seen'),
    every(`lower(${text}) IN ('true', 'false')`, 'words'),
    every(`regexp_full_match(${text}, ${quoteText(whole)})`, 'integers'),
    every(`regexp_full_match(${text}, ${quoteText(number)})`, 'numbers'),
    some(`regexp_matches(${text}, '^[+-]?0[0-9]')`, 'zeros'),
    some(`length(regexp_replace(regexp_replace(${text}, '[eE].*$', ''), '^0+|[^0-9]', '', 'g')) > 17`, 'long'),
    every(`regexp_matches(${text}, '^[0-9]{1,2}[./-][0-9]{1,2}[./-][0-9]{2,4}')`, 'days'),
    every(`length(${text}) >= 8`, 'full'),
  ].join(', ')
}

function readShape(measured: Measured): Shape {
  const is = (key: keyof Shape) => measured[key] === true
  return {
    seen: is('seen'),
    words: is('words'),
    integers: is('integers'),
    numbers: is('numbers'),
    zeros: is('zeros'),
    long: is('long'),
    days: is('days'),
    full: is('full'),
  }
}

/** Whether a column may be of a type by its shape. */
function hasShapeOf(type: (typeof CANDIDATES)[number], shape: Shape): boolean {
  if (!shape.seen) return false
  switch (type) {
    case 'BOOLEAN':
      return shape.words
    case 'BIGINT':
      return shape.integers && !shape.zeros
    case 'DOUBLE':
      return shape.numbers && !shape.integers && !shape.zeros && !shape.long
    default:
      return shape.full && !shape.numbers
  }
}

const DATES_IN_DOUBT = 'its dates may be day first or month first'

function doubt({ zeros, numbers, integers, days }: Shape): string | undefined {
  if (zeros && numbers) return 'its numbers have leading zeros'
  if (integers) return 'its integers do not fit 64 bits'
  if (numbers) return 'its numbers have more digits than a DOUBLE holds'
  if (days) return DATES_IN_DOUBT
  return undefined
}
