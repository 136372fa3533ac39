/** What a kind of YAML file has to look like, and how its faults are put into words. */
export interface FileShape {
  /** Name of its schema, without `.schema.json`. */
  readonly schema: 'flow' | 'test'
  /** What one file holds: `flow`. */
  readonly noun: string
  /** What is expected of an empty file, and what to do about it. */
  readonly expected: string
  readonly advice: string
  /** For a file whose top is no map. */
  readonly hint: string
  /** The page of the docs on such files. */
  readonly page: string
  /** A place inside of the file in the words of its author; `steps` are the keys and indexes that lead there. */
  readonly describePath: (steps: readonly string[]) => string
  /** Whether a fault of the schema is left to a later check, which says more. */
  readonly isCheckedElsewhere?: (instancePath: string, keyword: string) => boolean
}

/** A flow file. */
export const FLOW_SHAPE: FileShape = {
  schema: 'flow',
  noun: 'flow',
  expected: 'a flow with `flow`, `modules` and `connections`',
  advice: 'write these three keys, or name another file',
  hint: 'a flow has the keys `flow`, `modules` and `connections`',
  page: 'flow-language.md',
  describePath: describeFlowPath,
  // The grammar of valves says more of a wrong order.
  isCheckedElsewhere: (instancePath, keyword) => /^\/connections\/control\/\d+\/order$/.test(instancePath) && keyword !== 'type',
}

/** `modules[2].id`, in the words of a flow's author: `the id of module 3`. */
function describeFlowPath(steps: readonly string[]): string {
  const [top, index, ...rest] = steps
  if (top === 'modules' && index !== undefined) return `${rest.length === 0 ? '' : `\`${rest.join('.')}\` of `}module ${Number(index) + 1}`
  if (top === 'connections' && index !== undefined && rest.length > 0) {
    const [item, ...inner] = rest
    return `${inner.length === 0 ? '' : `\`${inner.join('.')}\` of `}${index} connection ${Number(item) + 1}`
  }
  return `\`${steps.join('.')}\``
}
