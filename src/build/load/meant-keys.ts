import { nearest } from '../../core/errors.js'
import type { FlowValue } from '../../core/flow.js'
import type { SchemaProperties } from './schema-words.js'

/** The known key that an unknown one of a map means and that the map does not have yet: by a word that is often written for it, or by its letters. */
export function findMeantKey(map: FlowValue, key: string, known: SchemaProperties): string | undefined {
  if (map.kind !== 'map') return undefined
  const given = new Set(map.entries.map((entry) => entry.key))
  const free = Object.keys(known).filter((name) => !given.has(name))
  return free.find((name) => oftenWritten(known[name]).includes(key.toLowerCase())) ?? nearest(key, free)
}

/** The file with another name for one key of the map that the steps lead to. */
export function renameKey(root: FlowValue, steps: readonly string[], key: string, name: string): FlowValue {
  const [step, ...rest] = steps
  if (root.kind === 'list')
    return { ...root, items: root.items.map((item, index) => (String(index) === step ? renameKey(item, rest, key, name) : item)) }
  if (root.kind !== 'map') return root
  const entries = root.entries.map((entry) => {
    if (step === undefined) return entry.key === key ? { ...entry, key: name } : entry
    return entry.key === step ? { ...entry, value: renameKey(entry.value, rest, key, name) } : entry
  })
  return { ...root, entries }
}

function oftenWritten(schema: unknown): readonly unknown[] {
  if (typeof schema !== 'object' || schema === null || !('x-often-written' in schema)) return []
  return [schema['x-often-written']].flat()
}
