import { fieldOf } from '../../core/json.js'
import { listShort } from '../../core/list-short.js'
import type { SecretFields } from './secret-provider.js'

/** Fields of a JSON object as texts. `place` says where they stand. */
export function readFields(fields: { readonly [name: string]: unknown }, place: string): SecretFields {
  const names = Object.keys(fields)
  return {
    find: (field) => {
      const value = fieldOf(fields, field)
      return typeof value === 'number' || typeof value === 'boolean' ? String(value) : typeof value === 'string' ? value : undefined
    },
    place,
    hint: names.length === 0 ? 'there are no fields at all' : `the fields there are ${listShort(names)}`,
  }
}
