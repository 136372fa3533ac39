import { PypeError } from '../../../core/errors.js'
import type { Column, QueryRelation, Relation } from '../../../sdk/relation.js'
import { inputsOf } from '../../../sdk/relation.js'
import { QueryError } from '../../sql-place.js'
import type { Session } from '../session.js'
import { emptyRelation, queryPieces } from '../statement/compile.js'
import { quoteName, quoteText } from '../statement/literal.js'
import { findMeetings, type Meeting, mayHaveMeetings } from './find-meetings.js'
import type { Table } from './operand.js'
import { findRefusedOrder, placesOfEqualities } from './order-refused.js'
import { placeInQuery } from './place-in-query.js'
import { describeUnlike } from './unlike-meeting.js'
import { findUnreadable } from './unreadable-texts.js'

/** A query that is looked through. */
interface Looked {
  readonly query: QueryRelation
  readonly inputs: readonly Relation[]
  readonly pieces: readonly string[]
}

/**
 * Values in queries that the engine brings to one type by converting them for each row, and that fail on the first one that cannot be
 * converted: `name = 5`, where "name" is text. `columnsOf` tells the columns of the relations that a query reads. One statement for all.
 */
export async function findUnlikeTypes(
  queries: readonly QueryRelation[],
  columnsOf: (input: Relation) => readonly Column[],
  session: Session,
): Promise<ReadonlyMap<QueryRelation, readonly PypeError[]>> {
  const looked = queries.map(prepare).filter(({ pieces }) => mayHaveMeetings(pieces.join('')))
  if (looked.length === 0) return new Map()
  const texts = looked.map(({ pieces }, i) => `(${i}, ${quoteText(pieces.join(''))})`)
  const result = await session.run(`SELECT i, json_serialize_sql(sql) FROM (VALUES ${texts.join(', ')}) AS v(i, sql)`)
  const trees = new Map((await result.getRows()).map(([i, tree]): [number, unknown] => [Number(i), JSON.parse(String(tree))]))
  const meetings = looked.map(({ inputs }, i) => {
    const tables = new Map(inputs.map((input, k) => [inputName(k), typesOf(columnsOf(input))]))
    return findMeetings(trees.get(i), tables)
  })
  const unreadable = await findUnreadable(meetings.flat(), session)
  const found = new Map<QueryRelation, readonly PypeError[]>()
  for (const [i, one] of looked.entries()) {
    const errors = listErrors(one, meetings[i] ?? [], unreadable)
    const places = errors.length > 0 ? [] : placesOfEqualities(trees.get(i))
    const refused =
      places.length > 0 && (await findRefusedOrder(one.pieces.join(''), places, namesOfInputs(one.inputs.map(columnsOf)), session))
    found.set(one.query, refused ? [place(refused.error, refused.bytes, one)] : errors)
  }
  return found
}

function prepare(query: QueryRelation): Looked {
  const inputs = inputsOf(query)
  return { query, inputs, pieces: queryPieces(query, (input) => quoteName(inputName(inputs.indexOf(input)))) }
}

function listErrors(looked: Looked, meetings: readonly Meeting[], unreadable: ReadonlySet<string>): readonly PypeError[] {
  const unlike = meetings.flatMap((meeting) => describeUnlike(meeting, unreadable) ?? [])
  // `CASE a WHEN 1 THEN … WHEN 2 THEN …` compares one column several times.
  const first = unlike.filter(({ bytes }, i) => bytes === undefined || unlike.findIndex((each) => each.bytes === bytes) === i)
  return first.map(({ message, hint, bytes }) => place(new PypeError('SQL_INVALID', message, { hint }), bytes, looked))
}

function place(error: PypeError, bytes: number | undefined, { query, pieces }: Looked): PypeError {
  const at = bytes === undefined ? undefined : placeInQuery(query.parts, pieces, bytes)
  return at === undefined ? error : new QueryError(error, at)
}

function inputName(index: number): string {
  return `pype_input_${index}`
}

/** Makes the inputs of a query known by their names, without rows. */
function namesOfInputs(inputs: readonly (readonly Column[])[]): string {
  const tables = inputs.map((columns, i) => `${quoteName(inputName(i))} AS (SELECT * FROM ${emptyRelation(columns)})`)
  return tables.length === 0 ? '' : `WITH ${tables.join(', ')}`
}

function typesOf(columns: readonly Column[]): Table {
  return new Map(columns.map(({ name, type }) => [name.toLowerCase(), type]))
}
