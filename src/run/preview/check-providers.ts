import type { DagNode } from '../../core/dag.js'
import { PypeError } from '../../core/errors.js'
import type { ModuleDefinition } from '../../sdk/define-module.js'
import type { LoopPlace } from '../scheduling/plan-walk.js'
import { loopsAround, type NeededNodes, type Provider } from './needed-nodes.js'

/**
 * Checks that a preview may ask every node for what others need of it: sources and mods, which only read, and solos that declare
 * `readsOnly`. Throws PREVIEW_VALUE naming all that only a run comes to, and how it is given.
 */
export function checkProviders({ providers, loopOf }: NeededNodes, definitions: ReadonlyMap<string, ModuleDefinition>): void {
  const missing = [...providers.values()].flatMap((provider) => findMissing(provider, definitions.get(provider.node.id), loopOf))
  const [first] = missing
  if (first === undefined) return
  throw new PypeError(
    'PREVIEW_VALUE',
    missing.length === 1
      ? first.message
      : ['A preview needs values that only a run comes to:', ...missing.map(({ message }) => `  ${message}`)].join('\n'),
    { hint: `give ${missing.length === 1 ? 'it' : 'them'}: ${[...new Set(missing.map(({ flag }) => flag))].join(' ')}` },
  )
}

interface Missing {
  readonly message: string
  readonly flag: string
}

function findMissing(
  { node, globals, lists }: Provider,
  definition: ModuleDefinition | undefined,
  loopOf: NeededNodes['loopOf'],
): Missing[] {
  const refusal = refusalOf(node, definition)
  const missing: Missing[] = []
  for (const [name, readers] of globals) {
    const reader = [...readers].find((each) => refusal !== undefined || isInOtherLoop(node, each, loopOf))
    if (reader === undefined) continue
    const why = refusal ?? `${node.id} runs once per item of a loop`
    missing.push({ message: `${reader.id} needs {{${node.id}__${name}}}, and ${why}.`, flag: `--global ${node.id}__${name}=VALUE` })
  }
  for (const [{ depth }, readers] of lists) {
    const [reader] = readers
    if (refusal === undefined || reader === undefined) continue
    missing.push({
      message: `${reader.id} needs an item of the list of ${node.id}, and ${refusal}.`,
      flag: Array(depth).fill('--item VALUE').join(' '),
    })
  }
  return missing
}

function refusalOf({ id, type, module }: DagNode, definition: ModuleDefinition | undefined): string | undefined {
  if (type === 'sink') return `${id} is a sink, which a preview does not run`
  return type === 'solo' && definition?.readsOnly !== true ? `${id} is a ${module}, which a preview does not run` : undefined
}

/** Then its globals are those of the last item, and the preview has at most the first. */
function isInOtherLoop(node: DagNode, reader: DagNode, loopOf: NeededNodes['loopOf']): boolean {
  const around = new Set<LoopPlace>(loopsAround(reader, loopOf))
  return loopsAround(node, loopOf).some((loop) => !around.has(loop))
}
