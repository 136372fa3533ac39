import { setTimeout } from 'node:timers/promises'
import type { Database, OpenDatabase, TokenTransaction } from '../../../../src/database/database.js'
import type { FaultPoints } from './fault-points.js'

/** Milliseconds in which a COMMIT is on its way to the server. */
const ON_ITS_WAY = 3

/** Databases at each step of which the process may be killed, and while a COMMIT is on its way. */
export function createMortalDatabases(open: OpenDatabase, points: FaultPoints): OpenDatabase {
  return (spec) => {
    const database = open(spec)
    const mortal = stepwise(database, ['prepareTokens', 'begin', 'snapshot', 'hasCommitted', 'forgetTokens', 'readCursor'], points)
    return { ...mortal, label: database.label, begin: async (...args) => createMortalTransaction(await mortal.begin(...args), points) }
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

/** The same with a point before each of some steps. Classes keep their methods to themselves: all are bound. */
function stepwise<T extends Database | TokenTransaction>(target: T, steps: readonly (keyof T & string)[], points: FaultPoints): T {
  return new Proxy(target, {
    ownKeys: () => methodsOf(target),
    getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }),
    get: (_, name) => {
      const value: unknown = Reflect.get(target, name, target)
      if (typeof value !== 'function') return value
      return (...args: unknown[]) => {
        if (steps.some((step) => step === name)) points.reach(`database ${String(name)}`)
        return value.apply(target, args)
      }
    },
  })
}

function methodsOf(target: object): string[] {
  const names = new Set<string>()
  for (let one: unknown = target; one !== Object.prototype && one !== null; one = Object.getPrototypeOf(one))
    for (const name of Object.getOwnPropertyNames(one)) if (name !== 'constructor') names.add(name)
  return [...names]
}
