import type { Json } from '../../core/json.js'
import type { Connection, DatabaseSession } from '../../sdk/database.js'

/** Reaches the databases of a flow while it is checked. The build does not know how: whoever asks for it brings one along. */
export interface DatabaseConnector {
  /** The connection that a config gives, templates of the context, the environment and secrets filled in. Throws coded errors. */
  resolve(written: Json): Promise<Connection>
  /** To be closed by the caller. */
  session(connection: Connection): Promise<OpenSession>
  /** A text of an error without secrets. */
  mask(text: string): string
  /** Closes all connections. */
  close(): Promise<void>
}

/** A session that can be closed. */
export type OpenSession = DatabaseSession & { close(): Promise<void> }

/** What a connector needs to know of the flow. */
export interface ConnectedFlow {
  readonly name: string
  readonly timeZone: string
}
