import { type PlacedFile, PypeError } from '../../core/errors.js'
import type { ModuleDefinition } from '../../sdk/define-module.js'
import type { SubFlowPlace } from '../checkpoint/commit/sub-flow-place.js'
import type { DatabaseConnections } from '../database-connections/database-connections.js'
import type { Executor } from '../execution/executor.js'
import type { Lookup } from '../templating/lookup.js'
import type { Refill } from './refill.js'
import type { Refiller } from './refill-database.js'
import { resolveRefill } from './resolve-refill.js'

/** What sinks are run again with. */
export interface RefillerDeps {
  readonly executor: Pick<Executor, 'runSinkAgain'>
  readonly connections: DatabaseConnections
  /** By id of the node. */
  readonly definitions: ReadonlyMap<string, ModuleDefinition>
  /** What is looked up as it is now: secrets and the environment. */
  readonly lookup: Lookup
  readonly scratchFolder: string
  /** The flow file that messages refer to. */
  readonly flow: PlacedFile
}

/** Runs the sinks of a sub flow again. */
export function createRefiller(deps: RefillerDeps, { subFlow, frame }: SubFlowPlace): Refiller {
  const { executor, connections, definitions, lookup, scratchFolder, flow } = deps
  return {
    databaseOf: (connection) => connections.databaseOf(connection),
    scratchFolder,
    runSink: async (refill: Refill, staging, signal) => {
      const definition = definitions.get(refill.node.id)
      if (definition === undefined) throw new PypeError('INTERNAL', `The module of ${refill.node.id} is not loaded.`)
      const config = resolveRefill(refill, definition, lookup, connections, flow)
      await executor.runSinkAgain({ refill, subFlow, frame, staging, signal, config })
    },
  }
}
