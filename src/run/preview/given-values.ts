import { nearest, PypeError } from '../../core/errors.js'
import type { Json } from '../../core/json.js'
import type { TypedValue } from '../../engine/engine.js'
import { toTypedValue } from '../execution/published/typed-value.js'
import { parseLooseJson } from '../job/exact-json.js'

/** What the command line gives in the place of what only a run would come to. */
export interface GivenValues {
  /** By `node__name` in lower case. */
  readonly globals: ReadonlyMap<string, TypedValue>
  /** Of the loops around the port, from the outside in. */
  readonly items: readonly Json[]
}

/** Reads `node__name=value` texts and items. A value is JSON, else text. Throws USAGE; `nodes` are those of the flow. */
export function readGivenValues(globals: readonly string[], items: readonly string[], nodes: readonly string[]): GivenValues {
  return {
    globals: new Map(globals.map((one) => readGlobal(one, nodes))),
    items: items.map((item) => parseLooseJson(item, '--item')),
  }
}

function readGlobal(one: string, nodes: readonly string[]): readonly [name: string, value: TypedValue] {
  const [, node, name, value] = /^(.+?)__([^=]+)=(.*)$/s.exec(one) ?? []
  if (node === undefined || name === undefined || value === undefined)
    throw new PypeError('USAGE', `--global ${one} is not of the form node__name=value.`, { hint: 'e.g. --global load__row_count=100' })
  if (!nodes.some((id) => id.toLowerCase() === node.toLowerCase())) {
    const near = nearest(node, nodes)
    throw new PypeError('USAGE', `--global ${node}__${name}: no node is called "${node}".`, {
      hint: near === undefined ? 'use the id of a node of the flow' : `did you mean "${near}__${name}"?`,
    })
  }
  return [`${node}__${name}`.toLowerCase(), toTypedValue(parseLooseJson(value, `--global ${node}__${name}`))]
}
