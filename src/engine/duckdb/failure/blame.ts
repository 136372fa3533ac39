import { type PypeError, toCodedError } from '../../../core/errors.js'
import type { Relation } from '../../../sdk/relation.js'
import type { RelationNames } from '../../engine.js'

/** The error with the node whose port the relation is. */
export function blame(error: unknown, relation: Relation, names: RelationNames): PypeError {
  const known = toCodedError(error)
  const name = names.get(relation)
  return name === undefined ? known : known.with({ node: name.replace(/\.[^.#]*(?=$|#)/, '') })
}
