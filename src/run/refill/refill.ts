import type { DagNode } from '../../core/dag.js'
import type { Json } from '../../core/json.js'
import type { SealedConnection } from '../../database/database.js'
import type { BoundaryArtifact } from '../artifacts/boundary-file.js'
import type { Found } from '../templating/found.js'

/** A sink that may have to be run again, on the very rows that it has had. */
export interface Refill {
  readonly node: DagNode
  /** The rows at its input ports, by port. */
  readonly inputs: { readonly [port: string]: BoundaryArtifact }
  /** Its configs of type connection. */
  readonly connections: { readonly [config: string]: SealedConnection }
  /** What the templates of its other configs stood for, by template; not those of secrets and of the environment. */
  readonly templates: { readonly [source: string]: Found }
  readonly attempt: number
  readonly item?: Json
  readonly index?: number
  /** Its commit token, the same for each try. */
  readonly token: string
}
