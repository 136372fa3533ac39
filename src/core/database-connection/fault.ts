import { PypeError } from '../errors.js'

/** A connection to a database that cannot be read. Neither its message nor what was found holds a password. */
export class ConnectionFault extends PypeError {
  /** What was found in place of a connection, in words that fit behind "got". */
  readonly found: string

  constructor(found: string, hint: string) {
    super('DATABASE_CONNECTION_INVALID', `A connection to a database is expected, and there is ${found}.`, { hint })
    this.name = 'ConnectionFault'
    this.found = found
  }
}
