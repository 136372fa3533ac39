import { PypeError } from '../../../core/errors.js'
import type { Json } from '../../../core/json.js'

/** Nesting beyond which an item is taken for a circle. */
const DEEPEST = 200

/** The list that the code of a module publishes, checked: its types may have said nothing. Throws NO_LIST. */
export function readItems(items: unknown): readonly Json[] {
  const isList = typeof items === 'object' && items !== null && Symbol.iterator in items
  if (!isList) {
    throw new PypeError('NO_LIST', `setItems got ${describe(items)}, expected a list.`, {
      hint: 'hand it an array, or what can be iterated over',
    })
  }
  const list: unknown[] = [...(items as Iterable<unknown>)]
  for (const [index, item] of list.entries()) {
    const fault = findFault(item, '', 0)
    if (fault !== undefined) {
      throw new PypeError('NO_LIST', `Item ${index} of the list${fault}, which JSON cannot hold.`, {
        hint: 'items are kept as JSON: texts, numbers, true, false, null, and arrays and plain objects of these; a Date has toISOString(), a BigInt String()',
      })
    }
  }
  return list as readonly Json[]
}

/** Where a value holds what JSON would lose or refuse, as the end of a message. A field that is undefined counts as not there. */
function findFault(value: unknown, path: string, depth: number): string | undefined {
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)) return undefined
  const where = path === '' ? ' is' : ` has at ${path}`
  if (depth > DEEPEST) return `${path === '' ? ' is' : ' has'} a circle or more than ${DEEPEST} levels`
  if (Array.isArray(value)) {
    for (const [index, inner] of value.entries()) {
      const fault = findFault(inner, `${path}[${index}]`, depth + 1)
      if (fault !== undefined) return fault
    }
    return undefined
  }
  if (typeof value !== 'object' || !isPlain(value)) return `${where} ${describe(value)}`
  for (const [name, inner] of Object.entries(value)) {
    const fault = inner === undefined ? undefined : findFault(inner, path === '' ? name : `${path}.${name}`, depth + 1)
    if (fault !== undefined) return fault
  }
  return undefined
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  if (typeof value === 'object') return isPlain(value) ? 'an object' : `a ${nameClass(value)}`
  if (typeof value === 'string') return 'a text'
  if (typeof value === 'number') return `the number ${value}`
  if (typeof value === 'bigint') return `the BigInt ${value}`
  return `a ${typeof value}`
}

function nameClass(value: { readonly constructor?: { readonly name?: string } }): string {
  return value.constructor?.name ?? 'nameless object'
}
