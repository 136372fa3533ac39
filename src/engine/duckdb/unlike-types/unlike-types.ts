import { PypeError } from '../../../core/errors.js'
import { type Column, inputsOf, type QueryRelation, type Relation } from '../../../sdk/relation.js'
import { QueryError } from '../../sql-place.js'
import type { Session } from '../session.js'
import { emptyRelation, queryPieces } from '../statement/compile.js'
import { quoteName, quoteText } from '../statement/literal.js'
import { placeInQuery } from '../syntax/place-in-query.js'
import type { Conversion } from './conversion.js'
import { describeConversion } from './describe-conversion.js'
import { findFailing } from './failing-conversions.js'
import { findConversions, STAND_IN } from './find-conversions.js'
import { readWrittenPlaces } from './written-places.js'

/** A query that is looked through. */
interface Looked {
  readonly query: QueryRelation
  readonly pieces: readonly string[]
  /** What makes its inputs known, without rows. */
  readonly before: string
}

/** What the engine has to convert something for. Anything else it refuses, or has nothing to convert. */
const MAY_CONVERT =
  /['=]|<>|\b(?:and|between|case|coalesce|distinct|except|filter|having|if|ifnull|in|intersect|is|natural|not|nullif|on|or|qualify|union|using|when|where)\b/i

/**
 * Values in queries that the engine brings to one type by converting them for each row, and that fail on the first one that cannot be
 * converted, or become something else: `name = 5`, where "name" is text. `columnsOf` tells the columns of the relations that a query
 * reads. The engine binds the queries and shows its plans, in one statement for all; what it cannot show is left out.
 */
export async function findUnlikeTypes(
  queries: readonly QueryRelation[],
  columnsOf: (input: Relation) => readonly Column[],
  session: Session,
): Promise<ReadonlyMap<QueryRelation, readonly PypeError[]>> {
  const looked = queries.map((query) => prepare(query, columnsOf)).filter(({ pieces }) => MAY_CONVERT.test(pieces.join('')))
  if (looked.length === 0) return new Map()
  const groups = (await planAll(looked, session)).map(([tree, plan], i) =>
    findConversions(plan, readWrittenPlaces(tree, Buffer.byteLength(looked[i]?.before ?? ''))),
  )
  const failing = await findFailing(groups.flat(2), session)
  return new Map(looked.map((one, i) => [one.query, describeAll(groups[i] ?? [], failing, one)]))
}

function prepare(query: QueryRelation, columnsOf: (input: Relation) => readonly Column[]): Looked {
  const inputs = inputsOf(query)
  const nameOf = (input: Relation) => quoteName(`${STAND_IN}${inputs.indexOf(input)}`)
  const tables = inputs.map((input) => `${nameOf(input)} AS (SELECT * FROM ${emptyRelation(columnsOf(input))})`)
  return { query, pieces: queryPieces(query, nameOf), before: `${tables.length === 0 ? '' : `WITH ${tables.join(', ')} `}SELECT * FROM (` }
}

/** The tree of each query and its plan, as the engine has bound it, before it rewrites it. */
async function planAll(looked: readonly Looked[], session: Session): Promise<readonly (readonly [tree: unknown, plan: unknown])[]> {
  const rows = looked.map(({ before, pieces }, i) => `(${i}, ${quoteText(before)}, ${quoteText(`${pieces.join('')}\n`)})`)
  const brief = 'skip_null := true, skip_empty := true, skip_default := true'
  const result = await session.run(
    `SELECT json_serialize_sql(sql, ${brief}), json_serialize_plan(before || sql || ')', ${brief}) FROM (VALUES ${rows.join(', ')}) AS v(i, before, sql) ORDER BY i`,
  )
  return (await result.getRows()).map(([tree, plan]) => [JSON.parse(String(tree)), JSON.parse(String(plan))] as const)
}

/** The first fault of each group. One value is told once, though it may be compared several times: `CASE name WHEN 1 THEN … WHEN 2 THEN …`. */
function describeAll(groups: readonly (readonly Conversion[])[], failing: ReadonlySet<Conversion>, looked: Looked): readonly PypeError[] {
  const faults = groups.flatMap((group) => group.find((conversion) => failing.has(conversion)) ?? [])
  const described = faults.map((conversion) => ({ ...describeConversion(conversion), bytes: conversion.value.bytes }))
  const isSame = (a: (typeof described)[number], b: (typeof described)[number]) =>
    a.bytes === undefined ? a.message === b.message : a.bytes === b.bytes
  const first = described.filter((one, i) => i === described.findIndex((other) => isSame(one, other)))
  return first.map(({ message, hint, bytes }) => place(new PypeError('SQL_INVALID', message, { hint }), bytes, looked))
}

function place(error: PypeError, bytes: number | undefined, { query, pieces, before }: Looked): PypeError {
  const at = bytes === undefined ? undefined : placeInQuery(query.parts, pieces, bytes - Buffer.byteLength(before))
  return at === undefined ? error : new QueryError(error, at)
}
