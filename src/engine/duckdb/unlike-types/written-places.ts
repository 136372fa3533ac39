import { isObject } from '../../../core/json.js'
import { fieldAt } from '../syntax/syntax-tree.js'

/** What a query says itself at its places, in bytes. */
export interface WrittenPlaces {
  /** Columns as they are called, from the outermost name on. */
  readonly columns: ReadonlyMap<number, readonly string[]>
  /** Conversions that stand in the text, with the engine's name of their type. */
  readonly casts: ReadonlyMap<number, string>
  /** All places where something stands. What the engine puts in the place of a function has others. */
  readonly all: ReadonlySet<number>
}

/** Reads the places out of the engine's tree of a statement, `before` bytes of which stand before what the tree is of. */
export function readWrittenPlaces(statement: unknown, before: number): WrittenPlaces {
  const [columns, casts, all] = [new Map<number, readonly string[]>(), new Map<number, string>(), new Set<number>()]
  const walk = (node: unknown): void => {
    if (Array.isArray(node)) {
      for (const child of node) walk(child)
      return
    }
    if (!isObject(node)) return
    const place = placeOf(node)
    if (place !== undefined) {
      const at = place + before
      all.add(at)
      if (node.class === 'CAST') casts.set(at, String(fieldAt(node, 'cast_type', 'id')))
      if (node.class === 'COLUMN_REF' && Array.isArray(node.column_names)) columns.set(at, node.column_names.map(String))
    }
    for (const child of Object.values(node)) walk(child)
  }
  walk(statement)
  return { columns, casts, all }
}

/** Where a node of the engine stands, in bytes of the statement; undefined where the engine knows no place, which it may write as the largest number of 64 bits. */
export function placeOf(node: unknown): number | undefined {
  const at = fieldAt(node, 'query_location')
  return typeof at === 'number' && Number.isSafeInteger(at) ? at : undefined
}
