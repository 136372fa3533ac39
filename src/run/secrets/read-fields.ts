import { fieldOf } from '../../core/json.js'
import { listShort } from '../../core/list-short.js'
import { suggestNearest } from '../../core/suggest.js'
import type { SecretFields } from './secret-provider.js'

/** Fields of a JSON object as texts. `place` says where they stand. */
export function readFields(fields: { readonly [name: string]: unknown }, place: string): SecretFields {
  const names = Object.keys(fields)
  return {
    find: (field) => {
      const value = fieldOf(fields, field)
      return typeof value === 'number' || typeof value === 'boolean' ? String(value) : typeof value === 'string' ? value : undefined
    },
    explain: (field) => {
      if (fieldOf(fields, field) !== undefined)
        return { what: `the field "${field}" ${place} is no text`, hint: 'a secret is a text, a number, true or false' }
      const known = names.length === 0 ? 'there are no fields at all' : `the fields there are ${listShort(names)}`
      return { what: `there is no field "${field}" ${place}`, hint: suggestNearest(field, names, known) }
    },
  }
}
