import { PypeError } from '../../../core/errors.js'
import { formatQuantity } from '../../../core/quantity.js'
import { suggestNearest } from '../../../core/suggest.js'
import { isChildRunId } from '../../../run/child/child-run-id.js'

/** Runs that an error names. */
const SHOWN = 4
/** Characters of a part of an id. */
const SHORTEST_PART = 3

/**
 * The run that a word means among ids that are sorted, the oldest first: `last`, `last~1` (the one before it), an id, or a part of one. What nodes
 * have started counts for `last` only where nothing else is there. Undefined: none. Throws USAGE when it could be several.
 */
export function matchRun(word: string, ids: readonly string[]): string | undefined {
  const back = /^last(?:~(\d{1,9}))?$/.exec(word)
  if (back !== null) return stepBack(ids, Number(back[1] ?? 0))
  if (ids.includes(word)) return word
  // Less than that would mean a run by chance.
  const found = word.length < SHORTEST_PART ? [] : ids.filter((id) => id.includes(word))
  const own = found.filter((id) => !isChildRunId(id))
  const meant = own.length > 0 ? own : found
  if (meant.length <= 1) return meant[0]
  throw new PypeError('USAGE', `${formatQuantity(meant.length, 'run')} could be meant by "${word}".`, {
    hint: `give more of the id: ${[...meant].reverse().slice(0, SHOWN).join(', ')}${meant.length > SHOWN ? ', …' : ''}`,
  })
}

/** The run so many before the last one. */
function stepBack(ids: readonly string[], steps: number): string | undefined {
  const own = ids.filter((id) => !isChildRunId(id))
  return (own.length > 0 ? own : ids).at(-1 - steps)
}

/** The error for a word that means no run of `whose`. `names` are words that mean something too. */
export function unknownRun(word: string, ids: readonly string[], whose: string, list: string, names: readonly string[] = []): PypeError {
  const last = stepBack(ids, 0)
  if (last === undefined)
    return new PypeError('FILE_NOT_FOUND', `There is no run${whose}.`, { hint: 'run the job first, or name the folder with --runs' })
  const otherwise = `the last one is ${last}; \`${list}\` lists them`
  if (/~\d+$/.test(word)) {
    return new PypeError(
      'FILE_NOT_FOUND',
      `There is no run ${word}: there ${ids.length === 1 ? 'is' : 'are'} ${formatQuantity(ids.length, 'run')}${whose}.`,
      {
        hint: otherwise,
      },
    )
  }
  return new PypeError('FILE_NOT_FOUND', `There is no run ${word}${whose}.`, { hint: suggestNearest(word, [...ids, ...names], otherwise) })
}
