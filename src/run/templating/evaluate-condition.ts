import type { ControlConnection } from '../../core/dag.js'
import { type PlacedFile, PypeError } from '../../core/errors.js'
import type { Engine } from '../../engine/engine.js'
import type { Lookup } from './lookup.js'
import { renderSql } from './render.js'

/** Evaluates the condition of a connection; its values stand as parameters beside the text. Throws with its place in `flow`. */
export async function evaluateCondition(
  connection: ControlConnection,
  engine: Engine,
  lookup: Lookup,
  flow: PlacedFile,
  signal: AbortSignal,
): Promise<boolean | null> {
  try {
    return await engine.condition(renderSql(connection.condition ?? 'TRUE', lookup), signal)
  } catch (error) {
    if (!(error instanceof PypeError)) throw error
    const message = `The condition of ${connection.from} to ${connection.to} cannot be evaluated: ${error.message}`
    const hint = hintFor(error)
    throw new PypeError(error.code, message, { at: { ...flow, ...connection.place }, node: connection.from, hint, cause: error })
  }
}

/** The engine speaks of expressions over rows. */
function hintFor({ code, hint }: PypeError): string | undefined {
  if (code === 'SQL_INVALID')
    return 'a condition is true or false, and has no columns: it compares values, for example {{load__row_count}} > 0'
  return code === 'SQL_FAILED' ? 'mend the condition, or see to it that it can take the values in it' : hint
}
