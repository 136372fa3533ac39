import type { FlowEntry, FlowValue } from '../../core/flow.js'
import type { Named } from './test-file.js'

/** The value of a key; undefined where there is none. */
export function childOf(value: FlowValue | undefined, key: string): FlowValue | undefined {
  return entriesOf(value).find((entry) => entry.key === key)?.value
}

/** The keys of a map. */
export function entriesOf(value: FlowValue | undefined): readonly FlowEntry[] {
  return value?.kind === 'map' ? value.entries : []
}

/** The items of a list. */
export function itemsOf(value: FlowValue | undefined): readonly FlowValue[] {
  return value?.kind === 'list' ? value.items : []
}

/** A text; a number or a truth value as it is written. */
export function textOf(value: FlowValue | undefined): string | undefined {
  if (value?.kind !== 'scalar' || value.value === null) return undefined
  return typeof value.value === 'string' ? value.value : (value.plain ?? String(value.value))
}

/** A text with its place. */
export function namedOf(value: FlowValue | undefined): Named | undefined {
  const text = textOf(value)
  return value === undefined || text === undefined ? undefined : { text, at: value.at }
}
