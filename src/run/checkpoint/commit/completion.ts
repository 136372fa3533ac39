import type { SubFlowOutcome } from '../../execution/sub-flow/sub-flow-outcome.js'
import type { Completion } from '../journal/records.js'

/** What the completed record of a sub flow holds. */
export function toCompletion({ globals, boundaries, nodes, items, provisional, columns, work }: SubFlowOutcome): Completion {
  return {
    globals,
    boundaries,
    nodes,
    ...(Object.keys(items).length === 0 ? {} : { items }),
    ...(provisional === true ? { provisional } : {}),
    ...(columns === undefined || Object.keys(columns).length === 0 ? {} : { columns }),
    ...(work === undefined ? {} : { work }),
  }
}
