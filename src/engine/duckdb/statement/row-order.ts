import { inputsFirst, type Relation } from '../../../sdk/relation.js'

/** How a COPY whose rows may go in any order says so. Else the engine gathers what comes early, as much as its memory takes. */
export const IN_ANY_ORDER = ', PRESERVE_ORDER false'

/** What a COPY to a file says of the order of its rows: those that come from senders have none but the one that they were put in. */
export function fileOrder(relation: Relation): string {
  return isStreamed(relation) && !isSorted(relation) ? IN_ANY_ORDER : ''
}

/** What a COPY to somebody who takes rows as they come says of their order. */
export function sendingOrder(relation: Relation): string {
  return isSorted(relation) ? '' : IN_ANY_ORDER
}

/** Whether rows have been put in an order on the way: by SQL, or by their sender. */
function isSorted(relation: Relation): boolean {
  return inputsFirst([relation]).some(
    (found) =>
      (found.kind === 'query' && found.parts.some((part) => part.kind === 'text' && /\bORDER\s+BY\b/i.test(part.text))) ||
      (found.kind === 'stream' && found.ordered === true),
  )
}

/** Whether all rows come from senders. */
function isStreamed(relation: Relation): boolean {
  const origins = inputsFirst([relation]).filter(({ kind }) => kind !== 'query' && kind !== 'cast' && kind !== 'rejects')
  return origins.length > 0 && origins.every(({ kind }) => kind === 'stream')
}
