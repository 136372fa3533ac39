import type { PypeError } from '../../core/errors.js'
import { listShort } from '../../core/list-short.js'
import { suggestNearest } from '../../core/suggest.js'
import { isReservedWord } from '../../engine/reserved-words.js'
import { QueryError } from '../../engine/sql-place.js'
import type { PortColumns } from './flow-columns.js'

/** What to do about a fault in the SQL of a node, of whose inputs the engine knows less than the build. */
export function hintForFault(error: PypeError, inputs: ReadonlyMap<string, PortColumns>): string | undefined {
  const names = [...inputs.values()].flatMap((input) => (input.kind === 'known' ? input.columns.map(({ name }) => name) : []))
  // The engine tells only names that are like the missing one.
  const missing = /^There is no column "(.*)"\.$/.exec(error.message)?.[1]
  if (missing !== undefined) {
    return suggestNearest(missing, names, `the columns are ${listShort([...new Set(names)])}; a text stands in single quotes: '${missing}'`)
  }
  const word = findBareWord(error, names)
  return word === undefined ? error.hint : `${word} is a word of SQL: the column of that name stands in double quotes, as in "${word}" > 1`
}

/** The column called like a word of SQL at which, or right behind which, the parser stumbled. */
function findBareWord(error: PypeError, columns: readonly string[]): string | undefined {
  if (!(error instanceof QueryError) || !error.message.startsWith('syntax error')) return undefined
  const { text, offset } = error.place
  const at = /^\w+/.exec(text.slice(offset))?.[0]
  const before = /(?:^|[^\w".])(\w+)\s*$/.exec(text.slice(0, offset))?.[1]
  return [at, before]
    .filter((word) => word !== undefined)
    .find((word) => isReservedWord(word) && columns.some((name) => name.toLowerCase() === word.toLowerCase()))
}
