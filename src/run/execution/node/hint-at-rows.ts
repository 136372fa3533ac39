import type { Dag, DagNode } from '../../../core/dag.js'
import type { PypeError } from '../../../core/errors.js'
import type { FramePath } from '../../../core/frame.js'
import type { JsonObject } from '../../../core/json.js'
import { quoteWord } from '../../../core/quote-word.js'
import { CONNECT_REJECT } from '../../../core/reject-hint.js'
import { listRefs, type TemplateRef } from '../../../core/template.js'

/** What a preview has to be given to see what a run sees. */
export interface GivenOptions {
  /** As `--context` takes it; undefined: the default one. */
  readonly context: string | undefined
  /** What was set over the context. */
  readonly set: JsonObject
  /** The logical time. */
  readonly time: string
  /** Where relative paths start; undefined: in the current folder. */
  readonly cwd: string | undefined
}

/** Where the error of a node came up. */
export interface ErrorPlace {
  readonly node: DagNode
  readonly frame: FramePath
  readonly dag: Dag
  readonly flowFile: string
}

/**
 * The hint of an error, for a row that the reject port of its node would have taken with the command that shows all such rows. Only where
 * a preview needs nothing for that which a run alone comes to: a value that a node publishes, or the item of a loop.
 */
export function hintAtRows({ code, hint }: PypeError, { node, frame, dag, flowFile }: ErrorPlace, given: GivenOptions): string | undefined {
  const isOfReject = code === 'BAD_ROW' && hint?.endsWith(CONNECT_REJECT) === true && node.output_ports.includes('reject')
  if (!isOfReject || frame.length > 0) return hint
  const refs = listSenders(node, dag).flatMap(({ configs }) => listRefs(configs))
  if (refs.some(({ scope }) => scope === 'global' || scope === 'iter')) return hint
  const command = ['pype', 'preview', flowFile, `${node.id}.reject`, ...listOptions(refs, given)]
  return `${hint}; \`${command.map(quoteWord).join(' ')}\` shows them`
}

/** The node and all that its rows come from. */
function listSenders(node: DagNode, { nodes, data }: Dag): readonly DagNode[] {
  const senders = new Set([node.id])
  for (const id of senders) for (const { from } of data.filter(({ to }) => to === id)) senders.add(from)
  return nodes.filter(({ id }) => senders.has(id))
}

/** Of the options that were given those that the templates look at. */
function listOptions(refs: readonly TemplateRef[], { context, set, time, cwd }: GivenOptions): readonly string[] {
  const names = new Set(refs.flatMap((ref) => (ref.scope === 'context' ? [ref.name] : [])))
  const isDated = refs.some((ref) => ref.scope === 'run' && (ref.name === 'date' || ref.name === 'time'))
  const values = Object.entries(set).filter(([name]) => names.has(name))
  return [
    ...(context === undefined || names.size === 0 ? [] : ['--context', context]),
    ...values.flatMap(([name, value]) => ['--set', `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`]),
    ...(isDated ? ['--date', time] : []),
    ...(cwd === undefined ? [] : ['--cwd', cwd]),
  ]
}
