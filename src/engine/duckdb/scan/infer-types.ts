import type { Column } from '../../../sdk/relation.js'
import { type Session, throwIfAborted } from '../session.js'
import { quoteName, quoteText } from '../statement/literal.js'
import { type TextFormat, wholeDigits } from './number-text.js'
import { misfit } from './strict-cast.js'

/** Rows that inference looks at. What does not fit later is a bad row, never a silent change. */
export const SAMPLE_ROWS = 20_480

/** The time to plan a statement grows with the square of its columns, and it cannot be interrupted. */
const COLUMNS_AT_ONCE = 50
const SAMPLE_TABLE = 'inferred_sample'

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
  const row = await measure(session, texts, names, format, signal)
  const columns = names.map((name, i) => ({
    name,
    type: row[`seen_${i}`] === true ? decide((key) => row[`${key}_${i}`] === true) : 'VARCHAR',
  }))
  const undecided = names.flatMap((column, i) => {
    const reason = columns[i]?.type === 'VARCHAR' && row[`seen_${i}`] === true ? doubt((key) => row[`${key}_${i}`] === true) : undefined
    if (reason === undefined) return []
    const remedy =
      reason === DATES_IN_DOUBT
        ? 'Declare its type in the config columns, and date_format for its dates.'
        : 'Declare its type in the config columns.'
    return [{ column, reason, remedy }]
  })
  return { columns, undecided, unseen: new Set(names.filter((_, i) => row[`seen_${i}`] !== true)) }
}

/** What is true of each column of the sample: the names of the {@link measuresOf} it, with its number. */
async function measure(
  session: Session,
  texts: string,
  names: readonly string[],
  format: TextFormat,
  signal: AbortSignal,
): Promise<{ readonly [measure: string]: unknown }> {
  const sample = `SELECT * FROM (${texts}) LIMIT ${SAMPLE_ROWS}`
  const measures = names.map((name, i) => measuresOf(quoteName(name), i, format).join(', '))
  return session.use(async (connection) => {
    const select = async (columns: readonly string[], from: string) =>
      (await connection.runAndReadAll(`SELECT ${columns.join(', ')} FROM ${from}`)).getRowObjectsJS()[0] ?? {}
    if (names.length <= COLUMNS_AT_ONCE) return select(measures, `(${sample})`)
    // The table belongs to the connection.
    await connection.run(`CREATE OR REPLACE TEMP TABLE ${SAMPLE_TABLE} AS ${sample}`)
    const row: { [measure: string]: unknown } = {}
    for (let i = 0; i < measures.length; i += COLUMNS_AT_ONCE) {
      throwIfAborted(signal)
      Object.assign(row, await select(measures.slice(i, i + COLUMNS_AT_ONCE), SAMPLE_TABLE))
    }
    await connection.run(`DROP TABLE ${SAMPLE_TABLE}`)
    return row
  }, signal)
}

function measuresOf(text: string, i: number, format: TextFormat): string[] {
  const whole = `[+-]?${wholeDigits('[0-9]+', format)}`
  const number = `(${whole}([${format.decimal}][0-9]*)?|[+-]?[${format.decimal}][0-9]+)([eE][+-]?[0-9]+)?`
  const every = (condition: string, key: string) => `bool_and(${condition}) AS ${quoteName(`${key}_${i}`)}`
  const some = (condition: string, key: string) => `coalesce(bool_or(${condition}), FALSE) AS ${quoteName(`${key}_${i}`)}`
  const fits = CANDIDATES.map((type, k) => every(`NOT coalesce(${misfit(text, type, format)}, FALSE)`, `fits${k}`))
  return [
    ...fits,
    some(`${text} IS NOT NULL`, 'seen'),
    every(`${text} IS NULL OR lower(${text}) IN ('true', 'false')`, 'words'),
    every(`${text} IS NULL OR regexp_full_match(${text}, ${quoteText(whole)})`, 'integers'),
    every(`${text} IS NULL OR regexp_full_match(${text}, ${quoteText(number)})`, 'numbers'),
    some(`regexp_matches(${text}, '^[+-]?0[0-9]')`, 'zeros'),
    some(`length(regexp_replace(regexp_replace(${text}, '[eE].*$', ''), '^0+|[^0-9]', '', 'g')) > 17`, 'long'),
    every(`${text} IS NULL OR regexp_matches(${text}, '^[0-9]{1,2}[./-][0-9]{1,2}[./-][0-9]{2,4}')`, 'days'),
    every(`${text} IS NULL OR length(${text}) >= 8`, 'full'),
  ]
}

function decide(is: (key: string) => boolean): string {
  const fits = (type: (typeof CANDIDATES)[number]) => is(`fits${CANDIDATES.indexOf(type)}`)
  if (is('words') && fits('BOOLEAN')) return 'BOOLEAN'
  if (is('integers')) return fits('BIGINT') && !is('zeros') ? 'BIGINT' : 'VARCHAR'
  if (is('numbers')) return fits('DOUBLE') && !is('zeros') && !is('long') ? 'DOUBLE' : 'VARCHAR'
  if (!is('full')) return 'VARCHAR'
  if (fits('DATE')) return 'DATE'
  if (fits('TIMESTAMP')) return 'TIMESTAMP'
  if (fits('TIMESTAMP WITH TIME ZONE')) return 'TIMESTAMP WITH TIME ZONE'
  return fits('TIME') ? 'TIME' : 'VARCHAR'
}

const DATES_IN_DOUBT = 'its dates may be day first or month first'

function doubt(is: (key: string) => boolean): string | undefined {
  if (is('zeros') && is('numbers')) return 'its numbers have leading zeros'
  if (is('integers')) return 'its integers do not fit 64 bits'
  if (is('numbers')) return 'its numbers have more digits than a DOUBLE holds'
  if (is('days')) return DATES_IN_DOUBT
  return undefined
}
