import { PypeError } from '../../../core/errors.js'
import { CONNECT_REJECT } from '../../../core/reject-hint.js'
import type { CastRelation, Column, InlineRelation } from '../../../sdk/relation.js'
import type { StatementOptions } from '../../engine.js'
import type { RelationCatalog } from '../relation-catalog.js'
import { castMisfit } from '../scan/strict-cast.js'
import { valueMisfit } from '../scan/strict-value.js'
import type { Session } from '../session.js'
import { declaredColumns, selectTexts } from '../statement/inline.js'
import { quoteName, quoteText } from '../statement/literal.js'
import { runSelect } from '../statement/run-select.js'
import { clip } from './clip.js'

/** A column that is converted, and the SQL condition of a value that does not fit. */
interface Conversion {
  readonly name: string
  readonly type: string
  readonly misfit: string
}

/** The first value that does not fit its declared type, as a coded error; undefined where all fit. */
export async function findBadValue(
  relation: CastRelation | InlineRelation,
  session: Session,
  catalog: RelationCatalog,
  options: StatementOptions,
): Promise<PypeError | undefined> {
  if (relation.kind === 'inline') {
    const conversions = declaredColumns(relation).map(({ name, type }) => ({ name, type, misfit: valueMisfit(quoteName(name), type) }))
    return badValue(selectTexts(relation), conversions, session, options.signal, 'mend the value, or change its type in the config columns')
  }
  const columns = catalog.boundColumns(relation.input)
  const conversions = relation.types.map(({ name, type }) => ({ name, type, misfit: castMisfit(columns, name, type) }))
  const hint = `mend the value, change its type in the config types, or ${CONNECT_REJECT}`
  return runSelect(relation.input, catalog, options, (select, signal) => badValue(select, conversions, session, signal, hint))
}

/** The first text that is no value of its column in rows that the code of a module put out; undefined where all fit. */
export function findBadText(
  table: string,
  columns: readonly Column[],
  session: Session,
  signal: AbortSignal,
): Promise<PypeError | undefined> {
  const conversions = columns.map(({ name, type }) => ({ name, type, misfit: valueMisfit(quoteName(name), type) }))
  const hint = 'for the author of the module: put out values of the type that the columns give, or give the column another type'
  return badValue(`SELECT * FROM ${quoteName(table)}`, conversions, session, signal, hint)
}

async function badValue(
  select: string,
  conversions: readonly Conversion[],
  session: Session,
  signal: AbortSignal,
  hint: string,
): Promise<PypeError | undefined> {
  const which = `CASE ${conversions.map(({ misfit }, i) => `WHEN ${misfit} THEN ${i}`).join(' ')} END`
  const values = conversions.map(({ name }, i) => `WHEN ${i} THEN CAST(_pype_row.${quoteName(name)} AS VARCHAR)`)
  const result = await session.run(
    `SELECT _pype_which, CASE _pype_which ${values.join(' ')} END, CAST(to_json(_pype_row) AS VARCHAR)
     FROM (SELECT ${which} AS _pype_which, _pype_row FROM (${select}) AS _pype_row) WHERE _pype_which IS NOT NULL LIMIT 1`,
    signal,
  )
  const [first, value, row] = (await result.getRows())[0] ?? []
  const conversion = conversions[Number(first)]
  if (conversion === undefined) return undefined
  const { name, type } = conversion
  return new PypeError('BAD_ROW', `Column "${name}": ${quoteText(clip(String(value)))} is no ${type}. The row is: ${clip(String(row))}`, {
    hint,
  })
}
