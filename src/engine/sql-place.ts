import { PypeError } from '../core/errors.js'

/** Where in an SQL text of a module or a flow an error lies. */
export interface SqlPlace {
  /** The piece of the query that has it, as the module was given it. */
  readonly text: string
  /** In UTF-16 units, in that piece. */
  readonly offset: number
  readonly length: number
}

/** An error in a query that was bound on its own, with its place in the text where the engine tells it. */
export class QueryError extends PypeError {
  readonly place: SqlPlace

  constructor(error: PypeError, place: SqlPlace) {
    super(error.code, error.message, error)
    this.place = place
  }
}
