import { messageOf } from './errors.js'

/** What an error of foreign code says, with the causes that it says nothing of: `fetch failed` alone tells nobody that the server is not there. */
export function messageWithCauses(error: unknown): string {
  const told: string[] = []
  for (let each = error, depth = 0; each !== undefined && depth < DEEPEST; each = causeOf(each), depth++) {
    const message = reasonOf(each)
    if (message !== '' && !told.some((before) => before.includes(message))) told.push(message)
  }
  return told.join(': ')
}

/** A chain of causes may be a circle. */
const DEEPEST = 5

function causeOf(error: unknown): unknown {
  return error instanceof Error ? error.cause : undefined
}

/** An error that stands for several (one for each address of a server) has no message of its own. */
function reasonOf(error: unknown): string {
  const message = messageOf(error)
  if (message !== '' || !(error instanceof AggregateError)) return message
  return [...new Set(error.errors.map(reasonOf))].join(', ')
}
