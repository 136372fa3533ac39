import { setTimeout } from 'node:timers/promises'
import type { Database, OpenDatabase, TokenTransaction } from '../../../../src/database/database.js'
import { bindAll } from './bind-all.js'
import type { FaultPoints } from './fault-points.js'

/** Milliseconds in which a COMMIT is on its way to the server. */
const ON_ITS_WAY = 20

/** Databases at each step of which the process may be killed, and while a COMMIT is on its way. */
export function createMortalDatabases(open: OpenDatabase, points: FaultPoints): OpenDatabase {
  return (spec) => {
    const database = open(spec)
    const mortal = stepwise(database, ['prepareTokens', 'begin', 'snapshot', 'hasCommitted', 'forgetTokens', 'readCursor'], points)
    return { ...mortal, begin: async (...args) => createMortalTransaction(await mortal.begin(...args), points) }
  }
}

function createMortalTransaction(transaction: TokenTransaction, points: FaultPoints): TokenTransaction {
  const mortal = stepwise(transaction, ['query', 'script', 'copyIn', 'moveCursors', 'checkConstraints', 'rollback'], points)
  return {
    ...mortal,
    commit: async () => {
      points.reach('database commit')
      const committed = transaction.commit()
      await points.reachAmid('database commit', () => setTimeout(ON_ITS_WAY))
      await committed
    },
  }
}

/** The same with a point before each of some steps. */
function stepwise<T extends Database | TokenTransaction>(target: T, steps: readonly (keyof T & string)[], points: FaultPoints): T {
  const bound = bindAll(target)
  for (const step of steps) {
    const own: unknown = bound[step]
    if (typeof own !== 'function') continue
    const mortal = (...args: unknown[]): unknown => {
      points.reach(`database ${step}`)
      return own(...args)
    }
    Object.assign(bound, { [step]: mortal })
  }
  return bound
}
