import { isObject } from '../../../core/json.js'

/** What stands at a path in the engine's tree of a statement; undefined where there is nothing. */
export function fieldAt(node: unknown, ...path: readonly string[]): unknown {
  let found = node
  for (const key of path) found = isObject(found) ? found[key] : undefined
  return found
}

/** The elements of a list; none where there is no list. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** Whether there is nothing, or a list without elements. */
export function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || (Array.isArray(value) && value.length === 0)
}
