import { nearest } from '../../core/errors.js'
import type { FlowModule } from '../../core/flow.js'
import { checkConfigValue } from '../../registry/config-check.js'
import type { ModuleDefinition } from '../../sdk/define-module.js'
import { toJson } from '../load/flow-value.js'

/**
 * Which config of its module each unknown one of a node means: the nearest that the node does not have, one of whose words it is
 * (`path`, `file_path`), or else, where one is unknown and one is missing, that one, if the value would do for it.
 */
export function findMeantConfigs(use: FlowModule, definition: ModuleDefinition): ReadonlyMap<string, string> {
  const { required, optional } = definition.config
  const free = new Set(Object.keys({ ...required, ...optional }))
  for (const { key } of use.configs) free.delete(key)
  const meant = new Map<string, string>()
  const unknown = use.configs.filter(({ key }) => !Object.hasOwn(required, key) && !Object.hasOwn(optional, key))
  for (const { key } of unknown) {
    const name = nearest(key, free) ?? findByWord(key, free)
    if (name === undefined) continue
    meant.set(key, name)
    free.delete(name)
  }
  const [other, ...others] = unknown.filter(({ key }) => !meant.has(key))
  const [missing, ...more] = Object.keys(required).filter((name) => free.has(name))
  const spec = missing === undefined ? undefined : required[missing]
  if (other === undefined || others.length > 0 || missing === undefined || more.length > 0 || spec === undefined) return meant
  if (checkConfigValue(spec, toJson(other.value)) === undefined) meant.set(other.key, missing)
  return meant
}

/** The one name that has all words of the key among its own, or the other way round. */
function findByWord(key: string, names: Iterable<string>): string | undefined {
  const words = key.toLowerCase().split('_')
  const isWithin = (inner: readonly string[], outer: readonly string[]) => inner.every((word) => outer.includes(word))
  const [found, ...others] = [...names].filter((name) => isWithin(words, name.split('_')) || isWithin(name.split('_'), words))
  return others.length === 0 ? found : undefined
}
