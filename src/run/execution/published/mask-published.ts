import type { Json } from '../../../core/json.js'
import { listRefs } from '../../../core/template.js'
import type { TypedValue } from '../../../engine/engine.js'
import { maskGlobal } from '../../secrets/mask-global.js'
import type { ExecutorDeps } from '../executor-deps.js'

/** Takes secrets out of what nodes publish. */
export interface PublishedMask {
  global(node: string, name: string, value: TypedValue): TypedValue
  items(node: string, items: readonly Json[]): Json[]
}

/**
 * Masks what nodes publish, and warns where a template of the flow gets the mask: a password may be an ordinary word, and rows and names of files
 * would silently hold `***` in its place. Of each global, and of the items of each node, once.
 */
export function createPublishedMask({ dag, masker, emit }: Pick<ExecutorDeps, 'dag' | 'masker' | 'emit'>): PublishedMask {
  const refs = listRefs([...dag.nodes.map(({ configs }) => configs), ...dag.control.map(({ condition }) => condition)])
  const used = new Set(refs.flatMap((ref) => (ref.scope === 'global' ? [`${ref.node}__${ref.name}`.toLowerCase()] : [])))
  const warned = new Set<string>()
  const warn = (node: string, what: string): void => {
    if (warned.has(what)) return
    warned.add(what)
    const message = `${what} has text that is a secret or a password too, and is masked: where a template uses it, in rows, targets or conditions, it is ***.`
    emit({ type: 'log', level: 'warn', node, message, fields: { hint: HINT } })
  }
  return {
    global: (node, name, value) => {
      const masked = maskGlobal(value, masker)
      if (masked.text !== value.text && used.has(`${node}__${name}`.toLowerCase())) warn(node, `The global ${node}__${name}`)
      return masked
    },
    items: (node, items) =>
      items.map((item) => {
        const masked = masker.maskJson(item)
        if (masked !== item && JSON.stringify(masked) !== JSON.stringify(item)) warn(node, `An item that ${node} gives to a loop`)
        return masked
      }),
  }
}

const HINT = 'publish the value without the secret; when the secret is a common word, choose another one'
