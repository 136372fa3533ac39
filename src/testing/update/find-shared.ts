import { type Document, isAlias, isCollection, isNode, visit } from 'yaml'
import type { Failure, FoundInstead } from '../compare/failure.js'

/** Where a test file says what was found otherwise; undefined: in a file of its own. */
export function stepsTo(found: FoundInstead, index: number): readonly (string | number)[] | undefined {
  const steps = ['cases', index, 'expect']
  if (found.kind === 'rows') return found.planned.file === undefined ? [...steps, 'rows', found.planned.key] : undefined
  if (found.kind === 'global') return [...steps, 'globals', found.key]
  return found.content.kind === 'file' ? undefined : [...steps, 'files', found.key]
}

/**
 * The name of an anchor by which several places of a test file share what a failure is about: nobody can say for which of them an
 * update would be right. Undefined when it stands there alone.
 */
export function findShared(document: Document, index: number, { found }: Failure): string | undefined {
  const steps = found === undefined ? undefined : stepsTo(found, index)
  if (steps === undefined) return undefined
  const used = usedAnchors(document)
  let node: unknown = document.contents
  for (const step of steps) {
    const shared = anchorOf(node, used)
    if (shared !== undefined) return shared
    node = isCollection(node) ? node.get(step, true) : undefined
  }
  return isNode(node) ? anchorBelow(node, used) : undefined
}

function usedAnchors(document: Document): ReadonlySet<string> {
  const used = new Set<string>()
  visit(document, { Alias: (_, { source }) => void used.add(source) })
  return used
}

function anchorOf(node: unknown, used: ReadonlySet<string>): string | undefined {
  if (isAlias(node)) return node.source
  if (!isNode(node) || !('anchor' in node) || typeof node.anchor !== 'string') return undefined
  return used.has(node.anchor) ? node.anchor : undefined
}

/** Rows that are aliases are replaced as a whole, which changes no other place. */
function anchorBelow(node: Parameters<typeof visit>[0], used: ReadonlySet<string>): string | undefined {
  let found: string | undefined
  visit(node, {
    Node: (_, each) => {
      if (isAlias(each) && each !== node) return undefined
      found = anchorOf(each, used)
      return found === undefined ? undefined : visit.BREAK
    },
  })
  return found
}
